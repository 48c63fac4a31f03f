//! One figure, as it is printed.

use std::fmt;

use serde::Serialize;

use crate::measure::Samples;

/// What something costs here and what the baseline costs.
#[derive(Debug, Serialize)]
pub struct Figure {
    pub name: String,
    pub unit: &'static str,
    pub value: f64,
    pub baseline: &'static str,
    pub baseline_value: f64,
    pub ratio: f64,
    /// Ours and the baseline's, where there were many rounds: they show how much the machine was disturbed.
    #[serde(skip)]
    medians: Option<(f64, f64)>,
}

impl Figure {
    pub const HEADING: &'static str = "figure                                               value      baseline        ratio  baseline is; medians of both";

    /// Values are given to a tenth, ratios to a thousandth.
    pub fn new(
        name: impl Into<String>,
        unit: &'static str,
        value: f64,
        baseline: &'static str,
        baseline_value: f64,
    ) -> Self {
        let ratio = (value / baseline_value * 1000.0).round() / 1000.0;
        let (value, baseline_value) = (tenths(value), tenths(baseline_value));
        let name = name.into();
        Self { name, unit, value, baseline, baseline_value, ratio, medians: None }
    }

    /// The least of ours beside the least of the baseline.
    pub fn least(
        name: impl Into<String>,
        unit: &'static str,
        ours: &Samples,
        baseline: &'static str,
        theirs: &Samples,
    ) -> Self {
        let per = nanoseconds_in(unit);
        let figure = Self::new(name, unit, ours.least() / per, baseline, theirs.least() / per);
        Self { medians: Some((ours.median() / per, theirs.median() / per)), ..figure }
    }

    /// Medians of both, and the median of their ratios round by round.
    pub fn paired(
        name: impl Into<String>,
        unit: &'static str,
        ours: &Samples,
        baseline: &'static str,
        theirs: &Samples,
    ) -> Self {
        let figure = Self::median(name, unit, ours, baseline, theirs);
        Self { ratio: (ours.ratio_to(theirs) * 1000.0).round() / 1000.0, ..figure }
    }

    /// Our median beside the baseline's.
    pub fn median(
        name: impl Into<String>,
        unit: &'static str,
        ours: &Samples,
        baseline: &'static str,
        theirs: &Samples,
    ) -> Self {
        let per = nanoseconds_in(unit);
        Self::new(name, unit, ours.median() / per, baseline, theirs.median() / per)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, unit, value, baseline, baseline_value, ratio, medians } = self;
        let digits = usize::from(*value < 1000.0);
        write!(
            f,
            "{name:<46} {value:>11.digits$} {unit:<6} {baseline_value:>8.digits$} {unit:<6} {ratio:>6.3}  {baseline}"
        )?;
        match medians {
            Some((ours, theirs)) => write!(f, "; {ours:.digits$}, {theirs:.digits$}"),
            None => Ok(()),
        }
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn nanoseconds_in(unit: &str) -> f64 {
    match unit {
        "ms" => 1e6,
        "µs" => 1e3,
        _ => 1.0,
    }
}
