//! A provider that answers from a script.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use countersign::UnixTime;
use countersign::outside::{BoxFuture, Clock, Failure, Limits, Transport};
use countersign::protocol::{Request, Response};
use countersign_jose::{Algorithm, Object, SigningKey};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use super::HandClock;

pub const ISSUER: &str = "https://op.example";

#[derive(Clone)]
pub struct Scripted {
    key: Arc<SigningKey>,
    clock: HandClock,
    script: Arc<Mutex<Script>>,
}

/// What the provider does and has done.
pub struct Script {
    pub subject: String,
    pub claims: Object,
    pub user_info: Object,
    pub expires_in: u64,
    pub refresh_tokens: bool,
    pub refresh_refused: bool,
    pub refresh_subject: Option<String>,
    pub down: bool,
    pub end_session: bool,
    pub token_status: u16,
    pub asked: HashMap<String, usize>,
    codes: HashMap<String, String>,
    count: usize,
}

impl Scripted {
    pub fn new(clock: HandClock) -> Self {
        let script = Script {
            subject: "alice".to_owned(),
            claims: Object::new(),
            user_info: object(json!({ "name": "Alice", "email": "alice@example.com" })),
            expires_in: 3600,
            refresh_tokens: false,
            refresh_refused: false,
            refresh_subject: None,
            down: false,
            end_session: true,
            token_status: 200,
            asked: HashMap::new(),
            codes: HashMap::new(),
            count: 0,
        };
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        Self { key: Arc::new(key), clock, script: Arc::new(Mutex::new(script)) }
    }

    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    pub fn asked(&self, path: &str) -> usize {
        self.script().asked.get(path).copied().unwrap_or(0)
    }

    /// A person at the provider says yes: the callback's parameters.
    pub fn yes(&self, url: &str) -> Vec<(String, String)> {
        let url = Url::parse(url).unwrap();
        assert_eq!(url.origin().ascii_serialization(), ISSUER, "{url}");
        let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
        let mut script = self.script();
        script.count += 1;
        let code = format!("code-{}", script.count);
        script.codes.insert(code.clone(), asked["nonce"].clone());
        vec![
            ("code".to_owned(), code),
            ("state".to_owned(), asked["state"].clone()),
            ("iss".to_owned(), ISSUER.to_owned()),
        ]
    }

    /// The provider says no.
    pub fn no(&self, url: &str, error: &str, description: &str) -> Vec<(String, String)> {
        let mut answer = self.yes(url);
        answer.remove(0);
        answer.push(("error".to_owned(), error.to_owned()));
        answer.push(("error_description".to_owned(), description.to_owned()));
        answer
    }

    /// What the provider posts when a session ends, with these claims beside the honest ones.
    pub fn logout_token(&self, changes: Object) -> String {
        let now = self.clock.now().as_secs();
        let mut script = self.script();
        script.count += 1;
        let event = "http://schemas.openid.net/event/backchannel-logout";
        let mut claims = object(json!({
            "iss": ISSUER,
            "aud": "web",
            "iat": now,
            "exp": now + 120,
            "jti": format!("jti-{}", script.count),
            "events": { event: {} },
        }));
        claims.extend(changes);
        let header = object(json!({ "typ": "logout+jwt" }));
        self.key.sign(&header, Value::Object(claims).to_string().as_bytes()).unwrap()
    }

    fn answer(&self, request: &Request) -> Result<Response, Failure> {
        let path = request.url().path().to_owned();
        let now = self.clock.now();
        let mut script = self.script();
        *script.asked.entry(path.clone()).or_default() += 1;
        if script.down {
            return Err(Failure::Unreachable { why: "refused".to_owned() });
        }
        let (status, body) = match path.as_str() {
            "/.well-known/openid-configuration" => (200, metadata(script.end_session)),
            "/jwks" => (200, json!({ "keys": [self.key.public_jwk()] })),
            "/userinfo" => {
                let mut info = script.user_info.clone();
                info.insert("sub".to_owned(), script.subject.clone().into());
                (200, Value::Object(info))
            }
            "/token" => self.token(&mut script, request, now),
            other => panic!("nothing is at {other}"),
        };
        Ok(response(status, &body))
    }

    fn token(&self, script: &mut Script, request: &Request, now: UnixTime) -> (u16, Value) {
        let form: HashMap<String, String> =
            url::form_urlencoded::parse(request.body()).into_owned().collect();
        if script.token_status != 200 {
            return (script.token_status, json!({ "error": "server_error" }));
        }
        let refused = |error: &str| (400, json!({ "error": error }));
        let mut subject = script.subject.clone();
        let nonce = match form["grant_type"].as_str() {
            "authorization_code" => match script.codes.remove(&form["code"]) {
                Some(nonce) => Some(nonce),
                None => return refused("invalid_grant"),
            },
            "refresh_token" if script.refresh_refused => return refused("invalid_grant"),
            "refresh_token" => {
                subject = script.refresh_subject.clone().unwrap_or(subject);
                None
            }
            _ => return refused("unsupported_grant_type"),
        };
        script.count += 1;
        let mut claims = script.claims.clone();
        let now = now.as_secs();
        for (name, value) in [
            ("iss", json!(ISSUER)),
            ("aud", json!("web")),
            ("sub", json!(subject)),
            ("iat", json!(now)),
            ("exp", json!(now + 600)),
        ] {
            claims.insert(name.to_owned(), value);
        }
        if let Some(nonce) = nonce {
            claims.insert("nonce".to_owned(), nonce.into());
            claims.insert("auth_time".to_owned(), now.into());
        }
        let payload = Value::Object(claims).to_string();
        let id_token = self.key.sign(&Object::new(), payload.as_bytes()).unwrap();
        let mut answer = json!({
            "access_token": format!("access-{}", script.count),
            "token_type": "Bearer",
            "expires_in": script.expires_in,
            "id_token": id_token,
        });
        if script.refresh_tokens {
            answer["refresh_token"] = format!("refresh-{}", script.count).into();
        }
        (200, answer)
    }
}

impl Transport for Scripted {
    fn send(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        let answer = self.answer(&request);
        Box::pin(async move { answer })
    }
}

fn metadata(end_session: bool) -> Value {
    let mut metadata = json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "userinfo_endpoint": format!("{ISSUER}/userinfo"),
        "jwks_uri": format!("{ISSUER}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
    });
    if end_session {
        metadata["end_session_endpoint"] = format!("{ISSUER}/logout").into();
    }
    metadata
}

fn response(status: u16, body: &Value) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let status = StatusCode::from_u16(status).unwrap();
    Response { status, headers, body: body.to_string().into() }
}

pub fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => panic!("no object"),
    }
}
