//! What the provider remembers: who is logged in where, and what was handed out.

use std::collections::HashMap;

use countersign_jose::json::Object;
use serde_json::Value;

use crate::account::User;
use crate::client::Client;
use crate::endpoint::authorize::Request;

/// Everything that changes while the provider runs, behind one lock.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) users: Vec<User>,
    pub(crate) clients: HashMap<String, Client>,
    /// By the value of the session cookie.
    pub(crate) sessions: HashMap<String, Session>,
    /// Requests that wait for a person, by an id that the page carries.
    pub(crate) interactions: HashMap<String, Interaction>,
    /// By grant id.
    pub(crate) grants: HashMap<String, Grant>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access_tokens: HashMap<String, AccessToken>,
    pub(crate) refresh_tokens: HashMap<String, RefreshToken>,
    /// Client assertions that were seen (`client_id` and `jti`), with their end.
    pub(crate) assertions: HashMap<(String, String), i64>,
}

/// A person logged in with a browser.
#[derive(Clone)]
pub(crate) struct Session {
    /// Public name of the session, the `sid` claim; never the cookie's value.
    pub(crate) sid: String,
    pub(crate) username: String,
    pub(crate) auth_time: i64,
    pub(crate) acr: String,
    /// Clients that got something in this session.
    pub(crate) clients: Vec<String>,
    /// What was allowed on the consent page, by client.
    pub(crate) consents: HashMap<String, Vec<String>>,
}

/// An authorization request that waits for a login or a consent.
#[derive(Clone)]
pub(crate) struct Interaction {
    pub(crate) request: Request,
    /// The browser that brought it; only that one may answer.
    pub(crate) browser: String,
    pub(crate) created_at: i64,
    /// Somebody logged in for this very request (settles `prompt=login` and `max_age`).
    pub(crate) logged_in: bool,
    pub(crate) consented: bool,
}

/// What a person allowed a client to do.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    /// `None` for `client_credentials`.
    pub(crate) username: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) claims: Object,
    pub(crate) resources: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) auth_time: i64,
    pub(crate) acr: Option<String>,
    pub(crate) sid: Option<String>,
    /// The key that the tokens are bound to (RFC 9449 section 6.1).
    pub(crate) jkt: Option<String>,
    /// Who acts for the person (RFC 8693 section 4.1).
    pub(crate) act: Option<Value>,
    pub(crate) revoked: bool,
}

impl Grant {
    /// A grant of nothing but a scope, to a client.
    pub(crate) fn plain(client_id: &str, username: Option<String>, scope: Vec<String>) -> Self {
        Self {
            client_id: client_id.to_owned(),
            username,
            scope,
            claims: Object::new(),
            resources: Vec::new(),
            nonce: None,
            auth_time: 0,
            acr: None,
            sid: None,
            jkt: None,
            act: None,
            revoked: false,
        }
    }
}

/// An authorization code.
pub(crate) struct Code {
    pub(crate) grant: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) expires_at: i64,
    pub(crate) used: bool,
}

/// An access token that was handed out.
#[derive(Clone)]
pub(crate) struct AccessToken {
    pub(crate) grant: String,
    pub(crate) scope: Vec<String>,
    pub(crate) audience: Vec<String>,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) jkt: Option<String>,
    pub(crate) act: Option<Value>,
    /// What it was minted with besides.
    pub(crate) minted: Object,
    pub(crate) revoked: bool,
}

/// A refresh token that was handed out.
#[derive(Clone)]
pub(crate) struct RefreshToken {
    pub(crate) grant: String,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) used: bool,
}

impl Book {
    pub(crate) fn user(&self, username: &str) -> Option<&User> {
        self.users.iter().find(|user| user.username() == username)
    }

    /// The grant, unless it was revoked.
    pub(crate) fn live_grant(&self, id: &str) -> Option<&Grant> {
        self.grants.get(id).filter(|grant| !grant.revoked)
    }

    /// The access token with its grant, while both are good.
    pub(crate) fn live_access(&self, token: &str, now: i64) -> Option<(&AccessToken, &Grant)> {
        let access = self.access_tokens.get(token)?;
        let good = !access.revoked && now < access.expires_at;
        good.then(|| Some((access, self.live_grant(&access.grant)?)))?
    }

    /// The refresh token with its grant, while both are good.
    pub(crate) fn live_refresh(&self, token: &str, now: i64) -> Option<(&RefreshToken, &Grant)> {
        let refresh = self.refresh_tokens.get(token)?;
        let good = !refresh.used && now < refresh.expires_at;
        good.then(|| Some((refresh, self.live_grant(&refresh.grant)?)))?
    }

    /// Ends everything that came from the grant.
    pub(crate) fn revoke(&mut self, grant: &str) {
        if let Some(grant) = self.grants.get_mut(grant) {
            grant.revoked = true;
        }
    }

    /// Ends every session of a person and hands them back.
    pub(crate) fn end_sessions(&mut self, username: &str) -> Vec<Session> {
        let ended = self.sessions.extract_if(|_, session| session.username == username);
        ended.map(|(_, session)| session).collect()
    }

    /// Ends everything that was handed out in the session.
    pub(crate) fn revoke_session(&mut self, sid: &str) {
        let of_session = |grant: &&mut Grant| grant.sid.as_deref() == Some(sid);
        self.grants.values_mut().filter(of_session).for_each(|grant| grant.revoked = true);
    }

    /// Forgets what ended, once there is much of it; keeps spent codes and tokens long enough to
    /// notice that they come again.
    pub(crate) fn sweep(&mut self, now: i64) {
        if self.codes.len() + self.access_tokens.len() + self.interactions.len() < SWEEP_AT {
            return;
        }
        self.codes.retain(|_, code| now < code.expires_at + KEEP);
        self.access_tokens.retain(|_, token| now < token.expires_at + KEEP);
        self.refresh_tokens.retain(|_, token| now < token.expires_at);
        self.interactions.retain(|_, waiting| now < waiting.created_at + INTERACTION_LIFE);
        self.sessions.retain(|_, session| now < session.auth_time + SESSION_KEEP);
        self.assertions.retain(|_, end| now < *end);
        let used: std::collections::HashSet<&String> =
            (self.codes.values().map(|code| &code.grant))
                .chain(self.access_tokens.values().map(|token| &token.grant))
                .chain(self.refresh_tokens.values().map(|token| &token.grant))
                .collect();
        let dead: Vec<String> =
            self.grants.keys().filter(|id| !used.contains(id)).cloned().collect();
        dead.iter().for_each(|id| drop(self.grants.remove(id)));
    }
}

/// A login page may stay open for a day, in seconds.
pub(crate) const INTERACTION_LIFE: i64 = 86_400;
const KEEP: i64 = 600;
const SESSION_KEEP: i64 = 30 * 86_400;
const SWEEP_AT: usize = 20_000;
