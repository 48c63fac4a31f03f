//! Checking a token at an API, claims read and typed: against the bare signature check of the cryptographic
//! library with its key parsed once, which no verifier can undercut; and for a token that was seen before, against
//! the least that a cache of verified tokens is.

pub mod bare;
mod floor;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use countersign::protocol::bearer::{Credentials, Scheme};
use countersign::{Outcome, Presented, Requirement, ResourceServer};
use countersign_jose::Algorithm;

use crate::figure::Figure;
use crate::measure::{Samples, side_by_side};
use crate::tokens::{Signer, forged};

use bare::Bare;
use floor::Floor;

/// Takes `verify/{rs256,es256,eddsa}/{new,seen,bad_signature,expired}`, `verify/seen/10k` and
/// `verify/seen/two_threads`.
pub fn take(give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    for (name, algorithm) in
        [("rs256", Algorithm::Rs256), ("es256", Algorithm::Es256), ("eddsa", Algorithm::EdDsa)]
    {
        let signer = Signer::new(algorithm)?;
        new(name, &signer, give)?;
        seen(&format!("verify/{name}/seen"), &signer, 1, give)?;
        refused(
            &format!("verify/{name}/bad_signature"),
            &signer,
            &forged(&signer.token(0)?),
            give,
        )?;
        refused(&format!("verify/{name}/expired"), &signer, &signer.expired()?, give)?;
    }
    // ES256, since ten thousand of them are signed in a moment; a hit does not look at the algorithm.
    let signer = Signer::new(Algorithm::Es256)?;
    seen("verify/seen/10k", &signer, 10_000, give)?;
    two_threads(&signer, give)
}

/// Tokens that the cache has forgotten by the time they come again.
fn new(name: &str, signer: &Signer, give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    let api = signer.api(SMALL_CACHE)?;
    let bare = Bare::new(signer)?;
    let tokens = signer.tokens(NEW)?;
    for token in tokens.iter() {
        ensure!(passes(&api, token) && bare.holds(token), "{name}: a good token does not pass");
    }
    ensure!(api.cached() < NEW / 4, "{name}: {} tokens are remembered", api.cached());
    let parts: Vec<_> = tokens.iter().map(|token| bare.parts(token)).collect();
    let (mut ours, mut theirs) = (tokens.iter().cycle(), parts.iter().cycle());
    let (ours, theirs) = side_by_side(
        || ours.next().is_some_and(|token| passes(&api, token)),
        || theirs.next().is_some_and(|parts| bare.verify(parts)),
    );
    give(Figure::least(format!("verify/{name}/new"), "ns", &ours, BARE, &theirs))
}

fn seen(
    name: &str,
    signer: &Signer,
    many: usize,
    give: &mut dyn FnMut(Figure) -> Result<()>,
) -> Result<()> {
    let api = signer.api(LARGE_CACHE)?;
    let tokens = signer.tokens(many)?;
    let floor = Floor::new(&tokens);
    ensure!(tokens.iter().all(|token| passes(&api, token)), "{name}: a good token does not pass");
    ensure!(api.cached() == many, "{name}: {} tokens are remembered", api.cached());
    ensure!(tokens.iter().all(|token| floor.holds(token)), "{name}: the baseline forgets");
    let (mut ours, mut theirs) = (tokens.iter().cycle(), tokens.iter().cycle());
    let (ours, theirs) = side_by_side(
        || ours.next().is_some_and(|token| passes(&api, token)),
        || theirs.next().is_some_and(|token| floor.holds(token)),
    );
    give(Figure::least(name, "ns", &ours, FLOOR, &theirs))
}

fn refused(
    name: &str,
    signer: &Signer,
    token: &str,
    give: &mut dyn FnMut(Figure) -> Result<()>,
) -> Result<()> {
    let api = signer.api(LARGE_CACHE)?;
    let bare = Bare::new(signer)?;
    ensure!(passes(&api, &signer.token(0)?), "{name}: a good token does not pass");
    ensure!(!passes(&api, token), "{name}: the token passes");
    let parts = bare.parts(token);
    let (ours, theirs) = side_by_side(|| passes(&api, token), || bare.verify(&parts));
    give(Figure::least(name, "ns", &ours, BARE, &theirs))
}

/// Wall time, as threads that wait for each other spend none on a processor.
fn two_threads(signer: &Signer, give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    let api = signer.api(LARGE_CACHE)?;
    let tokens = signer.tokens(SHARED)?;
    ensure!(tokens.iter().all(|token| passes(&api, token)), "a good token does not pass");
    let (mut one, mut two) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        one.add(together(1, &api, &tokens)?);
        two.add(together(2, &api, &tokens)?);
    }
    give(Figure::least("verify/seen/two_threads", "ns", &two, "one thread", &one))
}

/// Nanoseconds for each check while so many threads check at once.
fn together(threads: usize, api: &ResourceServer, tokens: &[String]) -> Result<f64> {
    let arrived = AtomicUsize::new(0);
    let check = |from: usize| {
        // Nobody sleeps before the start: waking up takes as long as many checks.
        arrived.fetch_add(1, Ordering::SeqCst);
        while arrived.load(Ordering::SeqCst) < threads {
            std::hint::spin_loop();
        }
        let begin = Instant::now();
        let good = tokens.iter().cycle().skip(from).take(CALLS).filter(|token| passes(api, token));
        (begin, good.count(), Instant::now())
    };
    let spans = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || check(thread * SHARED / threads)))
            .collect();
        handles.into_iter().map(|handle| handle.join().ok()).collect::<Option<Vec<_>>>()
    });
    let spans = spans.context("a thread panicked")?;
    ensure!(spans.iter().all(|(_, good, _)| *good == CALLS), "a good token does not pass");
    let begin = spans.iter().map(|(begin, ..)| *begin).min().context("a thread")?;
    let end = spans.iter().map(|(.., end)| *end).max().context("a thread")?;
    Ok((end - begin).as_nanos() as f64 / (threads * CALLS) as f64)
}

/// From the text of the header's token to a token with its claims.
fn passes(api: &ResourceServer, token: &str) -> bool {
    let Ok(credentials) = Credentials::new(Scheme::Bearer, token) else { return false };
    let outcome = api.check_now(&Presented::new(credentials), &Requirement::new());
    matches!(outcome, Outcome::Settled(Ok(_)))
}

const BARE: &str = "aws-lc-rs";
const FLOOR: &str = "hashbrown, foldhash";
/// Several times more than the small cache holds.
const NEW: usize = 2_048;
const SMALL_CACHE: usize = 512 * 1024;
const LARGE_CACHE: usize = 256 * 1024 * 1024;
/// The tokens that threads share.
const SHARED: usize = 100;
/// Short, so that in some rounds nobody else is on either processor.
const CALLS: usize = 1_000;
const ROUNDS: u32 = 3_000;
