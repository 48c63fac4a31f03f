//! Departures from the texts that real providers and older applications need: each with a name, off
//! unless asked for, and none of them weakens what is verified.
//!
//! ```
//! use countersign::{Issuer, Provider, quirks};
//!
//! // The settings say https://op.example/, the provider calls itself https://op.example.
//! let provider = Provider::discover(Issuer::parse("https://op.example/").unwrap());
//! let provider = quirks::sparse_metadata(quirks::forgiving_slash(provider));
//! ```

use crate::{Provider, RelyingPartyBuilder};

/// The last slash of the issuer in the settings may be one too many or too few. What the provider's
/// metadata say settles it; from then on the issuer is compared byte for byte. For applications that
/// come from libraries which drop the slash (pyoidc, Authlib).
#[must_use]
pub fn forgiving_slash(provider: Provider) -> Provider {
    provider.forgiving_slash()
}

/// An endpoint is demanded when it is used, not when the metadata are read. For providers whose
/// documents lack what OpenID Connect Discovery 1.0 section 3 requires.
#[must_use]
pub fn sparse_metadata(mut provider: Provider) -> Provider {
    provider.sparse = true;
    provider
}

/// PKCE only where the metadata name `S256` (RFC 8414 section 2), for providers that refuse
/// parameters which they don't know. OAuth 2.1 wants it everywhere, and so does the default here.
#[must_use]
pub fn pkce_where_announced(mut builder: RelyingPartyBuilder) -> RelyingPartyBuilder {
    builder.pkce_where_announced = true;
    builder
}

/// Asks for UserInfo by POST (OpenID Connect Core 1.0 section 5.3.1), for providers that answer no
/// GET. The access token stays in the header.
#[must_use]
pub fn user_info_by_post(mut builder: RelyingPartyBuilder) -> RelyingPartyBuilder {
    builder.user_info_by_post = true;
    builder
}
