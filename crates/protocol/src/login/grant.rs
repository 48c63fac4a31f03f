//! A callback that matched its login.

use std::fmt;

use url::Url;

use super::pending::Expected;
use crate::value::secret::Secret;

/// The right to ask for tokens once: a code together with everything that was sent with its
/// request. Only [`PendingLogin::accept`](super::PendingLogin::accept) makes one.
///
/// ```compile_fail
/// let grant = countersign_protocol::login::Grant { code: "stolen".into() };
/// ```
pub struct Grant {
    pub(super) code: Secret,
    pub(super) verifier: Option<Secret>,
    pub(super) redirect_uri: Url,
    pub(super) scope: String,
    pub(super) expected: Expected,
}

impl Grant {
    pub(crate) fn into_parts(self) -> (Secret, Option<Secret>, Url, String, Expected) {
        (self.code, self.verifier, self.redirect_uri, self.scope, self.expected)
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grant(…)")
    }
}
