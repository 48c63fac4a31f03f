//! One figure, as it is printed.

use std::fmt;

use serde::Serialize;

/// What something costs here and what the baseline costs.
#[derive(Debug, Serialize)]
pub struct Figure {
    pub name: String,
    pub unit: &'static str,
    pub value: f64,
    pub baseline: &'static str,
    pub baseline_value: f64,
    pub ratio: f64,
}

impl Figure {
    pub const HEADING: &'static str =
        "figure                                    value     baseline  ratio  baseline is";

    /// Costs in nanoseconds; they are given to a tenth, ratios to a thousandth.
    pub fn nanoseconds(
        name: String,
        value: f64,
        baseline: &'static str,
        baseline_value: f64,
    ) -> Self {
        let ratio = (value / baseline_value * 1000.0).round() / 1000.0;
        let tenths = |value: f64| (value * 10.0).round() / 10.0;
        let (value, baseline_value) = (tenths(value), tenths(baseline_value));
        Self { name, unit: "ns", value, baseline, baseline_value, ratio }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, unit, value, baseline, baseline_value, ratio } = self;
        write!(
            f,
            "{name:<32} {value:>11.0} {unit} {baseline_value:>9.0} {unit} {ratio:>6.3}  {baseline}"
        )
    }
}
