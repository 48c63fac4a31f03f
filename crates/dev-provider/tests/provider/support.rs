//! A browser and a client in a few lines, talking to the provider's router without a network.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use countersign_dev_provider::{Client, DevProvider};
use countersign_jose::{Algorithm, Allowed, Jws, KeySet, base64url, digest};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use url::Url;

pub(crate) const CALLBACK: &str = "http://127.0.0.1:3000/auth/callback";
pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";
pub(crate) const SECRET: &str =
    "s3cret: with/odd+chars & a length of more than 64 bytes, for HS512 too";

/// Quick to start: no RSA keys.
pub(crate) fn provider() -> DevProvider {
    with(|builder| builder)
}

pub(crate) fn with(
    change: impl FnOnce(countersign_dev_provider::Builder) -> countersign_dev_provider::Builder,
) -> DevProvider {
    let client = Client::confidential("web", SECRET)
        .redirect_uri(CALLBACK)
        .post_logout_redirect_uri("http://127.0.0.1:3000/auth/logged-out")
        .id_token_algorithm(Algorithm::Es256);
    let app = Client::public("app").redirect_uri(CALLBACK).id_token_algorithm(Algorithm::EdDsa);
    let builder = DevProvider::builder()
        .signing_algorithms([Algorithm::Es256, Algorithm::EdDsa])
        .client(client)
        .client(app);
    change(builder).build().unwrap()
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The address of a redirect, with relative ones made absolute.
    pub(crate) fn location(&self) -> Url {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        let base = Url::parse("http://127.0.0.1:9000/").unwrap();
        base.join(self.header("location")).unwrap()
    }

    /// The parameters of a redirect's query.
    pub(crate) fn query(&self) -> BTreeMap<String, String> {
        self.location().query_pairs().into_owned().collect()
    }
}

/// Sends requests and keeps cookies.
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(provider: &DevProvider) -> Self {
        Self { router: provider.router(), cookies: BTreeMap::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), String::new()).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let builder =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(builder, encode(form)).await
    }

    pub(crate) async fn send(&mut self, builder: http::request::Builder, body: String) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let builder = match cookies.is_empty() {
            true => builder,
            false => builder.header(header::COOKIE, cookies.join("; ")),
        };
        let request = builder.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends an authorization request.
    pub(crate) async fn authorize(&mut self, client: &str, more: &[(&str, &str)]) -> Answer {
        self.get(&format!("/authorize?{}", request(client, more))).await
    }

    /// Answers the login page to which `answer` redirects, by a click on a name.
    pub(crate) async fn click(&mut self, answer: &Answer, user: &str) -> Answer {
        assert_eq!(answer.location().path(), "/login");
        let interaction = answer.query()["interaction"].clone();
        self.post("/login", &[("interaction", &interaction), ("user", user)]).await
    }

    /// Authorization request, login, and the parameters that come back.
    pub(crate) async fn log_in(
        &mut self,
        client: &str,
        user: &str,
        more: &[(&str, &str)],
    ) -> BTreeMap<String, String> {
        let page = self.authorize(client, more).await;
        let back = self.click(&page, user).await;
        assert!(back.location().as_str().starts_with(CALLBACK), "{}", back.location());
        back.query()
    }

    /// A whole login up to the answer of the token endpoint.
    pub(crate) async fn tokens(
        &mut self,
        client: &str,
        user: &str,
        more: &[(&str, &str)],
    ) -> Value {
        let back = self.log_in(client, user, more).await;
        let answer = self.redeem(client, &back["code"]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn redeem(&mut self, client: &str, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.token(client, &form).await
    }

    /// Asks the token endpoint as `web` (basic) or `app` (public).
    pub(crate) async fn token(&mut self, client: &str, form: &[(&str, &str)]) -> Answer {
        self.as_client("/token", client, form).await
    }

    pub(crate) async fn as_client(
        &mut self,
        path: &str,
        client: &str,
        form: &[(&str, &str)],
    ) -> Answer {
        let builder =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if client == "web" {
            let builder = builder.header(header::AUTHORIZATION, basic("web", SECRET));
            return self.send(builder, encode(form)).await;
        }
        let mut form = form.to_vec();
        form.push(("client_id", client));
        self.send(builder, encode(&form)).await
    }

    pub(crate) async fn user_info(&mut self, access_token: &str) -> Answer {
        let value = format!("Bearer {access_token}");
        let builder = Request::get("/userinfo").header(header::AUTHORIZATION, value);
        self.send(builder, String::new()).await
    }
}

/// The query of an authorization request; `more` replaces what it names, an empty value removes.
pub(crate) fn request(client: &str, more: &[(&str, &str)]) -> String {
    let challenge = base64url::encode(&digest::sha256(VERIFIER.as_bytes()));
    let mut all = BTreeMap::from([
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    all.extend(more.iter().copied());
    encode(&all.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>())
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    use base64::Engine as _;
    let encoded =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(id), encoded(secret));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

pub(crate) fn encode(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// The claims of a token under the provider's published keys.
pub(crate) fn verified(provider: &DevProvider, token: &str) -> Value {
    let keys = KeySet::parse(provider.key_set_document().as_bytes()).unwrap();
    let payload = Jws::parse(token).unwrap().verify(&keys, &Allowed::asymmetric()).unwrap();
    Value::Object(payload.object().unwrap())
}
