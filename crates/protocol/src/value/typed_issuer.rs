//! An issuer as a person typed it.

use std::sync::{Arc, OnceLock};

use url::Url;

use super::issuer::Issuer;

/// An issuer whose last slash may be one too many or too few, until the provider's metadata settle
/// how it is written; from then on it is compared byte for byte. For settings that older libraries
/// read as generously.
///
/// ```
/// use countersign_protocol::Issuer;
/// use countersign_protocol::value::typed_issuer::TypedIssuer;
///
/// let typed = TypedIssuer::new(Issuer::parse("https://op.example/").unwrap());
/// assert!(typed.accepts("https://op.example"));
/// assert!(!typed.accepts("https://op.example/realm"));
/// ```
#[derive(Clone, Debug)]
pub struct TypedIssuer {
    typed: Issuer,
    settled: Arc<OnceLock<String>>,
}

impl TypedIssuer {
    /// Before anything is known.
    #[must_use]
    pub fn new(typed: Issuer) -> Self {
        Self { typed, settled: Arc::default() }
    }

    /// As the provider writes it, once that is known; as it was typed before.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.settled.get().map_or(self.typed.as_str(), String::as_str)
    }

    /// The address that was typed.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.typed.url()
    }

    /// Whether this is the issuer's name.
    #[must_use]
    pub fn accepts(&self, name: &str) -> bool {
        match self.settled.get() {
            Some(settled) => settled == name,
            None => but_for_a_slash(name) == but_for_a_slash(self.typed.as_str()),
        }
    }

    /// Takes the name from the provider's metadata, if it can be what was meant.
    pub(crate) fn settle(&self, name: &str) -> bool {
        self.accepts(name) && self.settled.get_or_init(|| name.to_owned()) == name
    }
}

fn but_for_a_slash(name: &str) -> &str {
    name.strip_suffix('/').unwrap_or(name)
}
