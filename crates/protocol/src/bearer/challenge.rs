//! The answer to a refusal: status and `WWW-Authenticate`, to the letter of RFC 6750 section 3,
//! RFC 9449 section 7, RFC 9470 section 3 and RFC 9728 section 5.1.

use countersign_jose::Allowed;
use http::{HeaderValue, StatusCode};
use url::Url;

use super::credentials::Scheme;
use super::dpop::DpopError;
use super::refusal::{Refusal, Unmet};
use crate::error::Code;

/// Writes challenges for one API.
#[derive(Clone, Debug, Default)]
pub struct Challenger {
    realm: Option<String>,
    resource_metadata: Option<Url>,
    dpop: Option<Allowed>,
}

/// What a refused request is answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Challenge {
    /// 400, 401 or 403.
    pub status: StatusCode,
    /// The values of `WWW-Authenticate`, one for each scheme.
    pub authenticate: Vec<HeaderValue>,
    /// The registered error code; none when no token came.
    pub error: Option<&'static str>,
    /// Our own code, with words for whoever sent the request.
    pub entry: &'static Code,
}

impl Challenger {
    /// Challenges without anything but the scheme.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `realm`
    #[must_use]
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Where the metadata of this API stand (RFC 9728 section 5.1): in every challenge.
    #[must_use]
    pub fn resource_metadata(mut self, url: Url) -> Self {
        self.resource_metadata = Some(url);
        self
    }

    /// That DPoP is accepted, with proofs by these algorithms.
    #[must_use]
    pub fn dpop(mut self, allowed: Allowed) -> Self {
        self.dpop = Some(allowed);
        self
    }

    /// The answer to a refusal. The error stands in the challenge of the scheme that was used, which
    /// comes first (RFC 9449 section 7.1); without a token, say [`Scheme::Bearer`].
    ///
    /// ```
    /// use countersign_protocol::bearer::{Challenger, Refusal, Scheme};
    ///
    /// let challenge = Challenger::new().realm("notes").answer(&Refusal::Missing, Scheme::Bearer);
    /// assert_eq!(challenge.status, 401);
    /// assert_eq!(challenge.authenticate[0], r#"Bearer realm="notes""#);
    /// ```
    #[must_use]
    pub fn answer(&self, refusal: &Refusal, used: Scheme) -> Challenge {
        let (status, error) = match refusal {
            Refusal::Missing => (StatusCode::UNAUTHORIZED, None),
            Refusal::Request(_) => (StatusCode::BAD_REQUEST, Some("invalid_request")),
            Refusal::Token(_) | Refusal::Confirmation(_) => {
                (StatusCode::UNAUTHORIZED, Some("invalid_token"))
            }
            Refusal::Dpop(dpop) if dpop.wants_nonce() => {
                (StatusCode::UNAUTHORIZED, Some("use_dpop_nonce"))
            }
            // The proof may be good; there was no place to remember it by.
            Refusal::Dpop(DpopError::Busy { .. }) => (StatusCode::SERVICE_UNAVAILABLE, None),
            Refusal::Dpop(_) => (StatusCode::UNAUTHORIZED, Some("invalid_dpop_proof")),
            Refusal::Unmet(Unmet::StepUp { .. }) => {
                (StatusCode::UNAUTHORIZED, Some("insufficient_user_authentication"))
            }
            Refusal::Unmet(_) => (StatusCode::FORBIDDEN, Some("insufficient_scope")),
        };
        let entry = refusal.entry();
        let authenticate = self.schemes(refusal, error, entry.meaning, used);
        Challenge { status, authenticate, error, entry }
    }

    /// Every scheme that would do; the one that was used comes first and tells the error.
    fn schemes(
        &self,
        refusal: &Refusal,
        error: Option<&str>,
        meaning: &str,
        used: Scheme,
    ) -> Vec<HeaderValue> {
        let by_dpop = used == Scheme::Dpop && self.dpop.is_some();
        let error = error.map(|error| (error, meaning));
        let bearer = self.line("Bearer", None, error.filter(|_| !by_dpop), refusal);
        let dpop = self.dpop.map(|allowed| {
            let algs = allowed.iter().map(countersign_jose::Algorithm::name).collect::<Vec<_>>();
            self.line("DPoP", Some(algs.join(" ")), error.filter(|_| by_dpop), refusal)
        });
        let mut lines: Vec<_> = [bearer].into_iter().chain(dpop).collect();
        if by_dpop {
            lines.reverse();
        }
        lines
    }

    fn line(
        &self,
        scheme: &str,
        algs: Option<String>,
        error: Option<(&str, &str)>,
        refusal: &Refusal,
    ) -> HeaderValue {
        let mut line = Line { text: scheme.to_owned(), parameters: 0 };
        line.put("realm", self.realm.as_deref());
        if let Some((error, meaning)) = error {
            line.put("error", Some(error));
            line.put("error_description", Some(meaning));
            match refusal {
                Refusal::Unmet(Unmet::Scope { needed }) => {
                    line.put("scope", Some(&needed.join(" ")))
                }
                Refusal::Unmet(Unmet::StepUp { acr_values, max_age }) => {
                    let values = acr_values.join(" ");
                    line.put(
                        "acr_values",
                        Some(values.as_str()).filter(|values| !values.is_empty()),
                    );
                    line.put("max_age", max_age.map(|age| age.to_string()).as_deref());
                }
                _ => {}
            }
        }
        line.put("algs", algs.as_deref());
        line.put("resource_metadata", self.resource_metadata.as_ref().map(Url::as_str));
        HeaderValue::from_str(&line.text).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

struct Line {
    text: String,
    parameters: usize,
}

impl Line {
    /// RFC 6750 section 3: values hold printable ASCII without quote and backslash.
    fn put(&mut self, name: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        let allowed = |c: &char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
        let value: String = value.chars().filter(allowed).collect();
        let comma = if self.parameters == 0 { " " } else { ", " };
        self.text.extend([comma, name, "=\"", &value, "\""]);
        self.parameters += 1;
    }
}
