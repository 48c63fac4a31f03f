//! Bearer tokens from end to end: an API behind the axum face, over real sockets, with tokens of the
//! development provider and of the test kit.

mod answers;
mod bound;
mod forms;
mod keys;
mod opaque;
mod requests;
mod tokens;

use countersign::{Issuer, Provider, TrustedIssuer};
use countersign_test_kit::TestIssuer;
use http::Method;
use serde_json::{Map, Value, json};

use crate::harness::World;
use crate::harness::api::{AUDIENCE, Api, Ask, Setup, challenges, code};
use crate::harness::secrets::Kind;
use crate::harness::{Answer, Problems, wire};

/// What a bad request gets.
#[derive(Clone, Copy)]
struct Refused {
    status: u16,
    /// `error` of the challenge for Bearer; none when no token came.
    error: Option<&'static str>,
    code: &'static str,
}

const MISSING: Refused = Refused { status: 401, error: None, code: "bearer.missing" };
const MALFORMED: Refused =
    Refused { status: 400, error: Some("invalid_request"), code: "bearer.request" };

/// A token that is no good, for this reason.
const fn invalid(code: &'static str) -> Refused {
    Refused { status: 401, error: Some("invalid_token"), code }
}

/// A token that does not suffice.
const fn forbidden(code: &'static str) -> Refused {
    Refused { status: 403, error: Some("insufficient_scope"), code }
}

impl Refused {
    /// Says where the answer is another one.
    fn check(self, problems: &mut Problems, case: &str, answer: &Answer) {
        let got = (answer.status.as_u16(), code(answer));
        let right = got == (self.status, self.code.to_owned());
        let expected = (self.status, self.code);
        problems.expect(right, format!("{case}: expected {expected:?}, got {got:?}"));
        let lines = challenges(answer);
        let bearer = lines.iter().find(|line| line.starts_with("Bearer "));
        let Some(bearer) = bearer else {
            problems.expect(false, format!("{case}: no challenge for Bearer in {lines:?}"));
            return;
        };
        let said = bearer.split("error=\"").nth(1).and_then(|rest| rest.split('"').next());
        problems.expect(said == self.error, format!("{case}: the challenge is {bearer}"));
        let json =
            answer.headers.get("content-type").is_some_and(|kind| kind == "application/json");
        problems.expect(json, format!("{case}: the body is no JSON"));
        let kept = answer.headers.get("cache-control").is_some_and(|value| value == "no-store");
        problems.expect(kept, format!("{case}: may be stored"));
    }
}

/// An access token of the world's provider about alice; these claims go over the usual ones, and
/// null takes one out.
fn signed(world: &World, over: Value) -> String {
    signed_as(world, "at+jwt", over)
}

fn signed_as(world: &World, typ: &str, over: Value) -> String {
    let now = world.provider.now();
    let mut claims = json!({
        "iss": world.provider.issuer(),
        "sub": "alice",
        "aud": AUDIENCE,
        "client_id": "app",
        "iat": now,
        "exp": now + 600,
        "jti": format!("jti-{over}"),
        "scope": "notes:read",
        "realm_access": { "roles": ["editor"] },
    });
    for (name, value) in over.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let claims: Map<String, Value> = claims.as_object().unwrap().clone();
    let claims = claims.into_iter().filter(|(_, value)| !value.is_null()).collect();
    let token = world.provider.sign(countersign_jose::Algorithm::Es256, typ, &claims).unwrap();
    world.secrets.learn(Kind::AccessToken, &token);
    token
}

/// A good one.
fn good(world: &World) -> String {
    signed(world, json!({}))
}

/// A token that the provider hands out on order.
async fn minted(world: &World, order: Value) -> String {
    let mut request = http::Request::new(bytes::Bytes::from(order.to_string()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = "/dev/mint".parse().unwrap();
    let address = world.provider.address();
    let headers = request.headers_mut();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("host", address.to_string().parse().unwrap());
    let response = wire::send(address, request).await;
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let token = answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    world.secrets.learn(Kind::AccessToken, &token);
    token
}

/// The test kit's issuer, whose keys the API was handed.
fn kit() -> (TestIssuer, TrustedIssuer) {
    let kit = TestIssuer::new("https://issuer.test");
    let provider = Provider::with_keys(Issuer::parse("https://issuer.test").unwrap(), kit.keys());
    (kit, TrustedIssuer::new(provider))
}
