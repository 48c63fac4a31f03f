//! Proofs of possession (RFC 9449): which key a request proves.

use countersign_jose::{Algorithm, Allowed, base64url, digest, proof};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::answer::OAuthError;
use crate::provider::Inner;

/// The thumbprint of the key that the request proves; `None` without a proof.
pub(crate) fn proven(
    provider: &Inner,
    headers: &HeaderMap,
    request: Proving<'_>,
) -> Result<Option<String>, OAuthError> {
    let mut shown = headers.get_all(HEADER).iter();
    let Some(first) = shown.next() else { return Ok(None) };
    if shown.next().is_some() {
        return Err(bad("more than one DPoP header came"));
    }
    let text = first.to_str().map_err(|_| bad("the DPoP header is no text"))?;
    let signed =
        proof::verify(text, &Allowed::asymmetric()).map_err(|why| bad(&why.to_string()))?;
    if !signed.payload.typ_is("dpop+jwt") {
        return Err(bad("typ must be dpop+jwt"));
    }
    let claims = signed.payload.object().map_err(|why| bad(&why.to_string()))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("htm") != Some(request.method) {
        return Err(bad(&format!("htm must be {}", request.method)));
    }
    let htu = text("htu").map(|htu| htu.split(['?', '#']).next().unwrap_or_default());
    if htu != Some(request.url) {
        return Err(bad(&format!("htu must be {}", request.url)));
    }
    let now = provider.clock.now();
    let iat = claims.get("iat").and_then(Value::as_i64);
    if iat.is_none_or(|iat| now.saturating_sub(iat).abs() > WINDOW) {
        return Err(bad("iat must be the time of the request"));
    }
    if let Some(token) = request.token {
        let hash = base64url::encode(&digest::sha256(token.as_bytes()));
        if text("ath") != Some(&hash) {
            return Err(bad("ath must be the hash of the access token"));
        }
    }
    let jti = text("jti").filter(|jti| !jti.is_empty()).ok_or_else(|| bad("jti is missing"))?;
    let seen = (signed.thumbprint.clone(), jti.to_owned());
    let before = provider.book().assertions.insert(seen, now + 2 * WINDOW);
    if before.is_some_and(|end| now < end) {
        return Err(bad("this jti was used before"));
    }
    Ok(Some(signed.thumbprint))
}

/// The request that a proof is for.
#[derive(Clone, Copy)]
pub(crate) struct Proving<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    /// The access token that comes along, at a resource.
    pub(crate) token: Option<&'a str>,
}

/// What proofs may be signed with.
pub(crate) fn algorithms() -> Vec<&'static str> {
    Algorithm::ASYMMETRIC.iter().copied().map(Algorithm::name).collect()
}

/// RFC 9449 section 5.
fn bad(reason: &str) -> OAuthError {
    let text = format!("DPoP proof: {reason}");
    OAuthError::new("invalid_dpop_proof", text).status(StatusCode::BAD_REQUEST)
}

const HEADER: &str = "dpop";
/// Seconds, in both directions.
const WINDOW: i64 = 60;
