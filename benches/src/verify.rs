//! The signature layer alone, from a token's text to its claims: against the bare signature check of the
//! cryptographic library with its key parsed once.

use anyhow::{Result, ensure};
use countersign_jose::{Algorithm, Allowed, HeaderCache, KeySet};

use crate::check::bare::Bare;
use crate::figure::Figure;
use crate::measure::side_by_side;
use crate::tokens::{Signer, forged};

/// Takes `jose/{rs256,es256,eddsa}/{new,bad_signature}`.
pub fn take(give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    for (name, algorithm) in
        [("rs256", Algorithm::Rs256), ("es256", Algorithm::Es256), ("eddsa", Algorithm::EdDsa)]
    {
        let signer = Signer::new(algorithm)?;
        let bare = Bare::new(&signer)?;
        let layer = Layer { keys: signer.keys(), headers: HeaderCache::default() };
        let good = &signer.token(0)?;
        let bad = &forged(good);

        // What is measured has to be what it is called.
        ensure!(layer.check(good) && bare.holds(good), "{name}: the token does not pass");
        ensure!(!layer.check(bad) && !bare.holds(bad), "{name}: the forged token passes");

        for (kind, token) in [("new", good), ("bad_signature", bad)] {
            let parts = bare.parts(token);
            let (ours, theirs) = side_by_side(|| layer.check(token), || bare.verify(&parts));
            give(Figure::least(format!("jose/{name}/{kind}"), "ns", &ours, BASELINE, &theirs))?;
        }
    }
    Ok(())
}

struct Layer {
    keys: KeySet,
    headers: HeaderCache,
}

impl Layer {
    /// From the text to the claims, of which some are read.
    fn check(&self, token: &str) -> bool {
        let token = self.headers.parse(token);
        let payload = token.and_then(|token| token.verify(&self.keys, &Allowed::asymmetric()));
        payload.ok().and_then(|payload| payload.document().ok()).is_some_and(|claims| {
            ["iss", "aud", "exp", "sub", "scope"].iter().all(|name| claims.get(name).is_some())
        })
    }
}

const BASELINE: &str = "aws-lc-rs";
