//! What a reviewer should search for: the ways around a check, each with the reason why it exists.

use crate::id_token::{IdToken, IdTokenError, IdTokenRules};
use crate::value::secret::Secret;
use crate::value::time::UnixTime;
use crate::verified::Verified;

/// An identity that was verified when it came and has been kept under this application's own seal
/// since. Its signature is not checked again: the provider may have rotated the key away, and the
/// token's own `exp` says nothing about a session.
///
/// Dangerous with anything that did not come out of an authenticated record of one's own.
///
/// # Errors
/// [`IdTokenError`] when it is no ID token at all.
pub fn kept_identity(
    raw: &Secret,
    verified_at: UnixTime,
) -> Result<Verified<IdToken>, IdTokenError> {
    IdTokenRules::kept(raw, verified_at)
}
