//! The random strings of one login, each drawn from 32 random bytes that the caller hands in.

use countersign_jose::{base64url, digest};

use super::secret::Secret;

/// How many random bytes each of these strings is made of (RFC 7636 section 7.1 asks for 256 bits).
pub const RANDOM_BYTES: usize = 32;

/// `state` (RFC 6749 section 10.12): ties the callback to the browser that began.
///
/// The number behind the dot says how often this login was started again by itself. It rides in
/// the state because a browser that returns no cookie leaves nothing else to remember it by.
///
/// ```
/// use countersign_protocol::value::random;
/// let state = random::state([7; 32], 2);
/// assert_eq!(random::attempt(&state), 2);
/// assert_eq!(random::attempt("made by somebody else"), 0);
/// ```
#[must_use]
pub fn state(random: [u8; RANDOM_BYTES], attempt: u8) -> String {
    let mut state = base64url::encode(&random);
    if attempt > 0 {
        state.push('.');
        state.push_str(&attempt.to_string());
    }
    state
}

/// How often the login with this `state` was started again by itself.
#[must_use]
pub fn attempt(state: &str) -> u8 {
    state.rsplit_once('.').and_then(|(_, attempt)| attempt.parse().ok()).unwrap_or(0)
}

/// `nonce` (OpenID Connect Core 1.0 section 15.5.2): ties the ID token to this login.
#[must_use]
pub fn nonce(random: [u8; RANDOM_BYTES]) -> String {
    base64url::encode(&random)
}

/// `code_verifier` (RFC 7636 section 4.1): ties the code to whoever asked for it.
#[must_use]
pub fn verifier(random: [u8; RANDOM_BYTES]) -> Secret {
    Secret::from(base64url::encode(&random))
}

/// `code_challenge` for the method `S256` (RFC 7636 section 4.2).
///
/// ```
/// use countersign_protocol::{Secret, value::random::challenge};
/// // RFC 7636, appendix B
/// let verifier = Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
/// assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// ```
#[must_use]
pub fn challenge(verifier: &Secret) -> String {
    base64url::encode(&digest::sha256(verifier.expose().as_bytes()))
}
