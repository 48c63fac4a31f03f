//! A token for another one (RFC 8693).

use std::fmt;

use url::Url;

use super::ask::{AskError, TokenAsk};
use super::client_auth::{ClientProof, authenticated};
use super::received::{Issued, TokenError};
use crate::exchange::{Exchange, Request, Response};
use crate::value::client::Client;
use crate::value::endpoint::Endpoint;
use crate::value::issuer::shown;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;

/// Which token is handed in, and which is wanted for it.
///
/// ```
/// use countersign_protocol::Secret;
/// use countersign_protocol::token::{TokenAsk, TokenExchange, TokenType};
///
/// // On behalf of whoever sent this request, at another API.
/// let exchange = TokenExchange::new(Secret::from("the token that came"))
///     .ask(TokenAsk::new().audience("billing").scope("invoices:read"));
/// # let _ = exchange.requested(TokenType::AccessToken);
/// ```
#[derive(Clone, Debug)]
pub struct TokenExchange {
    subject: (Secret, TokenType),
    actor: Option<(Secret, TokenType)>,
    requested: Option<TokenType>,
    ask: TokenAsk,
}

impl TokenExchange {
    /// For an access token of the person (or machine) in whose name the new one shall speak.
    #[must_use]
    pub fn new(subject_token: Secret) -> Self {
        Self::of(subject_token, TokenType::AccessToken)
    }

    /// For a token of another kind (`subject_token_type`).
    #[must_use]
    pub fn of(subject_token: Secret, kind: TokenType) -> Self {
        let subject = (subject_token, kind);
        Self { subject, actor: None, requested: None, ask: TokenAsk::new() }
    }

    /// `actor_token`: who acts on behalf of the subject, where the provider wants to be shown.
    #[must_use]
    pub fn actor(mut self, token: Secret, kind: TokenType) -> Self {
        self.actor = Some((token, kind));
        self
    }

    /// `requested_token_type`. Without it the provider chooses, which is nearly always an access
    /// token.
    #[must_use]
    pub fn requested(mut self, kind: TokenType) -> Self {
        self.requested = Some(kind);
        self
    }

    /// Scope and audience of the new token.
    #[must_use]
    pub fn ask(mut self, ask: TokenAsk) -> Self {
        self.ask = ask;
        self
    }

    /// The question, at `endpoint` in the name of `client`. `now` is when it is sent.
    ///
    /// # Errors
    /// [`AskError`] for what can't be asked.
    pub fn at(
        &self,
        endpoint: &Url,
        client: &Client,
        now: UnixTime,
        proof: ClientProof<'_>,
    ) -> Result<ExchangeToken, AskError> {
        let (subject_token, subject_type) = &self.subject;
        let mut form = vec![
            ("grant_type", GRANT_TYPE.to_owned()),
            ("subject_token", subject_token.expose().to_owned()),
            ("subject_token_type", subject_type.urn().to_owned()),
        ];
        if let Some((token, kind)) = &self.actor {
            form.push(("actor_token", token.expose().to_owned()));
            form.push(("actor_token_type", kind.urn().to_owned()));
        }
        form.extend(self.requested.iter().map(|kind| ("requested_token_type", kind.urn().into())));
        self.ask.fill(&mut form)?;
        let request = authenticated(Endpoint::Token, endpoint, client, form, proof)?;
        let (exchange, secret) = (self.clone(), client.secret().cloned());
        Ok(ExchangeToken { request, exchange, secret, asked_at: now })
    }

    /// The token that is handed in.
    #[must_use]
    pub fn subject_token(&self) -> &Secret {
        &self.subject.0
    }

    /// Names everything that makes the answer what it is, for caches: with the tokens in it, so
    /// only ever to be digested.
    #[must_use]
    pub fn fingerprint(&self) -> Secret {
        let (subject, actor) = (&self.subject, self.actor.as_ref());
        let parts = (
            (subject.0.expose(), subject.1.urn()),
            actor.map(|(token, kind)| (token.expose(), kind.urn())),
            self.requested.as_ref().map(TokenType::urn),
            &self.ask,
        );
        // Escaped and quoted, so that no two questions read the same.
        Secret::from(format!("{parts:?}"))
    }
}

/// The exchange of one token for another.
#[derive(Debug)]
pub struct ExchangeToken {
    request: Request,
    exchange: TokenExchange,
    secret: Option<Secret>,
    asked_at: UnixTime,
}

impl Exchange for ExchangeToken {
    type Answer = ExchangedToken;
    type Error = TokenError;

    fn request(&self) -> Request {
        self.request.clone()
    }

    fn answer(self, response: Response) -> Result<ExchangedToken, TokenError> {
        let scope = self.exchange.ask.asked_scope().unwrap_or_default();
        let read = Issued::read(response, self.asked_at).map_err(|error| {
            let (subject, actor) = (&self.exchange.subject, &self.exchange.actor);
            let tokens = [subject].into_iter().chain(actor).map(|(token, _)| token);
            tokens.chain(&self.secret).fold(error.not_granted(), TokenError::without)
        })?;
        let kind = read.text("issued_token_type")?.filter(|kind| !kind.is_empty());
        let kind = kind.map(TokenType::from_urn).ok_or(TokenError::Member {
            member: "issued_token_type",
            expected: "a token type (RFC 8693 section 2.2.1)",
        })?;
        if self.exchange.requested.as_ref().is_some_and(|wanted| !wanted.is_met_by(&kind)) {
            return Err(TokenError::Member {
                member: "issued_token_type",
                expected: "the requested_token_type",
            });
        }
        let bearer = read.is_type("Bearer")?;
        // Section 2.2.1: what is no access token says so here.
        let no_access_token = read.is_type("N_A")? && kind != TokenType::AccessToken;
        if !(bearer || no_access_token) {
            return Err(TokenError::Member {
                member: "token_type",
                expected: "\"Bearer\", or \"N_A\" for what is no access token",
            });
        }
        let tokens = read.into_tokens(scope)?.0;
        Ok(ExchangedToken {
            token: tokens.access_token,
            kind,
            bearer,
            expires_at: tokens.expires_at,
            scope: tokens.scope,
            refresh_token: tokens.refresh_token,
        })
    }
}

/// What the provider gave for the token that was handed in. `Debug` shows neither.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExchangedToken {
    /// The new token (`access_token`, whatever its kind).
    pub token: Secret,
    /// `issued_token_type`
    pub kind: TokenType,
    /// Whether it is used as a bearer token (`token_type`); otherwise it is no access token.
    pub bearer: bool,
    /// When it ends, if the provider said so.
    pub expires_at: Option<UnixTime>,
    /// The scope granted: what the answer says, be it empty, or what was asked when it says
    /// nothing.
    pub scope: String,
    /// `refresh_token`
    pub refresh_token: Option<Secret>,
}

/// A kind of token (RFC 8693 section 3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenType {
    /// `urn:ietf:params:oauth:token-type:access_token`
    AccessToken,
    /// `urn:ietf:params:oauth:token-type:refresh_token`
    RefreshToken,
    /// `urn:ietf:params:oauth:token-type:id_token`
    IdToken,
    /// `urn:ietf:params:oauth:token-type:jwt`
    Jwt,
    /// `urn:ietf:params:oauth:token-type:saml1`
    Saml1,
    /// `urn:ietf:params:oauth:token-type:saml2`
    Saml2,
    /// Another one, by its URI.
    Other(String),
}

impl TokenType {
    /// The registered name.
    #[must_use]
    pub fn urn(&self) -> &str {
        let known = KNOWN.iter().find(|(kind, _)| kind == self).map(|(_, urn)| *urn);
        match self {
            Self::Other(uri) => uri,
            _ => known.unwrap_or_default(),
        }
    }

    /// From its name; one that is unknown here is kept, cut to 200 characters.
    #[must_use]
    pub fn from_urn(urn: &str) -> Self {
        let known = KNOWN.iter().find(|(_, known)| *known == urn);
        known.map_or_else(|| Self::Other(shown(urn)), |(kind, _)| kind.clone())
    }

    /// Access tokens may be called by their form.
    fn is_met_by(&self, issued: &Self) -> bool {
        let of_access = |kind: &Self| matches!(kind, Self::AccessToken | Self::Jwt);
        self == issued || (of_access(self) && of_access(issued))
    }
}

impl fmt::Display for TokenType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.urn())
    }
}

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const KNOWN: [(TokenType, &str); 6] = [
    (TokenType::AccessToken, "urn:ietf:params:oauth:token-type:access_token"),
    (TokenType::RefreshToken, "urn:ietf:params:oauth:token-type:refresh_token"),
    (TokenType::IdToken, "urn:ietf:params:oauth:token-type:id_token"),
    (TokenType::Jwt, "urn:ietf:params:oauth:token-type:jwt"),
    (TokenType::Saml1, "urn:ietf:params:oauth:token-type:saml1"),
    (TokenType::Saml2, "urn:ietf:params:oauth:token-type:saml2"),
];
