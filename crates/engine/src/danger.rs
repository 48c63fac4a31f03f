//! Everything that weakens a default. A reviewer searches for this one word.

use countersign_protocol::access_token::AudienceRule;

use crate::{
    KeptSession, Provider, RelyingPartyBuilder, ResourceServerBuilder, Session, TrustedIssuer,
};

pub use countersign_protocol::danger::{
    drawn_by_hand, kept_claims, kept_identity, kept_login, login_without_nonce, plain_http_issuer,
    plain_http_metadata, test_keys_metadata, without_pkce,
};

/// Accepts a provider by plain http beyond the loopback: for a private network whose every machine
/// is trusted with every token. Logged when the relying party is built.
#[must_use]
pub fn plain_http(provider: Provider) -> Provider {
    provider.plain_http()
}

/// Reads access tokens from the query as well (RFC 6750 section 2.3), where logs, histories and
/// `Referer` keep them. Logged when the resource server is built.
#[must_use]
pub fn token_in_query(mut builder: ResourceServerBuilder) -> ResourceServerBuilder {
    builder.places.query = true;
    builder
}

/// Reads access tokens from forms as well (RFC 6750 section 2.2), which any site can have a browser
/// send. Logged when the resource server is built.
#[must_use]
pub fn token_in_form(mut builder: ResourceServerBuilder) -> ResourceServerBuilder {
    builder.places.form = true;
    builder
}

/// A redirect URI with plain http beyond the loopback: whoever is on the way reads the code. For
/// applications behind a proxy that tells them nothing of https, and for old tests.
#[must_use]
pub fn plain_http_redirect(mut builder: RelyingPartyBuilder) -> RelyingPartyBuilder {
    builder.plain_http_redirect = true;
    builder
}

/// A session from its parts. Whoever calls this got them from a place that nobody but the
/// application can write to: what stands there counts as verified.
#[must_use]
pub fn kept_session(parts: KeptSession) -> Session {
    parts.restored()
}

/// `aud` of signed tokens is not looked at: a token that was issued for any other API opens this
/// one. For applications that come from libraries which never looked.
#[must_use]
pub fn any_audience(mut issuer: TrustedIssuer) -> TrustedIssuer {
    issuer.audience = AudienceRule::Any;
    issuer
}
