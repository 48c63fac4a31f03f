//! The issuer as a server, without a network: the answers that a provider would give.

use bytes::Bytes;
use countersign_jose::{Allowed, Jws, Object};
use countersign_protocol::{Request, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::issuer::{INTROSPECT, JWKS, TestIssuer};

impl TestIssuer {
    /// What it answers to a request, as a provider would: its metadata, its keys, and what is known
    /// of a token (introspection, RFC 7662). Handed to a transport of the test's own, it stands for
    /// the whole network, so that rotated keys and revoked tokens can be tried.
    ///
    /// Signed tokens of its own are known, and so are those of [`TestToken::opaque`]; a token that
    /// was revoked or is over is not active. Who asks about tokens must authenticate in some way.
    ///
    /// ```
    /// use countersign::outside::{BoxFuture, Failure, Limits, Outside, Transport};
    /// use countersign::protocol::{Request, Response};
    /// use countersign::{Provider, ResourceServer, TrustedIssuer};
    /// use countersign_test_kit::TestIssuer;
    /// use std::sync::Arc;
    ///
    /// struct Network(Arc<TestIssuer>);
    ///
    /// impl Transport for Network {
    ///     fn send(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
    ///         let answer = self.0.answer(&request);
    ///         Box::pin(async move { Ok(answer) })
    ///     }
    /// }
    ///
    /// let issuer = Arc::new(TestIssuer::new("https://issuer.test"));
    /// let api = ResourceServer::builder(["api"])
    ///     .issuer(TrustedIssuer::new(Provider::discover(issuer.issuer())))
    ///     .build(Outside::new(Network(Arc::clone(&issuer))))?;
    /// # let _ = api;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`TestToken::opaque`]: crate::TestToken::opaque
    #[must_use]
    pub fn answer(&self, request: &Request) -> Response {
        let url = request.url().as_str();
        let Some(path) = url.strip_prefix(self.name().trim_end_matches('/')) else {
            return json_answer(StatusCode::NOT_FOUND, Object::new());
        };
        match (request.method(), path) {
            (&Method::GET, "/.well-known/openid-configuration") => {
                json_answer(StatusCode::OK, self.metadata())
            }
            (&Method::GET, JWKS) => json_answer(StatusCode::OK, self.jwks()),
            (&Method::POST, INTROSPECT) => self.introspected(request),
            _ => json_answer(StatusCode::NOT_FOUND, Object::new()),
        }
    }

    fn introspected(&self, request: &Request) -> Response {
        let form: Vec<(String, String)> =
            form_urlencoded::parse(request.body()).into_owned().collect();
        let value = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, v)| v);
        let is_client = request.headers().contains_key(header::AUTHORIZATION)
            || value("client_secret").is_some()
            || value("client_assertion").is_some();
        if !is_client {
            let error = Object::from_iter([("error".to_owned(), json!("invalid_client"))]);
            return json_answer(StatusCode::UNAUTHORIZED, error);
        }
        let mut found = value("token").and_then(|token| self.meaning(token)).unwrap_or_default();
        let active = !found.is_empty();
        found.insert("active".to_owned(), json!(active));
        json_answer(StatusCode::OK, found)
    }

    /// What an active token means.
    fn meaning(&self, token: &str) -> Option<Object> {
        let opaque = {
            let known = self.known();
            if known.revoked.contains(token) {
                return None;
            }
            known.opaque.get(token).cloned()
        };
        let claims = match opaque {
            // Whatever is wrong with it is for the API to notice.
            Some(claims) => return Some(claims),
            None => self.signed(token)?,
        };
        let exp = claims.get("exp").and_then(Value::as_f64)?;
        #[expect(clippy::cast_precision_loss, reason = "seconds of this age have 31 bits")]
        let now = self.now().as_secs() as f64;
        (now < exp).then_some(claims)
    }

    fn signed(&self, token: &str) -> Option<Object> {
        let allowed = Allowed::new([self.key().algorithm()]).ok()?;
        Jws::parse(token).ok()?.verify(&self.keys(), &allowed).ok()?.object().ok()
    }
}

fn json_answer(status: StatusCode, body: Object) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response { status, headers, body: Bytes::from(Value::Object(body).to_string()) }
}
