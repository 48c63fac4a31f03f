//! What a reviewer should search for: the ways around a check, each with the reason why it exists.

use crate::discovery::{DiscoveryError, Metadata, Purpose};
use crate::id_token::{IdToken, IdTokenError, IdTokenRules};
use crate::value::issuer::{Issuer, IssuerError};
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

/// An issuer by plain http beyond the loopback: every machine on the way can read and change what
/// is said.
///
/// # Errors
/// [`IssuerError`] when it can't be an issuer for another reason.
pub fn plain_http_issuer(text: &str) -> Result<Issuer, IssuerError> {
    Issuer::parse_any_scheme(text)
}

/// Written metadata whose addresses are plain http beyond the loopback.
///
/// # Errors
/// [`DiscoveryError`] names the member that is missing or wrong.
pub fn plain_http_metadata(document: &[u8]) -> Result<Metadata, DiscoveryError> {
    Metadata::written(document, Purpose::Login, true)
}

/// The same for an API, as [`Metadata::for_api`].
///
/// # Errors
/// [`DiscoveryError`] names the member that is missing or wrong.
pub fn plain_http_api_metadata(document: &[u8]) -> Result<Metadata, DiscoveryError> {
    Metadata::written(document, Purpose::Api, true)
}
