//! Client authentication (OpenID Connect Core section 9): the registered way and no other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_jose::{Algorithm, Allowed, Jws, KeySet, constant_time_eq, danger};
use http::{HeaderMap, header};
use serde_json::Value;
use url::form_urlencoded;

use super::Endpoint;
use crate::answer::OAuthError;
use crate::client::{Client, ClientAuth};
use crate::form::Params;
use crate::provider::Inner;

/// The client that proved itself with this request.
pub(super) fn authenticate(
    provider: &Inner,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Client, OAuthError> {
    let shown = shown(headers, params)?;
    let client = provider.book().clients.get(shown.client_id()).cloned();
    let client = client.ok_or_else(|| OAuthError::client("the client is not registered here"))?;
    if let Some(named) = params.get("client_id")
        && named != client.id
    {
        return Err(OAuthError::new("invalid_request", "client_id differs from who authenticates"));
    }
    let way = match (&shown, client.auth()) {
        (Shown::Basic { .. }, ClientAuth::ClientSecretBasic)
        | (Shown::Post { .. }, ClientAuth::ClientSecretPost)
        | (Shown::Nothing { .. }, ClientAuth::None)
        | (Shown::Assertion { .. }, ClientAuth::ClientSecretJwt | ClientAuth::PrivateKeyJwt) => {
            client.auth()
        }
        (_, registered) => {
            let text = format!(
                "the client is registered for {}, but came with {}",
                registered.name(),
                shown.name()
            );
            return Err(OAuthError::client(text));
        }
    };
    if way.needs_secret() {
        let ended = client.secret_expires_at;
        if ended != 0 && provider.clock.now() >= ended {
            return Err(OAuthError::client("the client secret has expired; register again"));
        }
    }
    match &shown {
        Shown::Nothing { .. } => {}
        Shown::Basic { secret, .. } | Shown::Post { secret, .. } => {
            let right = client.secret.as_deref().unwrap_or_default();
            if right.is_empty() || !constant_time_eq(right.as_bytes(), secret.as_bytes()) {
                return Err(OAuthError::client("the client secret is wrong"));
            }
        }
        Shown::Assertion { jwt, .. } => check_assertion(provider, &client, jwt)?,
    }
    Ok(client)
}

/// What a request shows to prove its client.
enum Shown {
    Nothing { client_id: String },
    Basic { client_id: String, secret: String },
    Post { client_id: String, secret: String },
    Assertion { client_id: String, jwt: String },
}

impl Shown {
    fn client_id(&self) -> &str {
        match self {
            Self::Nothing { client_id }
            | Self::Basic { client_id, .. }
            | Self::Post { client_id, .. }
            | Self::Assertion { client_id, .. } => client_id,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Nothing { .. } => "no authentication",
            Self::Basic { .. } => "client_secret_basic",
            Self::Post { .. } => "client_secret_post",
            Self::Assertion { .. } => "a client assertion",
        }
    }
}

fn shown(headers: &HeaderMap, params: &Params) -> Result<Shown, OAuthError> {
    let basic = basic(headers)?;
    let secret = params.get("client_secret");
    let assertion = params.get("client_assertion");
    let ways = [basic.is_some(), secret.is_some(), assertion.is_some()];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        // RFC 6749 section 2.3.
        let text = "the client authenticates in more than one way";
        return Err(OAuthError::new("invalid_request", text));
    }
    if let Some((client_id, secret)) = basic {
        return Ok(Shown::Basic { client_id, secret });
    }
    if let Some(jwt) = assertion {
        if params.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            let text = format!("client_assertion_type must be {ASSERTION_TYPE}");
            return Err(OAuthError::new("invalid_request", text));
        }
        // Read before it is checked, to know whose keys check it.
        let claims = danger::peek(jwt).ok();
        let sub = claims.as_ref().and_then(|claims| claims.get("sub")?.as_str());
        let sub = sub.ok_or_else(|| OAuthError::client("the client assertion has no sub"))?;
        return Ok(Shown::Assertion { client_id: sub.to_owned(), jwt: jwt.to_owned() });
    }
    let client_id = params.get("client_id").map(str::to_owned);
    let client_id = client_id.ok_or_else(|| OAuthError::client("no client authentication came"))?;
    Ok(match secret {
        Some(secret) => Shown::Post { client_id, secret: secret.to_owned() },
        None => Shown::Nothing { client_id },
    })
}

/// RFC 6749 section 2.3.1: both halves are form-urlencoded before they are joined.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, OAuthError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let malformed = || OAuthError::client("the Authorization header is no well-formed Basic");
    let text = value.to_str().map_err(|_| malformed())?;
    let (scheme, encoded) = text.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed());
    }
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| malformed())?;
    let decoded = String::from_utf8(decoded).map_err(|_| malformed())?;
    let (id, secret) = decoded.split_once(':').ok_or_else(malformed)?;
    Ok(Some((form_decoded(id), form_decoded(secret))))
}

fn form_decoded(text: &str) -> String {
    // `=` and `&` would end a value; they can't appear raw in an encoded half.
    let safe = text.replace('&', "%26").replace('=', "%3D");
    let pair = form_urlencoded::parse(safe.as_bytes()).next();
    pair.map(|(name, _)| name.into_owned()).unwrap_or_default()
}

/// RFC 7523 section 3 and OpenID Connect Core section 9.
fn check_assertion(provider: &Inner, client: &Client, jwt: &str) -> Result<(), OAuthError> {
    let bad = |reason: &str| OAuthError::client(format!("client assertion: {reason}"));
    let jws = Jws::parse(jwt).map_err(|error| bad(&error.to_string()))?;
    let (keys, allowed) = if client.auth() == ClientAuth::ClientSecretJwt {
        let secret = client.secret.as_deref().unwrap_or_default();
        let macs = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];
        let allowed = Allowed::new(macs).map_err(|error| bad(&error.to_string()))?;
        let keys = KeySet::from_secret(secret.as_bytes());
        (keys.map_err(|error| bad(&error.to_string()))?, allowed)
    } else {
        let jwks = client.metadata.jwks.clone().unwrap_or_default();
        let document = Value::Object(jwks).to_string();
        let keys = KeySet::parse(document.as_bytes()).map_err(|error| bad(&error.to_string()))?;
        (keys, Allowed::asymmetric())
    };
    let payload = jws.verify(&keys, &allowed).map_err(|error| bad(&error.to_string()))?;
    let claims = payload.object().map_err(|error| bad(&error.to_string()))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(&client.id) || text("sub") != Some(&client.id) {
        return Err(bad("iss and sub must both be the client_id"));
    }
    let audiences = [provider.settings.issuer.clone(), provider.url(Endpoint::Token)];
    let ours = |aud: &Value| aud.as_str().is_some_and(|aud| audiences.iter().any(|a| a == aud));
    let for_us = match claims.get("aud") {
        Some(Value::Array(list)) => list.iter().any(ours),
        Some(one) => ours(one),
        None => false,
    };
    if !for_us {
        return Err(bad(&format!("aud must be one of {audiences:?}")));
    }
    let now = provider.clock.now();
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let exp = time("exp").ok_or_else(|| bad("exp is missing or no number of seconds"))?;
    if now >= exp.saturating_add(SKEW) {
        return Err(bad(&format!("expired {} s ago", now.saturating_sub(exp))));
    }
    if time("nbf").is_some_and(|nbf| nbf > now.saturating_add(SKEW)) {
        return Err(bad("nbf lies in the future"));
    }
    let jti = text("jti").ok_or_else(|| bad("jti is missing"))?;
    let mut book = provider.book();
    let seen = book.assertions.insert((client.id.clone(), jti.to_owned()), exp + SKEW);
    if seen.is_some_and(|end| now < end) {
        return Err(bad("this jti was used before"));
    }
    Ok(())
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Clocks may differ so much, in seconds.
const SKEW: i64 = 30;
