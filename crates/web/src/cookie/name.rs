//! What our cookies are called.

use countersign_jose::{base64url, digest};

/// The first part of every cookie name of this site; `countersign` unless chosen otherwise.
///
/// Two applications on one host need two prefixes, since a `__Host-` cookie belongs to a whole
/// host and browsers don't tell ports apart.
///
/// ```
/// use countersign_web::cookie::Prefix;
///
/// assert!(Prefix::parse("notes").is_ok());
/// assert!(Prefix::parse("no spaces").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(String);

impl Prefix {
    /// Reads 1 to 32 letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// [`InvalidPrefix`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidPrefix> {
        let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
        if (1..=LONGEST_PREFIX).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPrefix)
        }
    }
}

impl Default for Prefix {
    fn default() -> Self {
        Self("countersign".to_owned())
    }
}

/// The text is no cookie name prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "setup.cookie_prefix: a cookie name prefix has 1 to {LONGEST_PREFIX} letters, digits, \"-\" and \"_\""
)]
#[non_exhaustive]
pub struct InvalidPrefix;

/// The names of one site at one address.
///
/// Over https they begin with `__Host-`: browsers then accept them only from this very host, over
/// https and for the whole of it, so that no sibling host plants one (RFC 6265bis section 4.1.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names {
    base: String,
    secure: bool,
}

impl Names {
    pub(crate) fn new(prefix: &Prefix, secure: bool) -> Self {
        let guard = if secure { "__Host-" } else { "" };
        Self { base: format!("{guard}{}_", prefix.0), secure }
    }

    pub(crate) const fn secure(&self) -> bool {
        self.secure
    }

    pub(crate) fn session(&self) -> String {
        format!("{}session", self.base)
    }

    pub(crate) fn trail(&self) -> String {
        format!("{}trail", self.base)
    }

    pub(crate) fn logout(&self) -> String {
        format!("{}logout", self.base)
    }

    /// Each login has a cookie of its own, found again by its state. The name shows a digest, as
    /// names end up in more places than values do.
    pub(crate) fn login(&self, state: &str) -> String {
        let digest = base64url::encode(&digest::sha256(state.as_bytes()));
        format!("{}{}", self.logins(), digest.get(..DIGEST).unwrap_or(&digest))
    }

    /// What the names of all login cookies begin with.
    pub(crate) fn logins(&self) -> String {
        format!("{}login_", self.base)
    }

    /// Whether a cookie is ours, of whatever kind.
    pub(crate) fn own(&self, name: &str) -> bool {
        name.starts_with(&self.base)
    }
}

const LONGEST_PREFIX: usize = 32;
const DIGEST: usize = 16;
