//! Two things measured in turns.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

/// The least cost of one call of each, in nanoseconds.
pub fn side_by_side<A, B>(
    mut ours: impl FnMut() -> A,
    mut theirs: impl FnMut() -> B,
) -> (f64, f64) {
    let (our_calls, their_calls) = (calls_per_batch(&mut ours), calls_per_batch(&mut theirs));
    let (mut our_least, mut their_least) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        our_least = our_least.min(batch(&mut ours, our_calls));
        their_least = their_least.min(batch(&mut theirs, their_calls));
    }
    (our_least, their_least)
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
