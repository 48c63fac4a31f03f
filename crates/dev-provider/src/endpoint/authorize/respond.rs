//! The way back to the client: with what was granted, or with an error.

use axum::response::Response;
use http::StatusCode;

use super::{Refusal, Request, ResponseMode};
use crate::answer;
use crate::doors;
use crate::form;
use crate::pages;
use crate::provider::Inner;
use crate::session::{Grant, Session};
use crate::tokens::{self, Beside};

/// Answers the request with what its response type asks for.
pub(super) fn grant(provider: &Inner, request: &Request, session: &Session) -> Response {
    let back = Back::of(request);
    match parts(provider, request, session) {
        Ok(parts) => back.send(provider, parts),
        Err(refusal) => back.refuse(provider, &refusal),
    }
}

type Pairs = Vec<(String, String)>;

fn parts(provider: &Inner, request: &Request, session: &Session) -> Result<Pairs, Refusal> {
    let gone = || Refusal::new("server_error", "the client or the person is gone meanwhile");
    let (client, user) = {
        let book = provider.book();
        let client = book.clients.get(&request.client_id).cloned().ok_or_else(gone)?;
        (client, book.user(&session.username).cloned().ok_or_else(gone)?)
    };
    let grant = Grant {
        client_id: client.id.clone(),
        username: Some(session.username.clone()),
        scope: request.scope.clone(),
        claims: request.claims.clone(),
        resources: request.resources.clone(),
        nonce: request.nonce.clone(),
        auth_time: session.auth_time,
        acr: Some(session.acr.clone()),
        sid: Some(session.sid.clone()),
        jkt: None,
        act: None,
        revoked: false,
    };
    let id = doors::random();
    provider.book().grants.insert(id.clone(), grant.clone());

    let failed = |_| Refusal::new("server_error", "a token could not be signed");
    let mut pairs = Pairs::new();
    let mut code = None;
    if request.responds_with("code") {
        let challenge = request.challenge.clone();
        let fresh = tokens::code(provider, &id, &request.redirect_uri, challenge);
        pairs.push(("code".to_owned(), fresh.clone()));
        code = Some(fresh);
    }
    let mut access = None;
    if request.responds_with("token") {
        let scope = &grant.scope;
        let token = tokens::access_token(provider, &client, Some(&user), &id, &grant, scope)
            .map_err(failed)?;
        pairs.push(("access_token".to_owned(), token.clone()));
        pairs.push(("token_type".to_owned(), "Bearer".to_owned()));
        let life = provider.settings.access_token_lifetime.to_string();
        pairs.push(("expires_in".to_owned(), life));
        access = Some(token);
    }
    if request.responds_with("id_token") {
        let beside = Beside {
            access_token: access.as_deref(),
            code: code.as_deref(),
            refreshed: false,
            alone: access.is_none() && code.is_none(),
        };
        let token = tokens::id_token(provider, &client, &user, &grant, &beside).map_err(failed)?;
        pairs.push(("id_token".to_owned(), token));
    }
    Ok(pairs)
}

/// The way back: where to, how, and with which state.
pub(super) struct Back<'a> {
    pub(super) client_id: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<&'a str>,
}

impl<'a> Back<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        Self {
            client_id: &request.client_id,
            redirect_uri: &request.redirect_uri,
            mode: request.response_mode,
            state: request.state.as_deref(),
        }
    }

    pub(super) fn refuse(&self, provider: &Inner, refusal: &Refusal) -> Response {
        let pairs = vec![
            ("error".to_owned(), refusal.error.to_owned()),
            ("error_description".to_owned(), answer::plain(&refusal.description)),
        ];
        self.send(provider, pairs)
    }

    fn send(&self, provider: &Inner, mut pairs: Pairs) -> Response {
        if let Some(state) = self.state {
            pairs.push(("state".to_owned(), state.to_owned()));
        }
        // RFC 9207 section 2: in every answer, errors included.
        pairs.push(("iss".to_owned(), provider.settings.issuer.clone()));
        let steps = provider.mischief.steps(Some(self.client_id));
        steps.bend_callback(&mut pairs);
        let borrowed = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let response = match self.mode {
            ResponseMode::Query => {
                let joint = if self.redirect_uri.contains('?') { '&' } else { '?' };
                let query = form::encode(borrowed());
                answer::see_other(&format!("{}{joint}{query}", self.redirect_uri))
            }
            ResponseMode::Fragment => {
                let fragment = form::encode(borrowed());
                answer::see_other(&format!("{}#{fragment}", self.redirect_uri))
            }
            ResponseMode::FormPost => {
                pages::page(StatusCode::OK, pages::form_post(self.redirect_uri, &pairs))
            }
        };
        answer::for_client(response, self.client_id)
    }
}
