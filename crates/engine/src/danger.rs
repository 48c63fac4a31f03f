//! Everything that weakens a default. A reviewer searches for this one word.

use crate::Provider;

pub use countersign_protocol::danger::{kept_identity, plain_http_issuer, plain_http_metadata};

/// Accepts a provider by plain http beyond the loopback: for a private network whose every machine
/// is trusted with every token. Logged when the relying party is built.
#[must_use]
pub fn plain_http(provider: Provider) -> Provider {
    provider.plain_http()
}
