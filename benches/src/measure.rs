//! Two things measured in turns.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

/// What one thing cost in each of many rounds, in nanoseconds.
#[derive(Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    pub fn add(&mut self, nanoseconds: f64) {
        self.0.push(nanoseconds);
    }

    /// What it costs where nothing disturbs.
    pub fn least(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub fn median(&self) -> f64 {
        Self::middle(self.0.clone())
    }

    /// The median of the rounds' ratios: what disturbs a round disturbs both sides of it.
    pub fn ratio_to(&self, other: &Self) -> f64 {
        Self::middle(self.0.iter().zip(&other.0).map(|(ours, theirs)| ours / theirs).collect())
    }

    fn middle(mut sorted: Vec<f64>) -> f64 {
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// The cost of one call of each, round by round.
pub fn side_by_side<A, B>(
    mut ours: impl FnMut() -> A,
    mut theirs: impl FnMut() -> B,
) -> (Samples, Samples) {
    let (our_calls, their_calls) = (calls_per_batch(&mut ours), calls_per_batch(&mut theirs));
    let (mut our_costs, mut their_costs) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        our_costs.add(batch(&mut ours, our_calls));
        their_costs.add(batch(&mut theirs, their_calls));
    }
    (our_costs, their_costs)
}

/// How many calls take about as long as a batch should; it warms up on the way.
fn calls_per_batch<T>(call: &mut impl FnMut() -> T) -> u32 {
    let mut calls = 1;
    loop {
        let took = batch(call, calls) * f64::from(calls);
        if took >= BATCH.as_nanos() as f64 {
            return calls;
        }
        calls *= 2;
    }
}

fn batch<T>(call: &mut impl FnMut() -> T, calls: u32) -> f64 {
    let start = ThreadTime::now();
    for _ in 0..calls {
        black_box(call());
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}

/// Short enough to fall between two disturbances, long against the clock's own cost.
const BATCH: Duration = Duration::from_millis(2);
const ROUNDS: u32 = 400;
