//! Everything that weakens a default. A reviewer searches for this one word.

use crate::{Provider, ResourceServerBuilder};

pub use countersign_protocol::danger::{kept_identity, plain_http_issuer, plain_http_metadata};

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
