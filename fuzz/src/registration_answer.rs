//! The answer to a registration: a client that can do what it says, and no secret in sight.

use countersign_protocol::ClientAuthentication;
use countersign_protocol::exchange::Exchange;
use countersign_protocol::registration::RegistrationRequest;
use serde_json::Value;
use url::Url;

use crate::Outcome;
use crate::support::answer::{json_response, metadata};

pub(crate) fn run(data: &[u8]) -> Outcome {
    let callback = Url::parse("https://app.example/auth/callback").expect("it is an address");
    let register = RegistrationRequest::new([callback]).at(&metadata());
    let register = register.expect("the provider offers it");
    let registration = match register.answer(json_response(data)) {
        Ok(registration) => registration,
        Err(refused) => {
            assert!(!refused.entry().code.is_empty());
            assert!(refused.to_string().len() < LONGEST_MESSAGE);
            return Outcome::Refused;
        }
    };
    let said: Value = serde_json::from_slice(data).expect("it was read before");
    let text = |name: &str| said.get(name).and_then(Value::as_str);
    let client = registration.client();
    assert!(!client.id().is_empty());
    assert_eq!(text("client_id"), Some(client.id()));
    let method = client.authentication().method();
    assert_eq!(method.name(), text("token_endpoint_auth_method").unwrap_or("client_secret_basic"));
    let secret = match client.authentication() {
        ClientAuthentication::SecretBasic(secret)
        | ClientAuthentication::SecretPost(secret)
        | ClientAuthentication::SecretJwt(secret, _) => Some(secret.expose()),
        _ => None,
    };
    assert!(secret.is_none() || secret == text("client_secret"), "the secret of nobody");
    if let Some(secret) = text("client_secret").filter(|secret| secret.len() >= LONG) {
        let shown = format!("{registration:?}").replace(&format!("{:?}", client.id()), "");
        assert!(!shown.contains(secret), "Debug shows the secret");
    }
    assert_eq!(*registration.all(), *said.as_object().expect("it is an object"));
    assert!(registration.secret_expires_at().is_none_or(|at| at.as_secs() > 0));
    Outcome::Accepted
}

const LONG: usize = 16;
const LONGEST_MESSAGE: usize = 4096;
