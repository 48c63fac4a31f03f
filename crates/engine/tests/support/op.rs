//! The provider: strict about what it is asked, and wrong in whatever way a test wants.

use std::collections::HashMap;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use countersign::UnixTime;
use countersign::outside::Failure;
use countersign::protocol::jose::json::Object;
use countersign::protocol::jose::{Algorithm, SigningKey, base64url, digest};
use countersign::protocol::value::endpoint::Endpoint;
use countersign::protocol::{Request, Response};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};
use url::Url;

type Change = Box<dyn Fn(&mut Object) + Send>;

pub(crate) struct Op {
    pub(crate) issuer: String,
    pub(crate) document: Object,
    /// What is published, and what signs.
    pub(crate) keys: Vec<SigningKey>,
    pub(crate) signer: SigningKey,
    pub(crate) user_info_signer: Option<SigningKey>,
    /// Known clients and their secrets; the ones that registered themselves are counted.
    pub(crate) clients: HashMap<String, Option<String>>,
    pub(crate) registered: u32,
    pub(crate) secret_lifetime: Option<Duration>,
    pub(crate) registration: Object,
    /// No connection at all.
    pub(crate) down: Option<Failure>,
    /// An answer instead of the honest one.
    pub(crate) instead: HashMap<Endpoint, Response>,
    /// Addresses where nothing is.
    pub(crate) not_there: Vec<String>,
    pub(crate) revoked: Vec<String>,
    pub(crate) change_id_token: Change,
    pub(crate) change_user_info: Change,
    pub(crate) change_tokens: Change,
    pub(crate) subject: String,
    pub(crate) access_token_lifetime: u64,
    pub(crate) id_token_on_refresh: bool,
    codes: HashMap<String, Grant>,
    refresh_tokens: HashMap<String, Grant>,
    access_tokens: HashMap<String, String>,
    pub(crate) count: u32,
}

#[derive(Clone)]
struct Grant {
    client_id: String,
    redirect_uri: String,
    nonce: String,
    challenge: Option<String>,
    scope: String,
    subject: String,
}

pub(crate) fn key(alg: Algorithm) -> SigningKey {
    SigningKey::generate(alg).unwrap()
}

pub(crate) fn answer(status: u16, body: &Value) -> Response {
    plain(status, "application/json", body.to_string())
}

fn plain(status: u16, media: &'static str, body: String) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(media));
    Response { status: StatusCode::from_u16(status).unwrap(), headers, body: Bytes::from(body) }
}

impl Op {
    pub(crate) fn new(issuer: &str) -> Self {
        let signer = key(Algorithm::Es256);
        let at = |path: &str| json!(format!("{issuer}{path}"));
        let mut document = Object::new();
        document.insert("issuer".into(), json!(issuer));
        for (name, path) in [
            ("authorization_endpoint", "/authorize"),
            ("token_endpoint", "/token"),
            ("userinfo_endpoint", "/userinfo"),
            ("jwks_uri", "/jwks"),
            ("registration_endpoint", "/register"),
            ("end_session_endpoint", "/logout"),
            ("revocation_endpoint", "/revoke"),
        ] {
            document.insert(name.into(), at(path));
        }
        let clients = [("web".to_owned(), Some(super::CLIENT_SECRET.to_owned()))];
        Self {
            issuer: issuer.to_owned(),
            document,
            keys: vec![signer.clone()],
            signer,
            user_info_signer: None,
            clients: clients.into(),
            registered: 0,
            secret_lifetime: None,
            registration: Object::new(),
            down: None,
            instead: HashMap::new(),
            not_there: Vec::new(),
            revoked: Vec::new(),
            change_id_token: Box::new(|_| {}),
            change_user_info: Box::new(|_| {}),
            change_tokens: Box::new(|_| {}),
            subject: "alice".to_owned(),
            access_token_lifetime: 300,
            id_token_on_refresh: true,
            codes: HashMap::new(),
            refresh_tokens: HashMap::new(),
            access_tokens: HashMap::new(),
            count: 0,
        }
    }

    /// A new key signs and is the only one published.
    pub(crate) fn rotate(&mut self) {
        self.signer = key(Algorithm::Es256);
        self.keys = vec![self.signer.clone()];
    }

    /// Another refresh token with the rights of the first.
    pub(crate) fn accept_too(&mut self, token: &str, other: &str) {
        let grant = self.refresh_tokens[token].clone();
        self.refresh_tokens.insert(other.to_owned(), grant);
    }

    /// The login page: what the browser brings back.
    pub(crate) fn authorize(&mut self, url: &Url) -> String {
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let of = |name: &str| query.get(name).cloned().unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(of("response_type"), "code");
        if query.contains_key("code_challenge") {
            assert_eq!(of("code_challenge_method"), "S256");
        }
        assert!(of("scope").split(' ').any(|scope| scope == "openid"));
        assert!(self.clients.contains_key(&of("client_id")), "unknown client");
        let grant = Grant {
            client_id: of("client_id"),
            redirect_uri: of("redirect_uri"),
            nonce: of("nonce"),
            challenge: query.get("code_challenge").cloned(),
            scope: of("scope"),
            subject: self.subject.clone(),
        };
        let code = self.fresh("code-hush");
        self.codes.insert(code.clone(), grant);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("code", &code).append_pair("state", &of("state"));
        query.append_pair("iss", &self.issuer).finish()
    }

    pub(crate) fn answer(&mut self, request: &Request, now: UnixTime) -> Result<Response, Failure> {
        if let Some(failure) = &self.down {
            return Err(failure.clone());
        }
        if let Some(response) = self.instead.get(&request.endpoint()) {
            return Ok(response.clone());
        }
        if self.not_there.iter().any(|path| path == request.url().path()) {
            return Ok(plain(404, "text/html", "<html>".to_owned()));
        }
        Ok(match request.endpoint() {
            Endpoint::Discovery => answer(200, &Value::Object(self.document.clone())),
            Endpoint::Keys => {
                let keys: Vec<_> = self.keys.iter().map(SigningKey::public_jwk).collect();
                answer(200, &json!({ "keys": keys }))
            }
            Endpoint::Registration => self.register(request, now),
            Endpoint::Token => self.token(request, now),
            Endpoint::UserInfo => self.user_info(request),
            Endpoint::Revocation => self.revoke(request),
            other => panic!("nobody is asked at {other}"),
        })
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}-{}", self.count)
    }

    fn register(&mut self, request: &Request, now: UnixTime) -> Response {
        let asked: Value = serde_json::from_slice(request.body()).unwrap();
        self.registered += 1;
        let id = format!("client-{}", self.registered);
        let secret = format!("registered-hush-{}", self.registered);
        self.clients.insert(id.clone(), Some(secret.clone()));
        let mut body = asked.as_object().unwrap().clone();
        body.insert("client_id".into(), json!(id));
        body.insert("client_secret".into(), json!(secret));
        if let Some(lifetime) = self.secret_lifetime {
            let ends = (now + lifetime).as_secs();
            body.insert("client_secret_expires_at".into(), json!(ends));
        }
        body.extend(self.registration.clone());
        answer(201, &Value::Object(body))
    }

    fn token(&mut self, request: &Request, now: UnixTime) -> Response {
        let form: HashMap<String, String> =
            url::form_urlencoded::parse(request.body()).into_owned().collect();
        let of = |name: &str| form.get(name).cloned().unwrap_or_default();
        let Some(client_id) = self.client_of(request, &form) else {
            return answer(401, &json!({"error": "invalid_client"}));
        };
        let refused = answer(400, &json!({"error": "invalid_grant"}));
        match &*of("grant_type") {
            "client_credentials" => return self.onward(&of("scope")),
            grant if grant.ends_with(":token-exchange") => {
                let known = self.access_tokens.contains_key(&of("subject_token"));
                return if known { self.onward(&of("scope")) } else { refused };
            }
            _ => {}
        }
        let is_refresh = of("grant_type") == "refresh_token";
        let grant = if is_refresh {
            self.refresh_tokens.remove(&of("refresh_token"))
        } else {
            self.codes.remove(&of("code")).filter(|grant| {
                let shown =
                    form.get("code_verifier").map(|verifier| digest::sha256(verifier.as_bytes()));
                let shown = shown.map(|digest| base64url::encode(&digest));
                grant.challenge == shown && grant.redirect_uri == of("redirect_uri")
            })
        };
        let Some(grant) = grant.filter(|grant| grant.client_id == client_id) else {
            return refused;
        };
        self.tokens(grant, now, !is_refresh || self.id_token_on_refresh)
    }

    /// A token for a call onward.
    fn onward(&mut self, scope: &str) -> Response {
        let mut body = json!({
            "access_token": self.fresh("onward-hush"),
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "token_type": "Bearer",
            "expires_in": self.access_token_lifetime,
            "scope": scope,
        });
        (self.change_tokens)(body.as_object_mut().unwrap());
        answer(200, &body)
    }

    /// A token for somebody, as one that came with a request.
    pub(crate) fn access_token_of(&mut self, subject: &str) -> String {
        let token = self.fresh("access-hush");
        self.access_tokens.insert(token.clone(), subject.to_owned());
        token
    }

    fn revoke(&mut self, request: &Request) -> Response {
        let form: HashMap<String, String> =
            url::form_urlencoded::parse(request.body()).into_owned().collect();
        if self.client_of(request, &form).is_none() {
            return answer(401, &json!({"error": "invalid_client"}));
        }
        self.revoked.push(form["token"].clone());
        plain(200, "text/plain", String::new())
    }

    fn tokens(&mut self, grant: Grant, now: UnixTime, with_id_token: bool) -> Response {
        let access_token = self.fresh("access-hush");
        let refresh_token = self.fresh("refresh-hush");
        self.access_tokens.insert(access_token.clone(), self.subject.clone());
        self.refresh_tokens.insert(refresh_token.clone(), grant.clone());
        let mut body = json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": self.access_token_lifetime,
            "refresh_token": refresh_token,
            "scope": grant.scope,
        });
        if with_id_token {
            let mut claims = json!({
                "iss": self.issuer,
                "sub": grant.subject,
                "aud": grant.client_id,
                "exp": now.as_secs() + 300,
                "iat": now.as_secs(),
                "nonce": grant.nonce,
                "at_hash": digest::half(self.signer.algorithm(), &access_token).unwrap(),
                "note": "claim-hush",
            });
            (self.change_id_token)(claims.as_object_mut().unwrap());
            let token = self.signer.sign(&Object::new(), claims.to_string().as_bytes());
            body["id_token"] = json!(token.unwrap());
        }
        (self.change_tokens)(body.as_object_mut().unwrap());
        answer(200, &body)
    }

    fn user_info(&mut self, request: &Request) -> Response {
        let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let Some(subject) = self.access_tokens.get(token) else {
            return answer(401, &json!({"error": "invalid_token"}));
        };
        let mut claims = json!({"sub": subject, "name": "Alice", "email": "alice@hush.example"});
        (self.change_user_info)(claims.as_object_mut().unwrap());
        match &self.user_info_signer {
            None => answer(200, &claims),
            Some(key) => {
                let token = key.sign(&Object::new(), claims.to_string().as_bytes()).unwrap();
                plain(200, "application/jwt", token)
            }
        }
    }

    fn client_of(&self, request: &Request, form: &HashMap<String, String>) -> Option<String> {
        let (id, secret) = match request.headers().get("authorization") {
            Some(header) => {
                let pair = header.to_str().ok()?.strip_prefix("Basic ")?;
                let pair = String::from_utf8(BASE64_STANDARD.decode(pair).ok()?).ok()?;
                let (id, secret) = pair.split_once(':')?;
                (id.to_owned(), Some(secret.to_owned()))
            }
            None => (form.get("client_id")?.clone(), form.get("client_secret").cloned()),
        };
        (self.clients.get(&id)? == &secret).then_some(id)
    }
}
