//! Answers of a provider, and a token request whose answer can be fed.

use countersign_jose::Object;
use countersign_protocol::discovery::Metadata;
use countersign_protocol::exchange::Response;
use countersign_protocol::login::{Begin, Callback, LoginOptions, PendingLogin, Randomness};
use countersign_protocol::token::{ClientProof, Redeem};
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{Client, Issuer, Secret, UnixTime};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

/// The one provider.
pub const ISSUER: &str = "https://op.example";
/// The one client.
pub const CLIENT: &str = "web";
/// The one moment.
pub const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// Whose provider it is.
///
/// # Panics
///
/// Never: the issuer is one.
#[must_use]
pub fn identity() -> IssuerIdentity {
    IssuerIdentity::One(Issuer::parse(ISSUER).expect("it is an issuer"))
}

/// 200 and JSON.
#[must_use]
pub fn json_response(body: &[u8]) -> Response {
    response(StatusCode::OK, "application/json", body)
}

/// Any status and media type.
#[must_use]
pub fn response(status: StatusCode, media_type: &'static str, body: &[u8]) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    Response { status, headers, body: body.to_vec().into() }
}

/// The provider's metadata.
#[must_use]
pub fn metadata_document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "userinfo_endpoint": format!("{ISSUER}/userinfo"),
        "registration_endpoint": format!("{ISSUER}/register"),
        "end_session_endpoint": format!("{ISSUER}/logout"),
        "jwks_uri": format!("{ISSUER}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "authorization_response_iss_parameter_supported": true,
    })
}

/// The same, read.
///
/// # Panics
///
/// Never: the document is good.
#[must_use]
pub fn metadata() -> Metadata {
    Metadata::from_json(metadata_document().to_string().as_bytes()).expect("it is good metadata")
}

/// A login that was just begun; always the same.
///
/// # Panics
///
/// Never: no option is set.
#[must_use]
pub fn pending() -> PendingLogin {
    let random = Randomness { state: [1; 32], nonce: [2; 32], verifier: [3; 32] };
    let begin = Begin {
        provider: &metadata(),
        identity: &identity(),
        client: &client(),
        redirect_uri: &url("https://app.example/auth/callback"),
        scope: "openid",
    };
    begin.login(LoginOptions::new(), &random, NOW).expect("no option is set").1
}

/// `nonce` of that login.
#[must_use]
pub fn nonce() -> String {
    countersign_jose::base64url::encode(&[2; 32])
}

/// A question for tokens, whose answer is about to come.
///
/// # Panics
///
/// Never: the callback is the pending login's.
#[must_use]
pub fn redeem() -> Redeem {
    let pending = pending();
    let query = format!("code=good&state={}&iss=https%3A%2F%2Fop.example", pending.state());
    let callback = Callback::parse(&query).expect("it is a callback");
    let grant = pending.accept(callback, &identity(), NOW).expect("it is ours");
    let proof = ClientProof::new(NOW, [4; 16], ISSUER);
    grant.redeem(&url("https://op.example/token"), &client(), NOW, proof).expect("no key is needed")
}

/// The client that asks.
#[must_use]
pub fn client() -> Client {
    Client::with_secret(CLIENT, Secret::from("a secret of the fuzz targets"))
}

/// Claims as that login expects them.
#[must_use]
pub fn good_claims() -> Object {
    let claims = json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "alice", "nonce": nonce(),
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 600,
    });
    match claims {
        Value::Object(claims) => claims,
        _ => Object::new(),
    }
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("it is an address")
}
