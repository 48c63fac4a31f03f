//! The named cases: a table of steps, and faults that every endpoint can have.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Change, Mischief, Part, Signature, Text, Transfer};
use crate::Endpoint;

/// A named misbehaviour.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Case {
    /// Its name, as `id_token.alg_none` or `token.silence`.
    pub name: String,
    /// What it does.
    pub about: &'static str,
    /// The steps that it consists of.
    pub steps: Vec<Mischief>,
}

/// Every named case.
///
/// ```
/// let names: Vec<String> =
///     countersign_dev_provider::cases().into_iter().map(|case| case.name).collect();
/// assert!(names.contains(&"id_token.alg_none".to_owned()));
/// assert!(names.contains(&"token.silence".to_owned()));
/// ```
pub fn cases() -> Vec<Case> {
    let named = ROWS.iter().map(|(name, about, steps)| Case {
        name: (*name).to_owned(),
        about,
        steps: steps(),
    });
    let faults = Endpoint::ALL.into_iter().flat_map(|endpoint| {
        FAULTS.iter().map(move |(name, about, steps)| Case {
            name: format!("{}.{name}", label(endpoint)),
            about,
            steps: steps(endpoint),
        })
    });
    named.chain(faults).collect()
}

pub(super) fn steps(name: &str) -> Option<Vec<Mischief>> {
    if let Some((_, _, steps)) = ROWS.iter().find(|(known, ..)| *known == name) {
        return Some(steps());
    }
    let (at, fault) = name.split_once('.')?;
    let endpoint = Endpoint::ALL.into_iter().find(|endpoint| label(*endpoint) == at)?;
    let (_, _, steps) = FAULTS.iter().find(|(known, ..)| *known == fault)?;
    Some(steps(endpoint))
}

/// The endpoint's name in JSON.
fn label(endpoint: Endpoint) -> String {
    let name = serde_json::to_value(endpoint).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

fn claim(name: &str, value: Value) -> Vec<Mischief> {
    vec![Mischief::claim(name, value)]
}

fn without(name: &str) -> Vec<Mischief> {
    vec![Mischief::without_claim(name)]
}

fn time(name: &str, seconds: i64) -> Vec<Mischief> {
    let change = Change::SecondsFromNow(seconds);
    vec![Mischief::Member { of: Part::IdToken, name: name.to_owned(), change }]
}

fn signed(signature: Signature) -> Vec<Mischief> {
    vec![Mischief::Signature(signature)]
}

fn set(of: Part, name: &str, value: Value) -> Vec<Mischief> {
    vec![Mischief::set(of, name, value)]
}

fn remove(of: Part, name: &str) -> Vec<Mischief> {
    vec![Mischief::remove(of, name)]
}

fn callback(name: &str, values: &[&str]) -> Mischief {
    Mischief::Callback {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    }
}

fn key_first(key: Value) -> Vec<Mischief> {
    vec![Mischief::KeyFirst(key.as_object().cloned().unwrap_or_default())]
}

fn body(endpoint: Endpoint, content_type: Option<&str>, body: Option<&str>) -> Vec<Mischief> {
    let content_type = content_type.map(|text| ("content-type".to_owned(), text.to_owned()));
    vec![Mischief::Answer {
        endpoint,
        status: None,
        headers: content_type.into_iter().collect::<BTreeMap<_, _>>(),
        body: body.map(str::to_owned),
    }]
}

fn deliver(endpoint: Endpoint, how: Transfer) -> Vec<Mischief> {
    vec![Mischief::transfer(endpoint, how)]
}

type Row = (&'static str, &'static str, fn() -> Vec<Mischief>);
type Fault = (&'static str, &'static str, fn(Endpoint) -> Vec<Mischief>);

/// What can go wrong at each endpoint; the full name is `ENDPOINT.FAULT`.
const FAULTS: &[Fault] = &[
    ("status_400", "refuses", |at| vec![Mischief::answer(at, 400)]),
    ("status_401", "wants another client", |at| vec![Mischief::answer(at, 401)]),
    ("status_404", "is not there", |at| vec![Mischief::answer(at, 404)]),
    ("status_429", "is asked too often", |at| vec![Mischief::answer(at, 429)]),
    ("status_500", "fails", |at| vec![Mischief::answer(at, 500)]),
    ("status_503", "is down", |at| vec![Mischief::answer(at, 503)]),
    ("redirect", "sends elsewhere", |at| {
        vec![Mischief::redirect(at, "http://127.0.0.1:1/elsewhere")]
    }),
    ("silence", "never answers", |at| deliver(at, Transfer::Silence)),
    ("slow", "answers after three seconds", |at| deliver(at, Transfer::Slow(3000))),
    ("cut", "closes in the middle of the body", |at| deliver(at, Transfer::Cut)),
    ("endless", "sends a body without end", |at| deliver(at, Transfer::Endless)),
    ("gzip", "compresses without being asked", |at| deliver(at, Transfer::Gzip)),
    ("garbage", "answers with broken JSON", |at| body(at, None, Some("{\"a\": [1, 2, \u{0}}"))),
    ("empty", "answers with nothing", |at| body(at, None, Some(""))),
    ("array", "answers with a list", |at| body(at, None, Some("[]"))),
    ("duplicates", "says a member twice", |at| body(at, None, Some("{\"a\":1,\"a\":2}"))),
    ("html", "answers with a page", |at| {
        body(at, Some("text/html"), Some("<!doctype html><title>Sign in to the network</title>"))
    }),
    ("wrong_content_type", "calls its JSON a picture", |at| body(at, Some("image/png"), None)),
];

const ROWS: &[Row] = &[
    // Signatures of ID tokens.
    ("id_token.alg_none", "alg none, no signature", || signed(Signature::None)),
    ("id_token.foreign_alg", "an algorithm that is not the client's", || {
        signed(Signature::ForeignAlgorithm)
    }),
    ("id_token.hs256_pem", "HS256 under the public key as PEM", || signed(Signature::MacUnderPem)),
    ("id_token.hs256_der", "HS256 under the public key as DER", || signed(Signature::MacUnderDer)),
    ("id_token.hs256_jwk", "HS256 under the public key as JWK", || signed(Signature::MacUnderJwk)),
    ("id_token.hs256_modulus", "HS256 under the modulus", || signed(Signature::MacUnderModulus)),
    ("id_token.wrong_signature", "one bit flipped", || signed(Signature::Damaged)),
    ("id_token.empty_signature", "no signature", || signed(Signature::Empty)),
    ("id_token.zero_ecdsa", "ES256 with r and s zero", || signed(Signature::Zero)),
    ("id_token.der_ecdsa", "ES256 in DER", || signed(Signature::Der)),
    ("id_token.unpublished_key", "a foreign key under a known key id", || {
        signed(Signature::Unpublished)
    }),
    ("id_token.unknown_key", "a foreign key under its own key id", || {
        signed(Signature::UnknownKey)
    }),
    ("id_token.weak_rsa", "RSA with 1024 bits, published", || signed(Signature::Weak)),
    ("id_token.embedded_jwk", "a foreign key in the header", || signed(Signature::EmbeddedJwk)),
    ("id_token.embedded_jku", "the header points to foreign keys", || {
        signed(Signature::EmbeddedJku)
    }),
    ("id_token.embedded_x5u", "the header points to a foreign certificate", || {
        signed(Signature::EmbeddedX5u)
    }),
    ("id_token.unknown_crit", "an extension that must be understood", || {
        vec![
            Mischief::set(Part::Header, "crit", json!(["urn:example:new"])),
            Mischief::set(Part::Header, "urn:example:new", true),
        ]
    }),
    ("id_token.unencoded", "the payload claims not to be encoded (b64)", || {
        vec![
            Mischief::set(Part::Header, "crit", json!(["b64"])),
            Mischief::set(Part::Header, "b64", false),
        ]
    }),
    ("id_token.no_kid", "no key id", || remove(Part::Header, "kid")),
    ("id_token.rotated", "new keys just before signing", || vec![Mischief::RotateKeys]),
    // Texts.
    ("id_token.duplicate_claim", "sub twice", || vec![Mischief::Text(Text::DuplicateClaim)]),
    ("id_token.duplicate_header", "alg twice", || vec![Mischief::Text(Text::DuplicateHeader)]),
    ("id_token.deep", "ten thousand nested lists", || vec![Mischief::Text(Text::DeepNesting)]),
    ("id_token.megabytes", "two megabytes", || vec![Mischief::Text(Text::Megabytes)]),
    ("id_token.bad_base64", "padding in the payload", || vec![Mischief::Text(Text::BadBase64)]),
    ("id_token.bad_utf8", "bytes that are no text", || vec![Mischief::Text(Text::BadUtf8)]),
    // Claims.
    ("id_token.wrong_iss", "another issuer", || claim("iss", json!("https://evil.example"))),
    ("id_token.wrong_aud", "another client", || claim("aud", json!("somebody-else"))),
    ("id_token.more_aud", "a second audience, no azp", || {
        let change = Change::Append(json!("somebody-else"));
        vec![Mischief::Member { of: Part::IdToken, name: "aud".to_owned(), change }]
    }),
    ("id_token.wrong_azp", "another authorized party", || claim("azp", json!("somebody-else"))),
    ("id_token.wrong_nonce", "another nonce", || claim("nonce", json!("another-nonce"))),
    ("id_token.wrong_at_hash", "another access token's hash", || {
        claim("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"))
    }),
    ("id_token.wrong_c_hash", "another code's hash", || {
        claim("c_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"))
    }),
    ("id_token.wrong_acr", "a context that nobody asked for", || claim("acr", json!("0"))),
    ("id_token.old_auth_time", "the login was a day ago", || time("auth_time", -86_400)),
    ("id_token.future_auth_time", "the login is an hour ahead", || time("auth_time", 3600)),
    ("id_token.auth_time_zero", "the login was in 1970", || claim("auth_time", json!(0))),
    ("id_token.auth_time_text", "auth_time as text", || claim("auth_time", json!("yesterday"))),
    ("id_token.no_auth_time", "no auth_time", || without("auth_time")),
    ("id_token.no_nonce", "no nonce", || without("nonce")),
    ("id_token.no_iss", "no iss", || without("iss")),
    ("id_token.no_sub", "no sub", || without("sub")),
    ("id_token.no_aud", "no aud", || without("aud")),
    ("id_token.no_exp", "no exp", || without("exp")),
    ("id_token.no_iat", "no iat", || without("iat")),
    ("id_token.empty_sub", "an empty sub", || claim("sub", json!(""))),
    ("id_token.number_sub", "a number as sub", || claim("sub", json!(42))),
    ("id_token.expired", "expired an hour ago", || time("exp", -3600)),
    ("id_token.future_iat", "issued an hour ahead", || time("iat", 3600)),
    ("id_token.old_iat", "issued a day ago", || time("iat", -86_400)),
    ("id_token.future_nbf", "not before an hour from now", || time("nbf", 3600)),
    ("id_token.exp_fraction", "exp with a fraction, in the past", || claim("exp", json!(1.5))),
    ("id_token.exp_negative", "a negative exp", || claim("exp", json!(-1))),
    ("id_token.exp_huge", "exp = 1e300", || claim("exp", json!(1e300))),
    ("id_token.exp_string", "exp as text", || claim("exp", json!("4102444800"))),
    ("id_token.exp_null", "exp = null", || claim("exp", Value::Null)),
    ("id_token.exp_array", "exp as list", || claim("exp", json!([4_102_444_800_i64]))),
    // Metadata and keys.
    ("metadata.wrong_issuer", "another issuer", || {
        set(Part::Metadata, "issuer", json!("https://evil.example"))
    }),
    ("metadata.no_issuer", "no issuer", || remove(Part::Metadata, "issuer")),
    ("metadata.no_token_endpoint", "no token endpoint", || {
        remove(Part::Metadata, "token_endpoint")
    }),
    ("metadata.no_authorization_endpoint", "no authorization endpoint", || {
        remove(Part::Metadata, "authorization_endpoint")
    }),
    ("metadata.no_jwks_uri", "no key set", || remove(Part::Metadata, "jwks_uri")),
    ("metadata.bare", "only what must be there", || {
        OPTIONAL_METADATA.iter().flat_map(|name| remove(Part::Metadata, name)).collect()
    }),
    ("metadata.alg_none_only", "announces alg none alone", || {
        set(Part::Metadata, "id_token_signing_alg_values_supported", json!(["none"]))
    }),
    ("keys.enc_only", "every key is for encryption", || set(Part::EachKey, "use", json!("enc"))),
    ("keys.no_kid", "no key has an id", || remove(Part::EachKey, "kid")),
    ("keys.empty_set", "no keys", || body(Endpoint::Jwks, None, Some("{\"keys\":[]}"))),
    ("keys.symmetric", "a symmetric key in front", || {
        key_first(
            json!({"kty": "oct", "kid": "shared", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"}),
        )
    }),
    ("keys.unusable_first", "keys in front that nobody can use", || {
        let mut steps = key_first(json!({"kty": "PQC", "kid": "future", "alg": "ML-DSA-87"}));
        steps.extend(key_first(json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"})));
        steps.extend(key_first(json!({"kty": "RSA", "n": "AQAB", "e": "AQ"})));
        steps.extend(key_first(json!({"kid": 5})));
        steps
    }),
    // Answers of the token endpoint.
    ("token.no_id_token", "no ID token", || remove(Part::TokenAnswer, "id_token")),
    ("token.no_access_token", "no access token", || remove(Part::TokenAnswer, "access_token")),
    ("token.no_token_type", "no token_type", || remove(Part::TokenAnswer, "token_type")),
    ("token.strange_token_type", "a token type of its own", || {
        set(Part::TokenAnswer, "token_type", json!("mac"))
    }),
    ("token.error", "an error with status 200", || {
        set(Part::TokenAnswer, "error", json!("invalid_grant"))
    }),
    ("token.no_expires_in", "no expires_in", || remove(Part::TokenAnswer, "expires_in")),
    ("token.text_expires_in", "expires_in as text", || {
        set(Part::TokenAnswer, "expires_in", json!("3600"))
    }),
    ("token.no_refresh_token", "no refresh token", || remove(Part::TokenAnswer, "refresh_token")),
    ("token.no_scope", "no scope", || remove(Part::TokenAnswer, "scope")),
    ("token.scope_list", "scope as a list", || {
        set(Part::TokenAnswer, "scope", json!(["openid", "email"]))
    }),
    ("refresh.other_sub", "a refresh brings somebody else", || {
        set(Part::RefreshedIdToken, "sub", json!("somebody-else"))
    }),
    ("refresh.no_new_refresh_token", "a refresh brings no new refresh token", || {
        remove(Part::RefreshAnswer, "refresh_token")
    }),
    ("refresh.no_id_token", "a refresh brings no ID token", || {
        remove(Part::RefreshAnswer, "id_token")
    }),
    ("user_info.other_sub", "userinfo is about somebody else", || {
        set(Part::UserInfo, "sub", json!("somebody-else"))
    }),
    ("user_info.no_sub", "userinfo has no sub", || remove(Part::UserInfo, "sub")),
    // Introspection.
    ("introspection.no_active", "no active", || remove(Part::Introspection, "active")),
    ("introspection.active_text", "active as text", || {
        set(Part::Introspection, "active", json!("true"))
    }),
    ("introspection.wrong_iss", "another issuer", || {
        set(Part::Introspection, "iss", json!("https://evil.example"))
    }),
    ("introspection.wrong_aud", "another API", || {
        set(Part::Introspection, "aud", json!("another-api"))
    }),
    ("introspection.expired", "active, and expired an hour ago", || {
        let change = Change::SecondsFromNow(-3600);
        vec![Mischief::Member { of: Part::Introspection, name: "exp".to_owned(), change }]
    }),
    ("introspection.text_exp", "exp as text", || {
        set(Part::Introspection, "exp", json!("tomorrow"))
    }),
    ("introspection.scope_list", "scope as a list with a number", || {
        set(Part::Introspection, "scope", json!(["notes:read", 7]))
    }),
    // Registration.
    ("registration.no_client_id", "no client_id", || remove(Part::Registration, "client_id")),
    ("registration.no_secret", "no secret", || remove(Part::Registration, "client_secret")),
    ("registration.no_expiry", "no client_secret_expires_at", || {
        remove(Part::Registration, "client_secret_expires_at")
    }),
    ("registration.status_200", "status 200 instead of 201", || {
        vec![Mischief::Answer {
            endpoint: Endpoint::Register,
            status: Some(200),
            headers: BTreeMap::new(),
            body: None,
        }]
    }),
    // Logout tokens.
    ("logout_token.with_nonce", "a nonce, as if it were an ID token", || {
        set(Part::LogoutToken, "nonce", json!("the-nonce"))
    }),
    ("logout_token.no_events", "no events", || remove(Part::LogoutToken, "events")),
    ("logout_token.other_event", "another event", || {
        set(Part::LogoutToken, "events", json!({"urn:example:other": {}}))
    }),
    ("logout_token.wrong_iss", "another issuer", || {
        set(Part::LogoutToken, "iss", json!("https://evil.example"))
    }),
    ("logout_token.wrong_aud", "another client", || {
        set(Part::LogoutToken, "aud", json!("somebody-else"))
    }),
    ("logout_token.no_jti", "no jti", || remove(Part::LogoutToken, "jti")),
    ("logout_token.no_iat", "no iat", || remove(Part::LogoutToken, "iat")),
    ("logout_token.nobody", "neither sub nor sid", || {
        let mut steps = remove(Part::LogoutToken, "sub");
        steps.extend(remove(Part::LogoutToken, "sid"));
        steps
    }),
    ("logout_token.expired", "expired an hour ago", || {
        let change = Change::SecondsFromNow(-3600);
        vec![Mischief::Member { of: Part::LogoutToken, name: "exp".to_owned(), change }]
    }),
    // Authorization responses.
    ("callback.no_state", "no state", || vec![callback("state", &[])]),
    ("callback.wrong_state", "another state", || vec![callback("state", &["another-state"])]),
    ("callback.double_state", "state twice", || vec![callback("state", &["$", "$"])]),
    ("callback.double_code", "code twice", || vec![callback("code", &["$", "another-code"])]),
    ("callback.no_code", "neither code nor error", || vec![callback("code", &[])]),
    ("callback.code_and_error", "code and error together", || {
        vec![callback("error", &["access_denied"])]
    }),
    ("callback.wrong_iss", "another issuer", || vec![callback("iss", &["https://evil.example"])]),
    ("callback.no_iss", "no issuer", || vec![callback("iss", &[])]),
    ("callback.script", "a script in error_description", || {
        vec![
            callback("code", &[]),
            callback("error", &["server_error"]),
            callback(
                "error_description",
                &["<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"],
            ),
        ]
    }),
    ("callback.unknown_error", "an error code of its own", || {
        vec![callback("code", &[]), callback("error", &["the_moon_is_wrong"])]
    }),
];

const OPTIONAL_METADATA: [&str; 16] = [
    "userinfo_endpoint",
    "registration_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
    "scopes_supported",
    "response_modes_supported",
    "grant_types_supported",
    "code_challenge_methods_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "claims_supported",
    "claims_parameter_supported",
    "acr_values_supported",
    "authorization_response_iss_parameter_supported",
    "prompt_values_supported",
];
