//! Token exchange (RFC 8693): a token for a call onward, for the same person.

use countersign_jose::json::Object;
use serde_json::{Value, json};

use crate::answer::OAuthError;
use crate::client::Client;
use crate::doors;
use crate::form::Params;
use crate::provider::Inner;
use crate::session::Grant;
use crate::tokens;

/// An access token for an access token: same person, no more scope, perhaps another audience.
pub(super) fn exchange(
    provider: &Inner,
    client: &Client,
    params: &Params,
    jkt: Option<String>,
) -> Result<Object, OAuthError> {
    if client.is_public() {
        let text = "a public client may not exchange tokens";
        return Err(OAuthError::new("unauthorized_client", text));
    }
    let subject = given(provider, params, "subject_token")?;
    let subject = subject.ok_or_else(|| invalid("subject_token is missing"))?;
    let actor = given(provider, params, "actor_token")?;
    let wanted = params.get("requested_token_type").unwrap_or(ACCESS_TOKEN);
    if ![ACCESS_TOKEN, JWT].contains(&wanted) {
        return Err(invalid("requested_token_type is not known here"));
    }
    let scope = match params.get("scope") {
        None => subject.scope.clone(),
        Some(_) => params.list("scope"),
    };
    if !scope.iter().all(|scope| subject.scope.contains(scope)) {
        let text = "scope may only become narrower";
        return Err(OAuthError::new("invalid_scope", text));
    }
    let mut grant = Grant::plain(&client.id, subject.username.clone(), scope.clone());
    grant.resources = [params.all("resource"), params.all("audience")]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .collect();
    grant.auth_time = subject.auth_time;
    grant.acr = subject.acr;
    // Section 4.1: who acted before stands inside who acts now.
    grant.act = match (actor, subject.act) {
        (None, before) => before,
        (Some(actor), None) => Some(json!({ "sub": actor.subject })),
        (Some(actor), Some(before)) => Some(json!({ "sub": actor.subject, "act": before })),
    };
    grant.jkt = jkt;
    let user = subject.username.as_deref().and_then(|name| provider.book().user(name).cloned());
    let id = doors::random();
    provider.book().grants.insert(id.clone(), grant.clone());
    let token = tokens::access_token(provider, client, user.as_ref(), &id, &grant, &scope)?;
    let kind = if grant.jkt.is_some() { "DPoP" } else { "Bearer" };
    Ok(Object::from_iter([
        ("access_token".to_owned(), json!(token)),
        ("issued_token_type".to_owned(), json!(wanted)),
        ("token_type".to_owned(), json!(kind)),
        ("expires_in".to_owned(), json!(provider.settings.access_token_lifetime)),
        ("scope".to_owned(), json!(scope.join(" "))),
    ]))
}

/// What is known of a token that was shown.
struct Shown {
    subject: String,
    username: Option<String>,
    scope: Vec<String>,
    auth_time: i64,
    acr: Option<String>,
    act: Option<Value>,
}

/// The live access token under this parameter.
fn given(provider: &Inner, params: &Params, name: &str) -> Result<Option<Shown>, OAuthError> {
    let kind = params.get(&format!("{name}_type"));
    let Some(token) = params.get(name) else {
        // Section 2.1: the type must not come without the token.
        return match kind {
            Some(_) => Err(invalid(&format!("{name}_type comes without {name}"))),
            None => Ok(None),
        };
    };
    match kind {
        Some(ACCESS_TOKEN | JWT) => {}
        Some(_) => return Err(invalid(&format!("{name}_type is not known here"))),
        None => return Err(invalid(&format!("{name}_type is missing"))),
    }
    let book = provider.book();
    let live = book.live_access(token, provider.clock.now());
    // Section 2.2.2: a token that is no good is an invalid request.
    let (access, grant) =
        live.ok_or_else(|| invalid(&format!("{name} has expired, was revoked or is not ours")))?;
    let user = grant.username.as_deref().and_then(|name| book.user(name));
    Ok(Some(Shown {
        subject: user.map_or(grant.client_id.clone(), |user| user.subject().to_owned()),
        username: grant.username.clone(),
        scope: access.scope.clone(),
        auth_time: grant.auth_time,
        acr: grant.acr.clone(),
        act: access.act.clone(),
    }))
}

fn invalid(text: &str) -> OAuthError {
    OAuthError::new("invalid_request", text)
}

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
