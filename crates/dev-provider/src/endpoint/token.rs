//! The token endpoint (RFC 6749 section 3.2, OpenID Connect Core sections 3.1.3 and 12).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use countersign_jose::json::Object;
use countersign_jose::{base64url, constant_time_eq, digest};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{Endpoint, Shared, client_auth, exchange, json_form};
use crate::answer::{self, OAuthError, json_answer};
use crate::client::{CODE, CREDENTIALS, Client, EXCHANGE, REFRESH};
use crate::doors;
use crate::dpop::{self, Proving};
use crate::form::{Params, words};
use crate::mischief::Part;
use crate::provider::Inner;
use crate::session::Grant;
use crate::tokens::{self, Beside};

pub(crate) async fn answer(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let params = match json_form(&headers, &body) {
        Ok(params) => params,
        Err(error) => return error.into_response(),
    };
    let client = match client_auth::authenticate(&provider, &headers, &params) {
        Ok(client) => client,
        Err(error) => return error.into_response(),
    };
    let response = match answer_for(&provider, &client, &headers, &params) {
        Ok(body) => json_answer(StatusCode::OK, &Value::Object(body)),
        Err(error) => error.into_response(),
    };
    answer::for_client(response, &client.id)
}

fn answer_for(
    provider: &Inner,
    client: &Client,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Object, OAuthError> {
    let grant_type = params.get("grant_type");
    let grant_type =
        grant_type.ok_or_else(|| OAuthError::new("invalid_request", "grant_type is missing"))?;
    if grant_type == CHECK_REVOKED {
        return revoked(provider, client, params);
    }
    if ![CODE, REFRESH, CREDENTIALS, EXCHANGE].contains(&grant_type) {
        let text = format!("grant_type {grant_type:?} is not known here");
        return Err(OAuthError::new("unsupported_grant_type", text));
    }
    // OpenID Connect lets a client refresh what offline_access gave it, registered or not.
    if !client.may_use(grant_type) && grant_type != REFRESH {
        let text = format!("the client is not registered for grant_type {grant_type:?}");
        return Err(OAuthError::new("unauthorized_client", text));
    }
    let steps = provider.mischief.steps(Some(&client.id));
    let now = provider.clock.now();
    let url = provider.url(Endpoint::Token);
    let jkt = dpop::proven(provider, headers, Proving { method: "POST", url: &url, token: None })?;
    let mut body = match grant_type {
        CODE => redeem(provider, client, params, jkt)?,
        REFRESH => refresh(provider, client, params, jkt)?,
        EXCHANGE => exchange::exchange(provider, client, params, jkt)?,
        _ => for_itself(provider, client, params, jkt)?,
    };
    steps.bend_object(Part::TokenAnswer, &mut body, now);
    if grant_type == REFRESH {
        steps.bend_object(Part::RefreshAnswer, &mut body, now);
    }
    Ok(body)
}

/// A code for tokens, once.
fn redeem(
    provider: &Inner,
    client: &Client,
    params: &Params,
    jkt: Option<String>,
) -> Result<Object, OAuthError> {
    let bad = |reason: &str| OAuthError::new("invalid_grant", reason);
    let code = params.get("code");
    let code = code.ok_or_else(|| OAuthError::new("invalid_request", "code is missing"))?;
    let (id, grant) = {
        let mut book = provider.book();
        let record = book.codes.get_mut(code).ok_or_else(|| bad("the code is not known"))?;
        let id = record.grant.clone();
        let used = std::mem::replace(&mut record.used, true);
        let (expires_at, redirect_uri) = (record.expires_at, record.redirect_uri.clone());
        let challenge = record.challenge.clone();
        if used {
            // RFC 6749 section 4.1.2: somebody has stolen it, so all that it gave ends.
            book.revoke(&id);
            return Err(bad("the code was used before; its tokens are revoked"));
        }
        let grant = book.live_grant(&id).cloned();
        drop(book);
        let grant = grant.ok_or_else(|| bad("the grant was revoked"))?;
        if grant.client_id != client.id {
            return Err(bad("the code was given to another client"));
        }
        let late = provider.clock.now().saturating_sub(expires_at);
        if late >= 0 {
            return Err(bad(&format!("the code expired {late} s ago")));
        }
        if params.get("redirect_uri") != Some(&redirect_uri) {
            return Err(bad("redirect_uri differs from the one of the authorization request"));
        }
        check_verifier(challenge.as_deref(), params.get("code_verifier"))?;
        (id, Grant { jkt, ..grant })
    };
    let gives_refresh =
        client.may_use(REFRESH) || grant.scope.iter().any(|scope| scope == "offline_access");
    let refresh = gives_refresh.then(|| tokens::refresh_token(provider, &id));
    let scope = grant.scope.clone();
    tokens_for(
        provider,
        client,
        &id,
        &grant,
        &scope,
        refresh,
        Beside { code: Some(code), ..Beside::default() },
    )
}

/// RFC 7636 section 4.6.
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), OAuthError> {
    let bad = |reason: &str| OAuthError::new("invalid_grant", reason);
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(bad("code_verifier is missing")),
        // RFC 9700 section 2.1.1: otherwise an attacker could strip the challenge.
        (None, Some(_)) => Err(bad("code_verifier comes without a code_challenge before")),
        (Some(challenge), Some(verifier)) => {
            let hash = base64url::encode(&digest::sha256(verifier.as_bytes()));
            let long = (43..=128).contains(&verifier.len());
            if long && constant_time_eq(hash.as_bytes(), challenge.as_bytes()) {
                return Ok(());
            }
            Err(bad("code_verifier does not fit the code_challenge"))
        }
    }
}

/// New tokens for a refresh token.
fn refresh(
    provider: &Inner,
    client: &Client,
    params: &Params,
    jkt: Option<String>,
) -> Result<Object, OAuthError> {
    let bad = |reason: &str| OAuthError::new("invalid_grant", reason);
    let token = params.get("refresh_token");
    let token =
        token.ok_or_else(|| OAuthError::new("invalid_request", "refresh_token is missing"))?;
    let rotate = provider.settings.rotate_refresh_tokens;
    let now = provider.clock.now();
    let (id, grant) = {
        let mut book = provider.book();
        let record = book.refresh_tokens.get(token).cloned();
        let record = record.ok_or_else(|| bad("the refresh token is not known"))?;
        let owner = book.grants.get(&record.grant).map(|grant| grant.client_id.as_str());
        if owner != Some(&client.id) {
            return Err(bad("the refresh token was given to another client"));
        }
        if record.used {
            // RFC 9700 section 4.14.2: one of the two who have it is a thief.
            book.revoke(&record.grant);
            return Err(bad("the refresh token was used before; its family is revoked"));
        }
        if now >= record.expires_at {
            return Err(bad("the refresh token has expired"));
        }
        let grant = book.live_grant(&record.grant).cloned();
        let grant = grant.ok_or_else(|| bad("the grant was revoked"))?;
        (record.grant, Grant { jkt, ..grant })
    };
    let scope = match params.get("scope") {
        None => grant.scope.clone(),
        Some(asked) => words(asked),
    };
    if !scope.iter().all(|scope| grant.scope.contains(scope)) {
        return Err(OAuthError::new("invalid_scope", "scope may only become narrower"));
    }
    let next = rotate.then(|| {
        if let Some(record) = provider.book().refresh_tokens.get_mut(token) {
            record.used = true;
        }
        tokens::refresh_token(provider, &id)
    });
    let beside = Beside { refreshed: true, ..Beside::default() };
    tokens_for(provider, client, &id, &grant, &scope, next, beside)
}

/// `client_credentials`: a token for the client itself (RFC 6749 section 4.4).
fn for_itself(
    provider: &Inner,
    client: &Client,
    params: &Params,
    jkt: Option<String>,
) -> Result<Object, OAuthError> {
    if client.is_public() {
        let text = "a public client can't have tokens of its own";
        return Err(OAuthError::new("unauthorized_client", text));
    }
    let known = &provider.settings.scopes;
    let scope: Vec<String> =
        params.list("scope").into_iter().filter(|s| known.contains(s) && s != "openid").collect();
    let mut grant = Grant::plain(&client.id, None, scope.clone());
    grant.resources = params.all("resource").map(str::to_owned).collect();
    grant.jkt = jkt;
    let id = doors::random();
    provider.book().grants.insert(id.clone(), grant.clone());
    tokens_for(provider, client, &id, &grant, &scope, None, Beside::default())
}

fn tokens_for(
    provider: &Inner,
    client: &Client,
    id: &str,
    grant: &Grant,
    scope: &[String],
    refresh_token: Option<String>,
    beside: Beside<'_>,
) -> Result<Object, OAuthError> {
    let user = match &grant.username {
        None => None,
        Some(username) => {
            let user = provider.book().user(username).cloned();
            let gone = || OAuthError::new("invalid_grant", "the person is gone");
            Some(user.ok_or_else(gone)?)
        }
    };
    let access = tokens::access_token(provider, client, user.as_ref(), id, grant, scope)?;
    let kind = if grant.jkt.is_some() { "DPoP" } else { "Bearer" };
    let mut body = Object::new();
    body.insert("access_token".to_owned(), json!(access));
    body.insert("token_type".to_owned(), json!(kind));
    body.insert("expires_in".to_owned(), json!(provider.settings.access_token_lifetime));
    body.insert("scope".to_owned(), json!(scope.join(" ")));
    if let Some(refresh_token) = refresh_token {
        body.insert("refresh_token".to_owned(), json!(refresh_token));
    }
    if let Some(user) = user.filter(|_| scope.iter().any(|scope| scope == "openid")) {
        let beside = Beside { access_token: Some(&access), ..beside };
        let id_token = tokens::id_token(provider, client, &user, grant, &beside)?;
        body.insert("id_token".to_owned(), json!(id_token));
    }
    Ok(body)
}

/// AuthMachine's question whether a token was revoked.
fn revoked(provider: &Inner, client: &Client, params: &Params) -> Result<Object, OAuthError> {
    let token = params.get("access_token");
    let token =
        token.ok_or_else(|| OAuthError::new("invalid_request", "access_token is missing"))?;
    let book = provider.book();
    let live = book.live_access(token, provider.clock.now());
    let good = live.is_some_and(|(_, grant)| grant.client_id == client.id);
    Ok(Object::from_iter([("revoked".to_owned(), json!(!good))]))
}

const CHECK_REVOKED: &str = "check_token_revoked";
