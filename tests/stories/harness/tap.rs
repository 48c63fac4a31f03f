//! The network door with an ear: it learns the secrets that pass, and remembers who was asked.

use std::sync::{Arc, Mutex};

use countersign::outside::{BoxFuture, Failure, Limits, Transport};
use countersign::protocol::{Request, Response};
use countersign_transport::HyperTransport;
use serde_json::Value;
use url::form_urlencoded;

use super::secrets::{Kind, Secrets};

#[derive(Clone)]
pub(crate) struct Tap {
    inner: HyperTransport,
    secrets: Secrets,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tap {
    pub(crate) fn new(secrets: Secrets) -> Self {
        Self { inner: HyperTransport::new().unwrap(), secrets, asked: Arc::default() }
    }

    /// The addresses that the application asked, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn learn_request(&self, request: &Request) {
        self.asked.lock().unwrap().push(request.url().to_string());
        for (name, value) in form_urlencoded::parse(request.body()) {
            let kind = match &*name {
                "code" => Kind::Code,
                "code_verifier" => Kind::Verifier,
                "client_secret" | "client_assertion" => Kind::ClientSecret,
                "refresh_token" => Kind::RefreshToken,
                _ => continue,
            };
            self.secrets.learn(kind, &value);
        }
        if let Some(value) = request.headers().get("authorization")
            && let Some(("Basic", credentials)) = value.to_str().unwrap().split_once(' ')
        {
            self.secrets.learn(Kind::ClientSecret, credentials);
        }
    }

    fn learn_answer(&self, response: &Response) {
        let Ok(Value::Object(answer)) = serde_json::from_slice(&response.body) else { return };
        for (name, kind) in [
            ("access_token", Kind::AccessToken),
            ("refresh_token", Kind::RefreshToken),
            ("id_token", Kind::IdToken),
            ("client_secret", Kind::ClientSecret),
            ("registration_access_token", Kind::ClientSecret),
        ] {
            if let Some(secret) = answer.get(name).and_then(Value::as_str) {
                self.secrets.learn(kind, secret);
            }
        }
    }
}

impl Transport for Tap {
    fn send(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        Box::pin(async move {
            self.learn_request(&request);
            let answered = self.inner.send(request, limits).await;
            if let Ok(response) = &answered {
                self.learn_answer(response);
            }
            answered
        })
    }
}
