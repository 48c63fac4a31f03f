//! Tokens that only their issuer can judge (RFC 7662): asked once, remembered for a moment.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use countersign_protocol::access_token::AccessTokenError;
use countersign_protocol::bearer::{ConfirmationFault, Refusal};
use countersign_protocol::jose::{Object, digest};
use countersign_protocol::token::{
    ClientProof, Introspect, IntrospectError, Introspected as Said, Introspection as Word,
    IntrospectionAuth,
};
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::{Client, ClientAuthentication, Secret, UnixTime};

use super::issuer::{Accepted, Introspection, Source};
use super::token::{By, Token};
use super::{CheckError, ResourceServer};
use crate::ask::PATIENCE;
use crate::error::{Error, ErrorKind};
use crate::kept::Kept;
use crate::outside::BoxFuture;
use crate::single_flight::SingleFlight;

/// What issuers said, by the digest of the token: whoever can choose tokens can't choose that, and
/// no opaque token lies here in clear but within a good one.
pub(super) struct Introspected {
    kept: Kept<[u8; 32], Answer>,
    flights: SingleFlight<[u8; 32], Result<Answer, Error>>,
}

#[derive(Clone)]
enum Answer {
    Active(Token),
    Refused(AccessTokenError),
}

impl Default for Introspected {
    fn default() -> Self {
        let flights = SingleFlight::new(Duration::ZERO).patience(PATIENCE);
        Self { kept: Kept::new(MOST).at_most_bytes(MOST_BYTES, Answer::size), flights }
    }
}

impl ResourceServer {
    /// Asks about a token and gives the answer as it came, unjudged; `None` for a token that is not
    /// active. For tools that show it: whoever decides by it takes [`ResourceServer::check`].
    ///
    /// # Errors
    /// [`Error`] when nobody is to be asked, or no clear answer comes.
    pub async fn ask_about_token(&self, token: &Secret) -> Result<Option<Object>, Error> {
        let asked = |issuer: &&Accepted| issuer.introspection.is_some();
        let issuer = self.inner.issuers.iter().find(asked).ok_or_else(nobody)?;
        let settings = issuer.introspection.as_ref().ok_or_else(nobody)?;
        Ok(match self.word_of(issuer, settings, token, self.now()).await? {
            Some((Word::Active(document), _)) => Some(document.to_object()),
            Some((Word::Inactive, _)) => None,
            None => return Err(nobody()),
        })
    }

    /// What was said of the token a moment ago.
    pub(super) fn introspected(
        &self,
        at: usize,
        raw: &str,
        now: UnixTime,
    ) -> Option<Result<Token, CheckError>> {
        let answer = self.inner.introspected.kept.get(&key(at, raw), now)?;
        Some(answer.judged(now))
    }

    /// A token with a good signature, if its issuer does not have to be asked as well.
    pub(super) fn confirmed(
        &self,
        token: Token,
        now: UnixTime,
    ) -> Option<Result<Token, CheckError>> {
        let at = token.by().issuer;
        if !self.also_asks(at) {
            return Some(Ok(token));
        }
        let said = self.introspected(at, token.text(), now)?;
        Some(said.and_then(|said| agreed(token, &said)))
    }

    /// Whether this issuer is asked about tokens that it signed.
    pub(super) fn also_asks(&self, at: usize) -> bool {
        let introspection =
            self.inner.issuers.get(at).and_then(|issuer| issuer.introspection.as_ref());
        introspection.is_some_and(|introspection| introspection.jwts_too)
    }

    /// Asks the issuer; all who ask about the same token at the same time get one answer.
    pub(super) async fn introspect(
        &self,
        at: usize,
        raw: &str,
        now: UnixTime,
    ) -> Result<Token, CheckError> {
        let (server, token) = (self.clone(), Secret::from(raw));
        let begin = || -> BoxFuture<'static, _> {
            Box::pin(async move { server.ask_about(at, &token, now).await })
        };
        let answer =
            self.inner.introspected.flights.join(key(at, raw), now, begin, |_| false).await?;
        answer.judged(self.now())
    }

    async fn ask_about(&self, at: usize, raw: &Secret, now: UnixTime) -> Result<Answer, Error> {
        let issuer = self.issuer(at)?;
        let Some(settings) = &issuer.introspection else {
            return Err(nobody());
        };
        let word = match self.word_of(issuer, settings, raw, now).await {
            Err(error) if settings.if_offered && is_refusal(&error) => {
                tracing::warn!(code = error.code(), "tokens can't be asked about: {error}");
                None
            }
            word => word?,
        };
        let answer = match word {
            None => Answer::Refused(self.unreadable(raw)),
            Some((Word::Inactive, _)) => Answer::Refused(AccessTokenError::Inactive),
            Some((Word::Active(document), client)) => {
                let audience = settings.audience_rule(&document, &client);
                match issuer.rules().introspected(document, audience, now) {
                    Ok(token) => {
                        let (by, skew) = (By::said(at), self.inner.clock_skew);
                        let raw = raw.expose();
                        Answer::Active(Token::new(
                            raw,
                            token,
                            &issuer.name,
                            &issuer.roles,
                            skew,
                            by,
                        ))
                    }
                    Err(error) => Answer::Refused(error),
                }
            }
        };
        let until = answer.until(settings.keep, now);
        self.inner.introspected.kept.put(key(at, raw.expose()), answer.clone(), until, now);
        Ok(answer)
    }

    /// What the issuer says, and to whom; `None` if it is not to be asked.
    async fn word_of(
        &self,
        issuer: &Accepted,
        settings: &Introspection,
        raw: &Secret,
        now: UnixTime,
    ) -> Result<Option<(Word, Arc<Client>)>, Error> {
        let metadata = issuer.known.metadata(now).await?;
        let announced = metadata.endpoint(Endpoint::Introspection);
        let endpoint = match settings.endpoint.as_ref().or(announced) {
            Some(endpoint) => endpoint,
            None if settings.if_offered => return Ok(None),
            None => metadata.require(Endpoint::Introspection)?,
        };
        let client = settings.client().await?;
        let auth =
            if settings.bearer { IntrospectionAuth::Bearer } else { IntrospectionAuth::Client };
        if settings.if_offered && !settings.bearer && is_public(&client) {
            return Ok(None);
        }
        let audience = issuer.known.provider().assertion_audience(&metadata);
        let proof = ClientProof::new(now, self.inner.outside.random()?, audience);
        let (signed, hint) = (settings.signed, settings.hint.as_deref());
        let question = Introspect::new(raw, endpoint, &client, auth, proof, signed, hint)?;
        let answer = match issuer.way.ask(question).await? {
            Said::Plain(word) => return Ok(Some((word, client))),
            Said::Signed(answer) => answer,
        };
        let Source::Published(keys) = &issuer.keys else {
            return Err(Error::setup(
                "signed answers of introspection are checked with the issuer's published keys, and \
                 this issuer has a shared secret instead",
            ));
        };
        let skew = self.inner.clock_skew;
        let verify = |keys: &_| {
            answer.verify(keys, &issuer.allowed, &issuer.identity, client.id(), now, skew)
        };
        let word = keys.check(&metadata, now, verify, IntrospectError::is_unknown_key).await?;
        Ok(Some((word, client)))
    }

    /// What is wrong with a token that nobody is asked about.
    fn unreadable(&self, raw: &Secret) -> AccessTokenError {
        match self.inner.headers.parse(raw.expose()) {
            Err(error) => error.into(),
            Ok(_) => AccessTokenError::Inactive,
        }
    }
}

/// A token that its issuer says is bound is no plain bearer token, even if it does not say so itself
/// (RFC 8705 section 3.2). Of two bindings that differ, both would have to be met.
pub(super) fn agreed(token: Token, said: &Token) -> Result<Token, CheckError> {
    let (own, bound) = (token.access_token().confirmation(), said.access_token().confirmation());
    if bound.is_none() || bound == own {
        return Ok(token);
    }
    Err(Refusal::Confirmation(ConfirmationFault::Unknown).into())
}

impl Answer {
    fn judged(self, now: UnixTime) -> Result<Token, CheckError> {
        match self {
            Self::Refused(error) => Err(error.into()),
            Self::Active(token) => match token.is_over(now) {
                Some(by) => Err(AccessTokenError::Expired { by, signed: true }.into()),
                None => Ok(token),
            },
        }
    }

    /// About how many bytes of memory it takes: an answer may be long, and so may what is wrong in
    /// it.
    fn size(&self) -> usize {
        let text = |text: &String| text.len() + size_of::<String>();
        let more = match self {
            Self::Active(token) => token.size(),
            Self::Refused(AccessTokenError::Audience { expected, got }) => {
                expected.iter().chain(got).map(text).sum()
            }
            Self::Refused(
                AccessTokenError::Issuer { expected, got }
                | AccessTokenError::IssuerUnknown { expected, got },
            ) => text(expected) + text(got),
            Self::Refused(_) => 0,
        };
        size_of::<Self>() + more
    }

    /// Never beyond the end of the token. A refusal is forgotten sooner, so that a token that was
    /// shown before its issuer had stored it everywhere is not lost for long.
    fn until(&self, keep: Duration, now: UnixTime) -> UnixTime {
        match self {
            Self::Refused(_) => now + keep.min(KEEP_REFUSED),
            Self::Active(token) => {
                let until = now + keep;
                token.access_token().expires_at().map_or(until, |ends| ends.min(until))
            }
        }
    }
}

impl fmt::Debug for Introspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Introspected")
    }
}

/// The endpoint answers, but not to us.
fn is_refusal(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Introspect(IntrospectError::Refused { .. }))
}

fn is_public(client: &Client) -> bool {
    matches!(client.authentication(), ClientAuthentication::None)
}

fn nobody() -> Error {
    Error::setup("nobody is to be asked about tokens: TrustedIssuer::introspection")
}

/// The same text may be a token of two issuers.
fn key(at: usize, raw: &str) -> [u8; 32] {
    let mut bytes = at.to_le_bytes().to_vec();
    bytes.extend_from_slice(raw.as_bytes());
    digest::sha256(&bytes)
}

/// Answers kept, good and bad ones.
const MOST: usize = 20_000;
/// As much as verified tokens take by default.
const MOST_BYTES: usize = 64 * 1024 * 1024;
const KEEP_REFUSED: Duration = Duration::from_secs(10);
