//! Asking the provider whether a token is active (RFC 7662), with signed answers (RFC 9701).

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use countersign_jose::json::Document;
use countersign_jose::{Allowed, Jws, KeySet, SignatureError};
use http::StatusCode;
use url::Url;

use super::client_auth::{ClientAuthError, ClientProof, authenticated, must_authenticate};
use crate::error::{self, Code, ProviderSays};
use crate::exchange::{AnswerError, Exchange, Request, Response};
use crate::value::client::Client;
use crate::value::endpoint::Endpoint;
use crate::value::issuer::IssuerIdentity;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;

/// The question whether a token is active, and what the provider knows of it.
#[derive(Debug)]
pub struct Introspect {
    request: Request,
    token: Secret,
    secret: Option<Secret>,
    auth: IntrospectionAuth,
    want_jwt: bool,
}

/// How the question is authenticated, without which anybody could try tokens out (RFC 7662
/// section 2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IntrospectionAuth {
    /// As the client does at the token endpoint.
    #[default]
    Client,
    /// By the token itself, in the `Authorization` header, as some providers have it.
    Bearer,
}

impl Introspect {
    /// Asks at `endpoint` in the name of `client`. With `want_jwt` the answer has to be signed.
    /// `hint` is the `token_type_hint` (section 2.1).
    ///
    /// # Errors
    /// [`ClientAuthError`] when the client can't authenticate, or does not at all.
    pub fn new(
        token: &Secret,
        endpoint: &Url,
        client: &Client,
        auth: IntrospectionAuth,
        proof: ClientProof<'_>,
        want_jwt: bool,
        hint: Option<&str>,
    ) -> Result<Self, ClientAuthError> {
        let mut form = vec![("token", token.expose().to_owned())];
        form.extend(hint.map(|hint| ("token_type_hint", hint.to_owned())));
        let request = match auth {
            IntrospectionAuth::Client => {
                must_authenticate(client, "introspection")?;
                authenticated(Endpoint::Introspection, endpoint, client, form, proof)?
            }
            IntrospectionAuth::Bearer => {
                let pairs: Vec<_> =
                    form.iter().map(|(name, value)| (*name, value.as_str())).collect();
                Request::post_form(Endpoint::Introspection, endpoint.clone(), &pairs)
                    .authorization("Bearer", token)
            }
        };
        let request = if want_jwt { request.accept(SIGNED) } else { request };
        let (token, secret) = (token.clone(), client.secret().cloned());
        Ok(Self { request, token, secret, auth, want_jwt })
    }
}

impl Exchange for Introspect {
    type Answer = Introspected;
    type Error = IntrospectError;

    fn request(&self) -> Request {
        self.request.clone()
    }

    fn answer(self, response: Response) -> Result<Introspected, IntrospectError> {
        let status = response.status;
        // A token that may not even ask about itself is not good for anything else.
        if self.auth == IntrospectionAuth::Bearer && status == StatusCode::UNAUTHORIZED {
            return Ok(Introspected::Plain(Introspection::Inactive));
        }
        if !status.is_success() {
            return Err(self.refusal(response));
        }
        if self.want_jwt {
            if response.media_type().as_deref() != Some(SIGNED) {
                return Err(IntrospectError::NotSigned);
            }
            return Ok(Introspected::Signed(SignedIntrospection { token: response.body }));
        }
        let document = response.into_document(Endpoint::Introspection)?;
        Ok(Introspected::Plain(Introspection::read(document)?))
    }
}

impl Introspect {
    fn refusal(self, response: Response) -> IntrospectError {
        match response.into_refusal(Endpoint::Introspection) {
            AnswerError::Refused { from, status, says } => {
                let says = says.without(&self.token).without_any(self.secret.as_ref());
                let answer = AnswerError::Refused { from, status, says: says.clone() };
                if answer.may_pass() {
                    return answer.into();
                }
                IntrospectError::Refused { status, says: Some(says) }
            }
            AnswerError::Status { status, .. }
                if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) =>
            {
                IntrospectError::Refused { status, says: None }
            }
            other => other.into(),
        }
    }
}

/// The answer, as good as the connection that it came over, or signed and not yet checked.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "RFC 7662 and RFC 9701 know these two")]
pub enum Introspected {
    /// JSON, which has come over TLS.
    Plain(Introspection),
    /// A JWT.
    Signed(SignedIntrospection),
}

/// What the provider says of a token.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a token is good or it is not")]
pub enum Introspection {
    /// It is active, and this is known of it. Whose it is, for whom and until when is still to be
    /// judged, as the claims of a signed token are.
    Active(Document),
    /// It is not, for a reason that nobody tells.
    Inactive,
}

impl Introspection {
    /// `active` is the boolean true or false. Nothing else is taken for either.
    fn read(document: Document) -> Result<Self, IntrospectError> {
        match document.get("active").and_then(|active| active.as_bool()) {
            Some(true) => Ok(Self::Active(document)),
            Some(false) => Ok(Self::Inactive),
            None => Err(IntrospectError::Member { member: "active", expected: "true or false" }),
        }
    }
}

/// An answer as JWT (RFC 9701), not yet checked.
pub struct SignedIntrospection {
    token: Bytes,
}

impl SignedIntrospection {
    /// Checks the signature, that this is an introspection answer and no other JWT, that it comes
    /// from the provider, is for `client_id`, and was made just now (RFC 9701 section 5). With an
    /// unknown key it may be tried again once the keys were fetched anew.
    ///
    /// # Errors
    /// [`IntrospectError`] names the rule that failed.
    pub fn verify(
        &self,
        keys: &KeySet,
        allowed: &Allowed,
        identity: &IssuerIdentity,
        client_id: &str,
        now: UnixTime,
        skew: Duration,
    ) -> Result<Introspection, IntrospectError> {
        let wrong = |member, expected| IntrospectError::Member { member, expected };
        let token = std::str::from_utf8(&self.token).unwrap_or_default().trim();
        let jws = Jws::parse(token)?;
        if !jws.typ_is(TYP) {
            return Err(wrong("typ", "\"token-introspection+jwt\" in the header"));
        }
        let answer = jws.verify(keys, allowed)?.document().map_err(|error| not_json(&error))?;
        let issuer = answer.get("iss").and_then(|issuer| issuer.as_str());
        if !issuer.is_some_and(|issuer| identity.accepts(issuer)) {
            return Err(wrong("iss", "the issuer"));
        }
        let audience = answer.get("aud");
        let ours = |one: Option<&str>| one == Some(client_id);
        let many = audience.and_then(|audience| audience.items());
        let in_list = many.is_some_and(|mut many| many.any(|one| ours(one.as_str())));
        if !in_list && !ours(audience.and_then(|audience| audience.as_str())) {
            return Err(wrong("aud", "our client_id"));
        }
        let issued_at = answer.get("iat").and_then(|at| UnixTime::from_json(&at.to_value()));
        match issued_at.ok_or(wrong("iat", "a time in seconds"))? {
            at if at > now + skew => return Err(wrong("iat", "a time that is not in the future")),
            at if at + FRESH + skew < now => {
                return Err(wrong("iat", "a time within the last minute"));
            }
            _ => {}
        }
        let about = answer.get("token_introspection").filter(|about| about.members().is_some());
        let about = about.ok_or(wrong("token_introspection", "an object"))?;
        let about = Document::parse(about.to_value().to_string()).map_err(|e| not_json(&e))?;
        Introspection::read(about)
    }
}

impl fmt::Debug for SignedIntrospection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedIntrospection(…)")
    }
}

fn not_json(error: &countersign_jose::JsonError) -> IntrospectError {
    AnswerError::NotJson { from: Endpoint::Introspection, why: error.to_string() }.into()
}

/// Why it is not known whether a token is active. It is then as good as inactive.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IntrospectError {
    /// The provider refuses to answer us.
    #[error(
        "the introspection_endpoint refused our own credentials with {status}{}",
        .says.as_ref().map(|says| format!(": {says}")).unwrap_or_default()
    )]
    Refused {
        /// With which status.
        status: StatusCode,
        /// Its words, if it had any.
        says: Option<ProviderSays>,
    },
    /// A member that is absent or wrong.
    #[error("the answer of the introspection_endpoint should have \"{member}\" as {expected}")]
    Member {
        /// Its name.
        member: &'static str,
        /// Its right form.
        expected: &'static str,
    },
    /// Plain although a signed one was asked for: an attacker would strip a signature just so.
    #[error("the answer of the introspection_endpoint is not signed although that was asked for")]
    NotSigned,
    /// The signature of a signed answer.
    #[error("the answer of the introspection_endpoint: {0}")]
    Signature(#[from] SignatureError),
    /// The answer is none.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl IntrospectError {
    /// Whether fetching the keys anew might help.
    #[must_use]
    pub fn is_unknown_key(&self) -> bool {
        matches!(self, Self::Signature(signature) if signature.is_unknown_key())
    }

    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Refused { .. } => &error::INTROSPECTION_REFUSED,
            Self::Member { .. } => &error::INTROSPECTION_MEMBER,
            Self::NotSigned => &error::INTROSPECTION_NOT_SIGNED,
            Self::Signature(signature) => error::of_signature(signature),
            Self::Answer(answer) => answer.entry(),
        }
    }

    /// The provider's own words, if it had any.
    #[must_use]
    pub fn says(&self) -> Option<&ProviderSays> {
        match self {
            Self::Refused { says, .. } => says.as_ref(),
            Self::Answer(answer) => answer.says(),
            _ => None,
        }
    }
}

const SIGNED: &str = "application/token-introspection+jwt";
const TYP: &str = "token-introspection+jwt";
/// How old a signed answer may be: it was asked for just now, and an older one may be one that an
/// attacker kept from a time when the token was still active.
const FRESH: Duration = Duration::from_secs(60);
