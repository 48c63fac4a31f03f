//! A session that is kept in parts, where an application's own session holds them.

use std::sync::Arc;

use countersign_protocol::id_token::IdToken;
use countersign_protocol::jose::json::Object;
use countersign_protocol::token::Tokens;
use countersign_protocol::{Secret, UnixTime, Verified};

use super::{About, Inner, Session};

/// The parts of a session, from a place that nobody else can write to.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "the caller kept all of it")]
pub struct KeptSession {
    /// From [`kept_identity`](crate::danger::kept_identity) or
    /// [`kept_claims`](crate::danger::kept_claims).
    pub identity: Verified<IdToken>,
    /// Claims from UserInfo.
    pub user_info: Option<Object>,
    /// The access token.
    pub access_token: Secret,
    /// When it ends.
    pub expires_at: Option<UnixTime>,
    /// The refresh token.
    pub refresh_token: Option<Secret>,
    /// The scope granted.
    pub scope: String,
    /// The client that the person logged in to.
    pub client_id: String,
    /// When the person logged in.
    pub started_at: UnixTime,
}

impl KeptSession {
    pub(crate) fn restored(self) -> Session {
        let about = About {
            client_id: self.client_id,
            verified_at: self.identity.verified_at(),
            started_at: self.started_at,
            checked_at: self.started_at,
            tokens_at: self.started_at,
            refreshed: 0,
        };
        let tokens =
            Tokens::new(self.access_token, self.expires_at, self.refresh_token, self.scope);
        let (identity, user_info) = (self.identity, self.user_info);
        Session { inner: Arc::new(Inner { identity, user_info, tokens, about }) }
    }
}
