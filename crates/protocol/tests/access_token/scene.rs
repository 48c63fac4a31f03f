//! What the tests of this folder share: one honest token, and the rules of one API.

use std::time::Duration;

use countersign_protocol::access_token::{
    AccessToken, AccessTokenError, AccessTokenRules, AudienceRule, Profile,
};
use countersign_protocol::jose::json::{Document, Object};
use countersign_protocol::jose::{Allowed, Jws, KeySet, SigningKey};
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{UnixTime, Verified};
use serde_json::{Value, json};

use crate::support::{ISSUER, KEY, NOW, issuer, object};

pub(super) const T: i64 = NOW.as_secs();

pub(super) type Judged = Result<Verified<AccessToken>, AccessTokenError>;

/// Everything that a test may want to turn.
pub(super) struct Scene {
    pub(super) identity: IssuerIdentity,
    pub(super) audiences: Vec<String>,
    pub(super) clients: Vec<String>,
    pub(super) allowed: Allowed,
    pub(super) profile: Profile,
    pub(super) skew: Duration,
    pub(super) keys: KeySet,
    pub(super) key: SigningKey,
    pub(super) header: Object,
    pub(super) now: UnixTime,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self {
            identity: issuer(),
            audiences: vec!["api".to_owned()],
            clients: Vec::new(),
            allowed: Allowed::asymmetric(),
            profile: Profile::Any,
            skew: Duration::from_secs(60),
            keys: KeySet::from_jwks([KEY.public_jwk()]),
            key: KEY.clone(),
            header: Object::new(),
            now: NOW,
        }
    }

    pub(super) fn typ(mut self, typ: &str) -> Self {
        self.header.insert("typ".to_owned(), json!(typ));
        self
    }

    pub(super) fn audiences(mut self, audiences: &[&str]) -> Self {
        self.audiences = audiences.iter().map(|one| (*one).to_owned()).collect();
        self
    }

    /// The claims of an honest token.
    pub(super) fn claims() -> Object {
        object(json!({
            "iss": ISSUER,
            "sub": "alice",
            "aud": "api",
            "client_id": "web",
            "exp": T + 300,
            "iat": T,
            "jti": "1",
        }))
    }

    /// Judges an honest token with these members changed; `null` in a change is JSON null.
    pub(super) fn with(self, changes: Value) -> Judged {
        let mut claims = Self::claims();
        claims.extend(object(changes));
        self.of(Value::Object(claims))
    }

    pub(super) fn without(self, member: &str) -> Judged {
        let mut claims = Self::claims();
        claims.remove(member).unwrap();
        self.of(Value::Object(claims))
    }

    pub(super) fn of(self, claims: Value) -> Judged {
        self.claiming(&claims.to_string())
    }

    /// Judges a token with exactly this payload.
    pub(super) fn claiming(self, payload: &str) -> Judged {
        let token = self.key.sign(&self.header, payload.as_bytes()).unwrap();
        self.verify(&token)
    }

    pub(super) fn verify(self, token: &str) -> Judged {
        let judged = self.rules().verify(Jws::parse(token)?, &self.keys, self.now);
        judged.map(|(token, _)| token)
    }

    /// Judges what an introspection endpoint says.
    pub(super) fn said(self, answer: Value, may_lack_audience: bool) -> Judged {
        let document = Document::parse(answer.to_string()).unwrap();
        let audience =
            if may_lack_audience { AudienceRule::OursIfNamed } else { AudienceRule::Ours };
        self.rules().introspected(document, audience, self.now)
    }

    pub(super) fn rules(&self) -> AccessTokenRules<'_> {
        AccessTokenRules {
            audience: AudienceRule::Ours,
            needs_kid: false,
            identity: &self.identity,
            audiences: &self.audiences,
            clients: &self.clients,
            allowed: &self.allowed,
            profile: self.profile,
            clock_skew: self.skew,
        }
    }
}

/// The code of the refusal; nothing for a token that passes.
pub(super) fn code(judged: Judged) -> &'static str {
    judged.map_or_else(|error| error.entry().code, |_| "")
}
