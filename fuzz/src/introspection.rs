//! The answer about a token: it is active only where the issuer says so in so many words, and
//! nobody's signature stands for a signature.

use countersign_jose::{Allowed, KeySet};
use countersign_protocol::exchange::Exchange;
use countersign_protocol::id_token::DEFAULT_CLOCK_SKEW;
use countersign_protocol::token::{
    ClientProof, Introspect, Introspected, Introspection, IntrospectionAuth,
};
use countersign_protocol::{Client, Secret};
use http::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::Outcome;
use crate::support::answer::{CLIENT, NOW, identity, response};
use crate::support::keys;

pub(crate) fn run(data: &[u8]) -> Outcome {
    for media_type in ["application/json", "application/jwt", JWT] {
        let answer = ask(true).answer(response(StatusCode::OK, media_type, data));
        let Ok(answer) = answer else { continue };
        let jwt = match answer {
            Introspected::Signed(jwt) => Some(jwt),
            Introspected::Plain(_) => None,
        };
        let jwt = jwt.expect("a signed answer was asked for");
        let keys = KeySet::from_jwks([keys::ed25519().public_jwk()]);
        let (allowed, identity) = (Allowed::asymmetric(), identity());
        let judged = jwt.verify(&keys, &allowed, &identity, CLIENT, NOW, DEFAULT_CLOCK_SKEW);
        assert!(judged.is_err(), "nobody has signed this");
    }
    for status in [StatusCode::FOUND, StatusCode::UNAUTHORIZED, StatusCode::BAD_GATEWAY] {
        let answer = ask(false).answer(response(status, "application/json", data));
        assert!(answer.is_err(), "an answer out of {status}");
    }
    let answer = ask(false).answer(response(StatusCode::OK, "application/json", data));
    let said = match answer {
        Ok(Introspected::Plain(said)) => Some(said),
        Ok(Introspected::Signed(_)) => None,
        Err(refused) => {
            assert!(!refused.entry().code.is_empty());
            assert!(refused.to_string().len() < LONGEST_MESSAGE);
            return Outcome::Refused;
        }
    };
    let said = said.expect("nobody asked for a signature");
    let body: Value = serde_json::from_slice(data).expect("it was read before");
    match said {
        Introspection::Active(document) => {
            assert_eq!(body.get("active"), Some(&json!(true)), "it was not said to be active");
            assert_eq!(body, Value::Object(document.to_object()), "two readers, two answers");
        }
        Introspection::Inactive => assert_eq!(body.get("active"), Some(&json!(false))),
    }
    Outcome::Accepted
}

fn ask(want_jwt: bool) -> Introspect {
    let endpoint = Url::parse("https://op.example/introspect").expect("it is an address");
    let client = Client::with_secret(CLIENT, Secret::from("secret"));
    let proof = ClientProof::new(NOW, [1; 16], "https://op.example");
    let auth = IntrospectionAuth::Client;
    Introspect::new(&Secret::from("access"), &endpoint, &client, auth, proof, want_jwt, None)
        .expect("the client has a secret")
}

const JWT: &str = "application/token-introspection+jwt";
const LONGEST_MESSAGE: usize = 2000;
