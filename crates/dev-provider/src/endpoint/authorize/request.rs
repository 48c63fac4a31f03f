//! Reading an authorization request (OpenID Connect Core section 3.1.2.1).

use std::borrow::Cow;

use countersign_jose::json::{self, Object};
use countersign_jose::{Allowed, Jws};

use crate::builder::Pkce;
use crate::claims;
use crate::client::{Client, ResponseTypes};
use crate::form::Params;
use crate::provider::Inner;

/// An authorization request that may be answered.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) response_type: Vec<String>,
    pub(crate) response_mode: ResponseMode,
    pub(crate) scope: Vec<String>,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) prompt: Vec<String>,
    pub(crate) max_age: Option<i64>,
    pub(crate) acr_values: Vec<String>,
    pub(crate) acr_essential: bool,
    pub(crate) login_hint: Option<String>,
    /// The person that the request is about, by `id_token_hint` or the `claims` parameter.
    pub(crate) subject: Option<String>,
    pub(crate) claims: Object,
    pub(crate) resources: Vec<String>,
}

/// How the answer travels (OAuth 2.0 Multiple Response Types section 2.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// Why a request is refused, in words for the client.
pub(crate) struct Refusal {
    pub(crate) error: &'static str,
    pub(crate) description: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self { error, description: description.into() }
    }

    fn invalid(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", description)
    }
}

impl ResponseMode {
    /// The mode asked for, or the response type's own. `None` for an unknown one.
    pub(crate) fn of(params: &Params) -> Option<Self> {
        match params.get("response_mode") {
            Some("query") => Some(Self::Query),
            Some("fragment") => Some(Self::Fragment),
            Some("form_post") => Some(Self::FormPost),
            Some(_) => None,
            None if matches!(params.get("response_type"), Some("code") | None) => Some(Self::Query),
            None => Some(Self::Fragment),
        }
    }
}

impl Request {
    pub(crate) fn prompts(&self, prompt: &str) -> bool {
        self.prompt.iter().any(|known| known == prompt)
    }

    pub(crate) fn responds_with(&self, part: &str) -> bool {
        self.response_type.iter().any(|known| known == part)
    }

    /// Reads the request of a client whose redirect URI was found good.
    pub(crate) fn read(
        provider: &Inner,
        client: &Client,
        redirect_uri: String,
        params: &Params,
    ) -> Result<Self, Refusal> {
        for (parameter, error) in REFUSED {
            if params.get(parameter).is_some() {
                return Err(Refusal::new(error, format!("{parameter} is not supported here")));
            }
        }
        let response_mode = ResponseMode::of(params).ok_or_else(|| {
            Refusal::invalid("response_mode must be query, fragment or form_post")
        })?;
        let response_type = response_type(client, params, response_mode)?;
        let scope = scope(provider, params)?;
        let prompt = prompt(params)?;
        let max_age = match params.get("max_age") {
            None => client.metadata.default_max_age,
            Some(text) => {
                Some(text.parse().ok().filter(|age: &i64| *age >= 0).ok_or_else(|| {
                    Refusal::invalid("max_age must be a number of seconds, 0 or more")
                })?)
            }
        };
        let claims = match params.get("claims") {
            None => Object::new(),
            Some(text) => json::object(text.as_bytes())
                .map_err(|error| Refusal::invalid(format!("claims: {error}")))?,
        };
        let nonce = params.get("nonce").map(str::to_owned);
        if nonce.is_none() && response_type.iter().any(|part| part == "id_token") {
            // Sections 3.2.2.1 and 3.3.2.1.
            return Err(Refusal::invalid(
                "nonce is required when an ID token comes by the browser",
            ));
        }
        let mut acr_values = params.list("acr_values");
        for wanted in claims::wanted_values(&claims, "acr") {
            if !acr_values.contains(&wanted) {
                acr_values.push(wanted);
            }
        }
        Ok(Self {
            client_id: client.id.clone(),
            redirect_uri,
            challenge: challenge(provider, client, &response_type, params)?,
            response_type,
            response_mode,
            scope,
            state: params.get("state").map(str::to_owned),
            nonce,
            prompt,
            max_age,
            acr_essential: claims::essential(&claims, "acr"),
            acr_values,
            login_hint: params.get("login_hint").map(str::to_owned),
            subject: subject(provider, params, &claims)?,
            claims,
            resources: resources(params)?,
        })
    }
}

/// The client and an address that it registered; everything before that can't be redirected.
pub(crate) fn return_address(
    provider: &Inner,
    params: &Params,
) -> Result<(Client, String), String> {
    if let Some(repeated) =
        ["client_id", "redirect_uri"].into_iter().find(|name| params.all(name).count() > 1)
    {
        return Err(format!("{repeated} comes more than once"));
    }
    let client_id = params.get("client_id").ok_or("client_id is missing")?;
    let client = provider.book().clients.get(client_id).cloned();
    let client = client.ok_or_else(|| {
        format!("client_id {client_id:?} is not registered here (a restart forgets registrations)")
    })?;
    let Some(redirect_uri) = params.get("redirect_uri") else {
        // OpenID Connect Core section 3.1.2.1 requires it, even where there is only one.
        return Err("redirect_uri is missing".to_owned());
    };
    if !client.allows_redirect(redirect_uri) {
        return Err(format!(
            "redirect_uri {redirect_uri:?} is not one of those registered for {client_id:?}: {}",
            client.metadata.redirect_uris.join(", ")
        ));
    }
    Ok((client, redirect_uri.to_owned()))
}

fn response_type(
    client: &Client,
    params: &Params,
    mode: ResponseMode,
) -> Result<Vec<String>, Refusal> {
    let asked = params.get("response_type");
    let asked = asked.ok_or_else(|| Refusal::invalid("response_type is missing"))?;
    let sorted = ResponseTypes::sorted(asked);
    let known = ResponseTypes::ALL.iter().any(|known| ResponseTypes::sorted(known) == sorted);
    if !known {
        let text = format!("response_type {asked:?} is not supported");
        return Err(Refusal::new("unsupported_response_type", text));
    }
    if !client.may_ask_for(asked) {
        let text = format!("the client is not registered for response_type {asked:?}");
        return Err(Refusal::new("unauthorized_client", text));
    }
    if mode == ResponseMode::Query && sorted != ["code"] {
        // OAuth 2.0 Multiple Response Types section 5.
        return Err(Refusal::invalid("tokens must not travel in the query"));
    }
    Ok(sorted)
}

/// The scopes asked for that are known here; others are ignored (section 3.1.2.1).
fn scope(provider: &Inner, params: &Params) -> Result<Vec<String>, Refusal> {
    let mut scope = params.list("scope");
    if !scope.iter().any(|scope| scope == "openid") {
        return Err(Refusal::new("invalid_scope", "scope must contain openid"));
    }
    scope.retain(|scope| provider.settings.scopes.contains(scope));
    Ok(scope)
}

fn prompt(params: &Params) -> Result<Vec<String>, Refusal> {
    let prompt = params.list("prompt");
    let known = ["none", "login", "consent", "select_account"];
    if let Some(other) = prompt.iter().find(|prompt| !known.contains(&prompt.as_str())) {
        return Err(Refusal::invalid(format!("prompt {other:?} is not one of {known:?}")));
    }
    if prompt.len() > 1 && prompt.iter().any(|prompt| prompt == "none") {
        return Err(Refusal::invalid("prompt none goes with no other"));
    }
    Ok(prompt)
}

/// The code challenge (RFC 7636 section 4.3); only S256 is known.
fn challenge(
    provider: &Inner,
    client: &Client,
    response_type: &[String],
    params: &Params,
) -> Result<Option<String>, Refusal> {
    let method = params.get("code_challenge_method");
    let Some(challenge) = params.get("code_challenge") else {
        let needed = client.is_public() || provider.settings.pkce == Pkce::Always;
        if method.is_some() {
            return Err(Refusal::invalid("code_challenge_method comes without code_challenge"));
        }
        if needed && response_type.iter().any(|part| part == "code") {
            return Err(Refusal::invalid("code_challenge is required (PKCE with S256)"));
        }
        return Ok(None);
    };
    if method != Some("S256") {
        // Without a method the RFC means `plain`, which protects nothing.
        return Err(Refusal::invalid("code_challenge_method must be S256"));
    }
    let well_formed = countersign_jose::base64url::decode(challenge).is_ok_and(|c| c.len() == 32);
    if !well_formed {
        return Err(Refusal::invalid("code_challenge must be 43 characters of base64url"));
    }
    Ok(Some(challenge.to_owned()))
}

/// Whom the request is about. A hint may be expired but must be ours (section 3.1.2.1).
fn subject(provider: &Inner, params: &Params, claims: &Object) -> Result<Option<String>, Refusal> {
    if let Some(hint) = params.get("id_token_hint") {
        let hint = own_id_token(provider, hint);
        let sub = hint.as_ref().and_then(|claims| claims.get("sub")?.as_str());
        let sub = sub.ok_or_else(|| Refusal::invalid("id_token_hint is not from this provider"))?;
        return Ok(Some(sub.to_owned()));
    }
    Ok(claims::wanted_values(claims, "sub").into_iter().next())
}

/// The claims of an ID token that this provider signed, whether expired or not.
pub(crate) fn own_id_token(provider: &Inner, token: &str) -> Option<Object> {
    let jws = Jws::parse(token).ok()?;
    let algorithm = jws.algorithm();
    let claims = if algorithm.is_mac() {
        // Only the client's own secret can have signed it.
        let unchecked = countersign_jose::danger::peek(token).ok()?;
        let aud = unchecked.get("aud")?;
        let client_id = aud.as_str().or_else(|| unchecked.get("azp")?.as_str())?;
        let secret = provider.book().clients.get(client_id)?.secret.clone()?;
        let keys = countersign_jose::KeySet::from_secret(secret.as_bytes()).ok()?;
        jws.verify(&keys, &Allowed::new([algorithm]).ok()?).ok()?.object().ok()?
    } else {
        jws.verify(&provider.keys.key_set(), &Allowed::asymmetric()).ok()?.object().ok()?
    };
    let ours = claims.get("iss").and_then(|iss| iss.as_str()) == Some(&provider.settings.issuer);
    ours.then_some(claims)
}

fn resources(params: &Params) -> Result<Vec<String>, Refusal> {
    let resources: Vec<String> = params.all("resource").map(str::to_owned).collect();
    for resource in &resources {
        // RFC 8707 section 2: an absolute URI without a fragment.
        let good = url::Url::parse(resource).is_ok_and(|url| url.fragment().is_none());
        if !good {
            return Err(Refusal::new("invalid_target", "resource must be an absolute URI"));
        }
    }
    Ok(resources)
}

/// Parameters that are refused by their own error (OpenID Connect Core section 3.1.2.6).
const REFUSED: [(&str, &str); 3] = [
    ("request", "request_not_supported"),
    ("request_uri", "request_uri_not_supported"),
    ("registration", "registration_not_supported"),
];
