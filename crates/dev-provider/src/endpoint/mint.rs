//! Access tokens on order, for tests and for `countersign token mint`; on loopback only.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use countersign_jose::Algorithm;
use countersign_jose::json::Object;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shared, remote};
use crate::answer::{OAuthError, json_answer};
use crate::client::{AccessTokens, Client};
use crate::doors;
use crate::form::words;
use crate::provider::Inner;
use crate::session::Grant;
use crate::tokens::{self, Minting, Wanted};

/// What is ordered; every member has a default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    aud: Value,
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    claims: Object,
    #[serde(default)]
    expires_in: Option<i64>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    opaque: bool,
    #[serde(default)]
    jkt: Option<String>,
}

pub(super) async fn answer(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let order: Order = match remote::read(&headers, &body) {
        Ok(order) => order,
        Err(response) => return *response,
    };
    match minted(&provider, order) {
        Ok(answer) => json_answer(StatusCode::OK, &Value::Object(answer)),
        Err(error) => error.into_response(),
    }
}

fn minted(provider: &Inner, order: Order) -> Result<Object, OAuthError> {
    let user = match &order.user {
        None => None,
        Some(name) => {
            let user = provider.book().user(name).cloned();
            Some(user.ok_or_else(|| unknown_user(provider, name))?)
        }
    };
    let algorithm = order.alg.as_deref().map(str::parse::<Algorithm>).transpose();
    let algorithm = algorithm.map_err(|why| invalid(&why.to_string()))?;
    let client = client(provider, order.client_id);
    let scope = words(&order.scope);
    let mut grant =
        Grant::plain(&client.id, user.as_ref().map(|user| user.username().to_owned()), scope);
    grant.resources = audience(&order.aud)?;
    grant.auth_time = user.as_ref().map_or(0, |_| provider.clock.now());
    grant.jkt = order.jkt;
    let mut claims = Object::new();
    if let Some(sub) = order.sub {
        claims.insert("sub".to_owned(), json!(sub));
    }
    if let Some(roles) = order.roles {
        claims.insert("roles".to_owned(), json!(roles));
        claims.insert("realm_access".to_owned(), json!({ "roles": roles }));
    }
    claims.extend(order.claims);
    let lifetime = order.expires_in.unwrap_or(provider.settings.access_token_lifetime);
    let minting = Minting {
        opaque: order.opaque,
        lifetime: Some(lifetime),
        typ: order.typ,
        algorithm,
        claims,
    };
    // An opaque token is for the same API as a signed one.
    let kind = match &provider.settings.access_tokens {
        AccessTokens::Opaque => AccessTokens::Jwt { audience: "api".to_owned() },
        jwt => jwt.clone(),
    };
    let id = doors::random();
    provider.book().grants.insert(id.clone(), grant.clone());
    let wanted = Wanted {
        client: &client,
        user: user.as_ref(),
        grant_id: &id,
        grant: &grant,
        scope: &grant.scope,
        kind: &kind,
    };
    let token = tokens::mint(provider, &wanted, &minting)?;
    Ok(Object::from_iter([
        ("access_token".to_owned(), json!(token)),
        ("token_type".to_owned(), json!(if grant.jkt.is_some() { "DPoP" } else { "Bearer" })),
        ("expires_in".to_owned(), json!(lifetime)),
        ("scope".to_owned(), json!(grant.scope.join(" "))),
    ]))
}

/// None means the provider's own choice.
fn audience(aud: &Value) -> Result<Vec<String>, OAuthError> {
    let wrong = || invalid("aud must be a text or a list of texts; `claims` takes anything");
    match aud {
        Value::Null => Ok(Vec::new()),
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(many) => {
            let texts = many.iter().map(|one| one.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

/// The client that the token was made for: userinfo and introspection look for it.
fn client(provider: &Inner, id: Option<String>) -> Client {
    let id = id.unwrap_or_else(|| CLIENT.to_owned());
    let mut book = provider.book();
    book.clients.entry(id).or_insert_with_key(|id| Client::public(id)).clone()
}

fn unknown_user(provider: &Inner, name: &str) -> OAuthError {
    let book = provider.book();
    let known: Vec<&str> = book.users.iter().take(20).map(|user| user.username()).collect();
    let known = known.join(", ");
    invalid(&format!("no user is called {name:?}; known: {known}; `sub` takes any text"))
}

fn invalid(text: &str) -> OAuthError {
    OAuthError::new("invalid_request", text)
}

/// Where it is, below the issuer.
pub(super) const MINT: &str = "/dev/mint";
/// Under which name the metadata announces it; no other provider does.
pub(super) const MINT_MEMBER: &str = "countersign_dev_mint_endpoint";
/// Minted tokens are this client's unless another one is named.
const CLIENT: &str = "mint";
