//! The second half of a login: callback, tokens, identity, profile.

use std::sync::Arc;

use countersign_protocol::discovery::Metadata;
use countersign_protocol::id_token::{IdToken, IdTokenRules};
use countersign_protocol::jose::json::Object;
use countersign_protocol::jose::{Allowed, KeySet, digest};
use countersign_protocol::login::{Callback, PendingLogin};
use countersign_protocol::token::TokenError;
use countersign_protocol::user_info::{AskUserInfo, UserInfoAnswer};
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::{Client, Secret, UnixTime, Verified};

use super::RelyingParty;
use crate::error::{Error, ErrorKind};
use crate::outside::BoxFuture;
use crate::session::Session;

impl RelyingParty {
    /// Turns a callback into a session: the state, the code for tokens, the ID token by every rule
    /// of OpenID Connect Core 1.0 section 3.1.3.7, the profile of *this* verified subject.
    ///
    /// The same callback that comes twice at once (a double click) is one login, since a code that
    /// is sent a second time makes the provider take back what the first gave (RFC 6749 section
    /// 4.1.2).
    ///
    /// # Errors
    /// [`Error`] names the step and the rule. Nothing of the login is left then.
    pub async fn complete(
        &self,
        pending: PendingLogin,
        callback: Callback,
    ) -> Result<Session, Error> {
        self.complete_once(pending, callback, true).await
    }

    /// As [`RelyingParty::complete`], without asking UserInfo: who the person is stands in the ID
    /// token, the profile can be asked for later ([`RelyingParty::user_info`]).
    ///
    /// # Errors
    /// Those of [`RelyingParty::complete`].
    pub async fn identify(
        &self,
        pending: PendingLogin,
        callback: Callback,
    ) -> Result<Session, Error> {
        self.complete_once(pending, callback, false).await
    }

    async fn complete_once(
        &self,
        pending: PendingLogin,
        callback: Callback,
        profile: bool,
    ) -> Result<Session, Error> {
        let key = fingerprint(&pending, &callback);
        let rp = self.clone();
        let begin = || -> BoxFuture<'static, _> {
            Box::pin(async move { rp.complete_now(pending, callback, profile).await })
        };
        self.inner.logins.join(key, self.now(), begin, |_| false).await
    }

    async fn complete_now(
        &self,
        pending: PendingLogin,
        callback: Callback,
        profile: bool,
    ) -> Result<Session, Error> {
        let now = self.now();
        let client_id = pending.client_id().to_owned();
        let grant = pending.accept(callback, self.identity(), now)?;
        let (metadata, client) = self.parties_of(&client_id, now).await?;

        let proof = self.proof(now, &metadata)?;
        let redeem = grant.redeem(metadata.require(Endpoint::Token)?, &client, now, proof)?;
        let received = self.inner.way.ask(redeem).await;
        let received = received.inspect_err(|error| self.forget_if_unknown(error, &client))?;

        let now = self.now();
        let verify = |rules: &IdTokenRules<'_>, keys: &KeySet| received.verify(rules, keys, now);
        let identity = self.identified(&metadata, &client, now, verify).await?;
        let access_token = received.access_token(&identity);
        let profile = match profile {
            true => self.profile(&metadata, &client, access_token, &identity, now).await?,
            false => None,
        };
        let tokens = received.into_tokens(&identity);
        Ok(Session::new(identity, profile, tokens, client.id(), now))
    }

    /// The profile of this verified identity, where there is a UserInfo endpoint to ask and it is
    /// not switched off.
    pub(super) async fn profile(
        &self,
        metadata: &Metadata,
        client: &Client,
        access_token: &Secret,
        identity: &Verified<IdToken>,
        now: UnixTime,
    ) -> Result<Option<Object>, Error> {
        let Some(endpoint) = metadata.user_info_endpoint().filter(|_| self.inner.user_info) else {
            return Ok(None);
        };
        let ask = AskUserInfo::new(endpoint, access_token, identity);
        self.ask_profile(metadata, client, ask, now).await.map(Some)
    }

    /// Asks UserInfo (OpenID Connect Core 1.0 section 5.3) with an access token that this
    /// application got for a person. The answer must be about `subject`; without one it is about
    /// whoever the provider says the token is from, and decides nothing about anybody else.
    ///
    /// # Errors
    /// [`Error`] when the provider has no such endpoint, refuses, or answers about somebody else.
    pub async fn user_info(
        &self,
        access_token: &Secret,
        subject: Option<&str>,
    ) -> Result<Object, Error> {
        let now = self.now();
        let (metadata, client) = self.parties(now).await?;
        let endpoint = metadata.require(Endpoint::UserInfo)?;
        let ask = AskUserInfo::with_token(endpoint, access_token, subject);
        self.ask_profile(&metadata, &client, ask, now).await
    }

    async fn ask_profile(
        &self,
        metadata: &Metadata,
        client: &Client,
        ask: AskUserInfo,
        now: UnixTime,
    ) -> Result<Object, Error> {
        let ask = if self.inner.user_info_by_post { ask.by_post() } else { ask };
        let signed_with = client.expected_user_info_alg();
        let profile = match self.inner.way.ask(ask).await? {
            UserInfoAnswer::Plain(plain) => plain.verify(signed_with.is_some(), now)?,
            UserInfoAnswer::Signed(signed) => {
                let allowed = match signed_with {
                    Some(alg) => Allowed::new([alg]).map_err(|_| ErrorKind::NoAlgorithm)?,
                    None => self.allowed(metadata, client)?,
                };
                self.checked(
                    metadata,
                    client,
                    signed_with.or(client.expected_id_token_alg()),
                    now,
                    |keys| signed.verify(keys, &allowed, self.identity(), Some(client.id()), now),
                    |error| error.is_unknown_key(),
                )
                .await?
            }
        };
        Ok(profile.into_inner().into_claims())
    }

    /// The provider and the client with which a login or session was begun; a registration may
    /// have been renewed since.
    pub(super) async fn parties_of(
        &self,
        client_id: &str,
        now: UnixTime,
    ) -> Result<(Arc<Metadata>, Arc<Client>), Error> {
        if let Some(client) = self.inner.registered.with_id(client_id) {
            return Ok((self.inner.known.metadata(now).await?, client));
        }
        self.parties(now).await
    }

    pub(super) fn forget_if_unknown(&self, error: &Error, client: &Client) {
        if let ErrorKind::Token(TokenError::Refused { says }) = error.kind()
            && says.error == "invalid_client"
        {
            self.inner.registered.forget(client);
        }
    }
}

/// Names a callback and the login that it answers, without holding them.
fn fingerprint(pending: &PendingLogin, callback: &Callback) -> [u8; 32] {
    let answer = match callback {
        Callback::Code { code, .. } => code.expose().to_owned(),
        other => format!("{other:?}"),
    };
    let of_callback = [callback.state(), callback.issuer()].map(Option::unwrap_or_default);
    let [state, issuer] = of_callback;
    let all = [pending.state(), pending.client_id(), state, issuer, &answer].join("\n");
    digest::sha256(all.as_bytes())
}
