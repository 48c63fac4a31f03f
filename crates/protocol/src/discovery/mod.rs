//! What a provider says of itself, and the keys that it signs with.

mod fetch;
mod keys;
mod metadata;

pub use fetch::{DiscoveryError, Fetch};
pub use keys::{FetchKeys, FetchedKeys, KeysError};
pub use metadata::Metadata;
pub(crate) use metadata::Purpose;
