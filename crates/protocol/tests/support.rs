//! What several files need: a provider's metadata, answers, and one login up to its ID token.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use countersign_protocol::discovery::Metadata;
use countersign_protocol::id_token::{IdToken, IdTokenError, IdTokenRules};
use countersign_protocol::jose::json::Object;
use countersign_protocol::jose::{Algorithm, Allowed, KeySet, SigningKey, base64url};
use countersign_protocol::login::{Begin, Callback, LoginOptions, PendingLogin, Randomness};
use countersign_protocol::token::{ClientProof, Received, TokenError};
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{Client, Exchange, Issuer, Response, Secret, UnixTime, Verified};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};
use url::Url;

pub(crate) const ISSUER: &str = "https://op.example";
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
pub(crate) const CODE: &str = "code-1";
pub(crate) const ACCESS_TOKEN: &str = "access-1";

pub(crate) static KEY: LazyLock<SigningKey> = LazyLock::new(|| key(Algorithm::Es256));

pub(crate) fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap()
}

pub(crate) fn secs(secs: i64) -> UnixTime {
    UnixTime::from_secs(secs)
}

pub(crate) fn url(text: &str) -> Url {
    text.parse().unwrap()
}

pub(crate) fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

pub(crate) fn issuer() -> IssuerIdentity {
    IssuerIdentity::One(Issuer::parse(ISSUER).unwrap())
}

pub(crate) fn document() -> Object {
    object(json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://op.example/authorize",
        "token_endpoint": "https://op.example/token",
        "userinfo_endpoint": "https://op.example/userinfo",
        "jwks_uri": "https://op.example/jwks",
        "registration_endpoint": "https://op.example/register",
        "end_session_endpoint": "https://op.example/logout",
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "XY1"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
    }))
}

pub(crate) fn metadata_of(document: Object) -> Metadata {
    Metadata::from_json(Value::Object(document).to_string().as_bytes()).unwrap()
}

pub(crate) fn metadata() -> Metadata {
    metadata_of(document())
}

pub(crate) fn raw_answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        all.append(name, HeaderValue::from_str(value).unwrap());
    }
    let status = StatusCode::from_u16(status).unwrap();
    Response { status, headers: all, body: Bytes::from(body.to_owned()) }
}

pub(crate) fn answer(status: u16, body: &Value) -> Response {
    raw_answer(status, &[("content-type", "application/json")], &body.to_string())
}

/// The form or query as pairs.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

pub(crate) fn value_of(pairs: &[(String, String)], name: &str) -> Option<String> {
    let mut values = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
    let value = values.next().cloned();
    assert_eq!(values.next(), None, "{name} is there twice");
    value
}

pub(crate) fn begin(options: LoginOptions) -> (Url, PendingLogin) {
    begin_with(&metadata(), &issuer(), options)
}

pub(crate) fn begin_with(
    provider: &Metadata,
    identity: &IssuerIdentity,
    options: LoginOptions,
) -> (Url, PendingLogin) {
    let client = Client::public("web");
    let redirect_uri = url("https://app.example/auth/callback");
    let begin = Begin {
        provider,
        identity,
        client: &client,
        redirect_uri: &redirect_uri,
        scope: "openid email",
    };
    begin.login(options, &randomness(), NOW).unwrap()
}

pub(crate) fn randomness() -> Randomness {
    Randomness { state: [1; 32], nonce: [2; 32], verifier: [3; 32] }
}

pub(crate) fn nonce() -> String {
    base64url::encode(&[2; 32])
}

pub(crate) fn proof() -> ClientProof<'static> {
    ClientProof::new(NOW, [9; 16], ISSUER)
}

/// One login up to its ID token, with everything a test may want to turn.
pub(crate) struct Scene {
    pub(crate) options: LoginOptions,
    pub(crate) identity: IssuerIdentity,
    pub(crate) allowed: Allowed,
    pub(crate) keys: KeySet,
    pub(crate) key: SigningKey,
    pub(crate) trusted: Vec<String>,
    pub(crate) skew: Duration,
    pub(crate) now: UnixTime,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            options: LoginOptions::new(),
            identity: issuer(),
            allowed: Allowed::asymmetric(),
            keys: KeySet::from_jwks([KEY.public_jwk()]),
            key: KEY.clone(),
            trusted: Vec::new(),
            skew: Duration::from_secs(60),
            now: NOW,
        }
    }

    /// The claims of an honest ID token.
    pub(crate) fn claims() -> Object {
        object(json!({
            "iss": ISSUER,
            "sub": "alice",
            "aud": "web",
            "exp": NOW.as_secs() + 300,
            "iat": NOW.as_secs(),
            "nonce": nonce(),
        }))
    }

    /// Verifies an honest token with these members changed; `null` in a change is JSON null.
    pub(crate) fn with(self, changes: Value) -> Result<Verified<IdToken>, IdTokenError> {
        let mut claims = Self::claims();
        claims.extend(object(changes));
        self.claiming(&Value::Object(claims).to_string())
    }

    pub(crate) fn without(self, member: &str) -> Result<Verified<IdToken>, IdTokenError> {
        let mut claims = Self::claims();
        claims.remove(member).unwrap();
        self.claiming(&Value::Object(claims).to_string())
    }

    /// Verifies a token with exactly this payload.
    pub(crate) fn claiming(self, payload: &str) -> Result<Verified<IdToken>, IdTokenError> {
        let token = self.key.sign(&Object::new(), payload.as_bytes()).unwrap();
        self.verify(&token)
    }

    pub(crate) fn verify(self, token: &str) -> Result<Verified<IdToken>, IdTokenError> {
        let rules = IdTokenRules {
            identity: &self.identity,
            client_id: "web",
            allowed: &self.allowed,
            trusted_audiences: &self.trusted,
            clock_skew: self.skew,
        };
        let (_, pending) = begin_with(&metadata(), &self.identity, self.options);
        let received = redeemed(pending, &self.identity, token).unwrap();
        received.verify(&rules, &self.keys, self.now)
    }
}

fn redeemed(
    pending: PendingLogin,
    identity: &IssuerIdentity,
    id_token: &str,
) -> Result<Received, TokenError> {
    let callback = Callback::parse(&format!("code={CODE}&state={}", pending.state())).unwrap();
    let grant = pending.accept(callback, identity, NOW).unwrap();
    let endpoint = url("https://op.example/token");
    let redeem = grant.redeem(&endpoint, &Client::public("web"), NOW, proof()).unwrap();
    redeem.answer(answer(
        200,
        &json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": id_token}),
    ))
}

/// The tokens of an honest login, for what follows it.
pub(crate) fn received() -> (Received, Verified<IdToken>) {
    let token = KEY.sign(&Object::new(), Value::Object(Scene::claims()).to_string().as_bytes());
    let token = token.unwrap();
    let (_, pending) = begin(LoginOptions::new());
    (redeemed(pending, &issuer(), &token).unwrap(), Scene::new().verify(&token).unwrap())
}

/// A small generator of numbers, the same in every run (xorshift).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
    }
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::from(text)
}
