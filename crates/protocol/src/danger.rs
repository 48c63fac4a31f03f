//! What a reviewer should search for: the ways around a check, each with the reason why it exists.

use countersign_jose::json::Object;

use crate::discovery::{DiscoveryError, Metadata, Purpose};
use crate::id_token::{Earlier, IdToken, IdTokenError, IdTokenRules};
use crate::login::{KeptRequest, KeptRequestError, LoginOptions, PendingLogin};
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
    IdTokenRules::kept(raw, Earlier::default(), verified_at)
}

/// The same for a renewed identity, with what the ID tokens before it said.
///
/// # Errors
/// As [`kept_identity`].
pub fn kept_renewed_identity(
    raw: &Secret,
    earlier: Earlier,
    verified_at: UnixTime,
) -> Result<Verified<IdToken>, IdTokenError> {
    IdTokenRules::kept(raw, earlier, verified_at)
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

/// The same of claims alone, where the token itself was not kept.
///
/// # Errors
/// [`IdTokenError`] when they lack `iss` or `sub`.
pub fn kept_claims(
    claims: Object,
    verified_at: UnixTime,
) -> Result<Verified<IdToken>, IdTokenError> {
    IdTokenRules::kept_claims(claims, verified_at)
}

/// A login whose `state` and `nonce` the application drew itself; both have at least 16 characters
/// that nobody can guess.
#[must_use]
pub fn drawn_by_hand(options: LoginOptions, state: &str, nonce: &str) -> LoginOptions {
    options.chosen(state, nonce)
}

/// A login without PKCE (RFC 7636): whoever sees the code may redeem it, if he can authenticate as
/// this client. For providers that refuse parameters which they don't know.
#[must_use]
pub fn without_pkce(options: LoginOptions) -> LoginOptions {
    options.without_pkce()
}

/// A login under way, from the parameters of its request. Whoever calls this kept them where only
/// the browser that began the login can bring them back, and protected against changes.
///
/// # Errors
/// [`KeptRequestError`] names the parameter that is missing.
pub fn kept_login(kept: KeptRequest<'_>) -> Result<PendingLogin, KeptRequestError> {
    kept.pending(true)
}

/// The same where nobody kept the nonce: an ID token that was taken from another login of the same
/// client passes. What ties it to this one is the code alone, and PKCE if it was used.
///
/// # Errors
/// [`KeptRequestError`] names the parameter that is missing.
pub fn login_without_nonce(kept: KeptRequest<'_>) -> Result<PendingLogin, KeptRequestError> {
    kept.pending(false)
}

/// Metadata for an API under test, whose `jwks` may hold RSA keys from 1,024 bits.
///
/// # Errors
/// [`DiscoveryError`] names the member that is missing or wrong.
pub fn test_keys_metadata(document: &[u8]) -> Result<Metadata, DiscoveryError> {
    Metadata::with_test_keys(document)
}
