//! Checking a token, against the bare signature check of the cryptographic library with its key parsed once:
//! what no verifier can be faster than.
//!
//! The token is an access token as Keycloak writes them, about 1.2 kB with RS256, and the key set holds five keys.

mod baseline;
mod token;

use anyhow::{Result, ensure};
use countersign_jose::{Algorithm, Allowed, Jws, KeySet};

use crate::figure::Figure;
use crate::measure::side_by_side;

use baseline::Bare;
use token::Sample;

/// Takes `verify/{rs256,es256,eddsa}/{new,bad_signature}`.
pub fn take(give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    for (name, algorithm) in
        [("rs256", Algorithm::Rs256), ("es256", Algorithm::Es256), ("eddsa", Algorithm::EdDsa)]
    {
        let sample = Sample::new(algorithm)?;
        let bare = Bare::new(&sample)?;
        let allowed = Allowed::asymmetric();
        let (keys, good, bad) = (&sample.keys, &sample.token, &sample.forged());

        // What is measured has to be what it is called.
        ensure!(check(good, keys, &allowed) && bare.holds(good), "{name}: the token does not pass");
        ensure!(!check(bad, keys, &allowed) && !bare.holds(bad), "{name}: the forged token passes");

        let parts = bare.parts(good);
        let (ours, theirs) = side_by_side(|| check(good, keys, &allowed), || bare.verify(&parts));
        give(Figure::least(format!("verify/{name}/new"), "ns", &ours, BASELINE, &theirs))?;

        let parts = bare.parts(bad);
        let (ours, theirs) = side_by_side(|| check(bad, keys, &allowed), || bare.verify(&parts));
        give(Figure::least(
            format!("verify/{name}/bad_signature"),
            "ns",
            &ours,
            BASELINE,
            &theirs,
        ))?;
    }
    Ok(())
}

/// From the text to the claims.
fn check(token: &str, keys: &KeySet, allowed: &Allowed) -> bool {
    let payload = Jws::parse(token).and_then(|token| token.verify(keys, allowed));
    payload.is_ok_and(|payload| payload.object().is_ok())
}

const BASELINE: &str = "aws-lc-rs";
