//! What is handed out: ID tokens, access tokens, refresh tokens, codes.

use std::sync::Arc;

use countersign_jose::json::Object;
use countersign_jose::{Algorithm, SigningKey, digest};
use serde_json::{Value, json};

use crate::account::User;
use crate::answer::OAuthError;
use crate::claims::{self, Place};
use crate::client::{AccessTokens, Client};
use crate::doors;
use crate::keys;
use crate::mischief::{Forge, Part};
use crate::provider::Inner;
use crate::session::{AccessToken, Code, Grant, RefreshToken};

/// What an ID token accompanies; decides about its hashes and nonce.
#[derive(Default)]
pub(crate) struct Beside<'a> {
    pub(crate) access_token: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    /// The answer to a refresh.
    pub(crate) refreshed: bool,
    /// No access token comes, so userinfo can't be asked (OpenID Connect Core section 5.4).
    pub(crate) alone: bool,
}

/// An ID token (OpenID Connect Core section 2), bent by whatever mischief meets the client.
pub(crate) fn id_token(
    provider: &Inner,
    client: &Client,
    user: &User,
    grant: &Grant,
    beside: &Beside<'_>,
) -> Result<String, OAuthError> {
    let steps = provider.mischief.steps(Some(&client.id));
    if steps.rotates_keys() {
        provider.keys.rotate().map_err(|error| server_error(&error.to_string()))?;
    }
    let now = provider.clock.now();
    let algorithm = client.id_token_alg();
    let key = signing_key(provider, client, algorithm)?;

    let mut claims = Object::new();
    let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
    if provider.settings.claims_in_id_token || beside.alone {
        claims::by_scope(user, &grant.scope)
            .into_iter()
            .for_each(|(name, value)| put(&name, value));
    }
    let requested = claims::by_request(user, &grant.claims, Place::IdToken);
    requested.into_iter().for_each(|(name, value)| put(&name, value));
    put("iss", json!(provider.settings.issuer));
    put("sub", json!(user.subject()));
    put("aud", audience(client));
    if !client.extra_audiences.is_empty() {
        put("azp", json!(client.id));
    }
    put("iat", json!(now));
    put("exp", json!(now.saturating_add(provider.settings.id_token_lifetime)));
    put("auth_time", json!(grant.auth_time));
    if let Some(acr) = &grant.acr {
        put("acr", json!(acr));
    }
    put("amr", json!(["pwd"]));
    if let Some(sid) = &grant.sid {
        put("sid", json!(sid));
    }
    // Section 12.2: a refreshed ID token should have no nonce; if it has one, the same.
    if let Some(nonce) = grant.nonce.as_ref().filter(|_| !beside.refreshed) {
        put("nonce", json!(nonce));
    }
    for (name, text) in [("at_hash", beside.access_token), ("c_hash", beside.code)] {
        if let Some(hash) = text.and_then(|text| digest::half(algorithm, text).ok()) {
            put(name, json!(hash));
        }
    }
    steps.bend_object(Part::IdToken, &mut claims, now);
    if beside.refreshed {
        steps.bend_object(Part::RefreshedIdToken, &mut claims, now);
    }
    let forge = Forge { provider, key: &key, steps: &steps, now };
    forge.token(&claims).map_err(|error| server_error(&error.to_string()))
}

/// Hands out an access token and remembers it.
pub(crate) fn access_token(
    provider: &Inner,
    client: &Client,
    user: Option<&User>,
    grant_id: &str,
    grant: &Grant,
    scope: &[String],
) -> Result<String, OAuthError> {
    let kind = client.access_tokens.as_ref().unwrap_or(&provider.settings.access_tokens);
    let minting = Minting { opaque: *kind == AccessTokens::Opaque, ..Minting::default() };
    let wanted = Wanted { client, user, grant_id, grant, scope, kind };
    mint(provider, &wanted, &minting)
}

/// For whom and for what an access token is wanted.
pub(crate) struct Wanted<'a> {
    pub(crate) client: &'a Client,
    pub(crate) user: Option<&'a User>,
    pub(crate) grant_id: &'a str,
    pub(crate) grant: &'a Grant,
    pub(crate) scope: &'a [String],
    pub(crate) kind: &'a AccessTokens,
}

/// In what an access token differs from what would follow from its grant.
#[derive(Default)]
pub(crate) struct Minting {
    pub(crate) opaque: bool,
    /// In seconds; negative ones are over already.
    pub(crate) lifetime: Option<i64>,
    pub(crate) typ: Option<String>,
    pub(crate) algorithm: Option<Algorithm>,
    /// Claims that go over all others; null takes one out.
    pub(crate) claims: Object,
}

/// Makes an access token and remembers it.
pub(crate) fn mint(
    provider: &Inner,
    wanted: &Wanted<'_>,
    minting: &Minting,
) -> Result<String, OAuthError> {
    let Wanted { client, user, grant, scope, .. } = *wanted;
    let now = provider.clock.now();
    let lifetime = minting.lifetime.unwrap_or(provider.settings.access_token_lifetime);
    let expires_at = now.saturating_add(lifetime);
    let audience = match wanted.kind {
        _ if !grant.resources.is_empty() => grant.resources.clone(),
        AccessTokens::Jwt { audience } => vec![audience.clone()],
        AccessTokens::Opaque => vec![client.id.clone()],
    };
    let token = if minting.opaque {
        doors::random()
    } else {
        let key = match minting.algorithm {
            Some(algorithm) => signing_key(provider, client, algorithm)?,
            None => preferred_key(provider)?,
        };
        let subject = user.map_or(client.id.as_str(), User::subject);
        let mut claims = Object::new();
        let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
        for name in ROLE_CLAIMS {
            if let Some(value) = user.and_then(|user| user.claims().get(name)) {
                put(name, value.clone());
            }
        }
        put("iss", json!(provider.settings.issuer));
        put("sub", json!(subject));
        put("aud", one_or_many(&audience));
        put("client_id", json!(client.id));
        put("scope", json!(scope.join(" ")));
        put("iat", json!(now.min(expires_at)));
        put("exp", json!(expires_at));
        put("jti", json!(doors::random()));
        if user.is_some() && grant.auth_time != 0 {
            put("auth_time", json!(grant.auth_time));
        }
        for (name, value) in [("acr", &grant.acr), ("sid", &grant.sid)] {
            if let Some(value) = value {
                put(name, json!(value));
            }
        }
        if let Some(act) = &grant.act {
            put("act", act.clone());
        }
        if let Some(jkt) = &grant.jkt {
            put("cnf", json!({ "jkt": jkt }));
        }
        overlay(&mut claims, &minting.claims);
        let steps = provider.mischief.steps(Some(&client.id));
        steps.bend_object(Part::AccessToken, &mut claims, now);
        keys::compact(&key, minting.typ.as_deref().unwrap_or("at+jwt"), &claims)
    };
    let record = AccessToken {
        grant: wanted.grant_id.to_owned(),
        scope: scope.to_vec(),
        audience,
        issued_at: now,
        expires_at,
        jkt: grant.jkt.clone(),
        act: grant.act.clone(),
        minted: minting.claims.clone(),
        revoked: false,
    };
    provider.book().access_tokens.insert(token.clone(), record);
    Ok(token)
}

/// Puts claims over others; null takes one out.
pub(crate) fn overlay(claims: &mut Object, over: &Object) {
    for (name, value) in over {
        match value {
            Value::Null => drop(claims.remove(name)),
            value => drop(claims.insert(name.clone(), value.clone())),
        }
    }
}

/// RS256 where there is a key for it: RFC 9068 section 2.1 wants it to work everywhere.
pub(crate) fn preferred_key(provider: &Inner) -> Result<Arc<SigningKey>, OAuthError> {
    let preferred = provider.keys.signing(Algorithm::Rs256);
    let first = || provider.keys.algorithms().first().copied();
    let key = preferred.or_else(|| provider.keys.signing(first()?));
    key.ok_or_else(|| server_error("no signing key"))
}

/// Hands out a refresh token and remembers it.
pub(crate) fn refresh_token(provider: &Inner, grant_id: &str) -> String {
    let now = provider.clock.now();
    let token = doors::random();
    let record = RefreshToken {
        grant: grant_id.to_owned(),
        issued_at: now,
        expires_at: now.saturating_add(provider.settings.refresh_token_lifetime),
        used: false,
    };
    provider.book().refresh_tokens.insert(token.clone(), record);
    token
}

/// Hands out an authorization code and remembers it.
pub(crate) fn code(
    provider: &Inner,
    grant_id: &str,
    redirect_uri: &str,
    challenge: Option<String>,
) -> String {
    let now = provider.clock.now();
    let code = doors::random();
    let record = Code {
        grant: grant_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        challenge,
        expires_at: now.saturating_add(provider.settings.code_lifetime),
        used: false,
    };
    let mut book = provider.book();
    book.sweep(now);
    book.codes.insert(code.clone(), record);
    code
}

/// A logout token (Back-Channel Logout section 2.4).
pub(crate) fn logout_token(
    provider: &Inner,
    client_id: &str,
    sub: Option<&str>,
    sid: Option<&str>,
) -> Option<String> {
    let client = provider.book().clients.get(client_id)?.clone();
    if sub.is_none() && sid.is_none() {
        return None;
    }
    let now = provider.clock.now();
    let mut claims = json!({
        "iss": provider.settings.issuer,
        "aud": client_id,
        "iat": now,
        "exp": now.saturating_add(120),
        "jti": doors::random(),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    let members = claims.as_object_mut()?;
    for (name, value) in [("sub", sub), ("sid", sid)] {
        if let Some(value) = value {
            members.insert(name.to_owned(), json!(value));
        }
    }
    let steps = provider.mischief.steps(Some(client_id));
    steps.bend_object(Part::LogoutToken, members, now);
    let key = signing_key(provider, &client, client.id_token_alg()).ok()?;
    Some(keys::compact(&key, "logout+jwt", members))
}

/// The key for what this client reads: the provider's, or the client's secret for HS256 and such.
pub(crate) fn signing_key(
    provider: &Inner,
    client: &Client,
    algorithm: Algorithm,
) -> Result<Arc<SigningKey>, OAuthError> {
    if !algorithm.is_mac() {
        let key = provider.keys.signing(algorithm);
        return key.ok_or_else(|| {
            server_error(&format!("no key signs {algorithm}; signing_algorithms decides"))
        });
    }
    let secret = client.secret.as_deref();
    let secret = secret.ok_or_else(|| server_error("the client has no secret to sign with"))?;
    let key = SigningKey::from_secret(secret.as_bytes(), algorithm);
    key.map(Arc::new).map_err(|error| server_error(&error.to_string()))
}

fn audience(client: &Client) -> Value {
    let all: Vec<String> =
        std::iter::once(client.id.clone()).chain(client.extra_audiences.iter().cloned()).collect();
    one_or_many(&all)
}

/// A single value as a text, several as a list, as most providers write it.
pub(crate) fn one_or_many(values: &[String]) -> Value {
    match values {
        [one] => json!(one),
        many => json!(many),
    }
}

pub(crate) fn server_error(reason: &str) -> OAuthError {
    OAuthError::new("server_error", reason).status(http::StatusCode::INTERNAL_SERVER_ERROR)
}

/// Access tokens carry these, so that an API can decide without asking.
const ROLE_CLAIMS: [&str; 4] = ["roles", "groups", "realm_access", "preferred_username"];
