//! Two questions that log nobody in: whether the provider knows the client with its redirect URI, and
//! whether it takes the client's authentication.

use axum::http::header::LOCATION;
use countersign::outside::{Limits, Outside, Transport};
use countersign::protocol::token::TokenError;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::protocol::{Request, Response};
use countersign::{
    Callback, Client, ErrorKind, Fault, LoginOptions, PendingLogin, Provider, ProviderSays,
    RelyingParty,
};
use std::time::Duration;
use url::{Url, form_urlencoded};

use super::clock::Watching;
use super::finding::{Finding, clean};

/// What is tried, and how.
pub(super) struct Trial<'a> {
    pub(super) provider: Provider,
    pub(super) client: Client,
    /// Whether the client's secret or key is at hand.
    pub(super) may_authenticate: bool,
    pub(super) redirect_uri: Url,
    pub(super) scope: &'a str,
    pub(super) options: LoginOptions,
    pub(super) transport: &'a Watching,
}

impl Trial<'_> {
    pub(super) async fn run(self) -> Vec<Finding> {
        let outside = Outside::new(self.transport.clone());
        let built = RelyingParty::builder(self.provider, self.client, self.redirect_uri.clone())
            .scope(self.scope)
            .user_info(false)
            .build(outside);
        let relying_party = match built {
            Ok(relying_party) => relying_party,
            Err(error) => return vec![Finding::refused("login", &error)],
        };
        let begun = relying_party.begin(self.options.prompt("none")).await;
        let (url, pending) = match begun {
            Ok(begun) => begun,
            Err(error) => return vec![Finding::refused("login", &error)],
        };
        let mut findings = vec![authorization(self.transport, url, &self.redirect_uri).await];
        if self.may_authenticate {
            findings.push(redeem(&relying_party, pending).await);
        }
        findings
    }
}

/// Asks for a login of nobody without a page (`prompt=none`): a provider that knows client and
/// redirect URI says `login_required` there, and another one shows an error page.
async fn authorization(transport: &Watching, url: Url, redirect_uri: &Url) -> Finding {
    let request = Request::get(Endpoint::Authorization, url).accept("text/html");
    let limits = Limits { time: Duration::from_secs(10), body: 1024 * 1024 };
    let response = match transport.send(request, limits).await {
        Ok(response) => response,
        Err(failure) => {
            let error = countersign::Error::from(ErrorKind::Network {
                endpoint: Endpoint::Authorization,
                failure,
            });
            return Finding::refused("login", &error);
        }
    };
    match answer(&response, redirect_uri) {
        Answer::Back(says) => match says {
            Some(says) if !NOBODY.contains(&says.error.as_str()) => {
                Finding::wrong("login", Fault::Setup, format!("the provider refuses the request: {says}"))
                    .change("its words say what; compare the scope and the client's registration")
            }
            _ => Finding::ok("login", "the provider knows the client and its redirect URI"),
        },
        Answer::Status(status) if status >= 500 => Finding::wrong(
            "login",
            Fault::Provider,
            format!("the authorization_endpoint answers with status {status}"),
        )
        .change("the provider's own log says more"),
        Answer::Status(status) if status >= 400 => Finding::wrong(
            "login",
            Fault::Setup,
            format!(
                "the provider refuses the login with a page of its own (status {status}): it does not \
                 know the client, or not {redirect_uri}"
            ),
        )
        .change("register exactly this redirect URI with the client, to the last slash")
        .setting("--client-id, --redirect-uri"),
        Answer::Status(_) => Finding::warning(
            "login",
            "the provider shows a page although none was to be shown: whether it knows the client \
             and its redirect URI can't be told from here",
        )
        .change("open a login in a browser"),
    }
}

/// Redeems a code that is none. A provider looks at the client first: `invalid_grant` says that it
/// took its authentication, `invalid_client` that it did not (RFC 6749 section 5.2).
async fn redeem(relying_party: &RelyingParty, pending: PendingLogin) -> Finding {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("code", "countersign-doctor")
        .append_pair("state", pending.state())
        .append_pair("iss", pending.issuer())
        .finish();
    let callback = match Callback::parse(&form) {
        Ok(callback) => callback,
        Err(error) => return Finding::refused("client", &error.into()),
    };
    let error = match relying_party.complete(pending, callback).await {
        Err(error) => error,
        Ok(_) => {
            return Finding::wrong(
                "client",
                Fault::Provider,
                "the token endpoint gave tokens for a code that is none",
            );
        }
    };
    let ErrorKind::Token(TokenError::Refused { says }) = error.kind() else {
        return Finding::refused("client", &error);
    };
    let words = clean(&says.to_string());
    match says.error.as_str() {
        "invalid_grant" => Finding::ok("client", "the provider takes the client's authentication"),
        "invalid_client" | "unauthorized_client" => Finding::wrong(
            "client",
            Fault::Setup,
            format!("the provider does not take the client's authentication: {words}"),
        )
        .change("compare client_id, secret or key, and method with the client's registration")
        .setting("--client-id, --client-secret, --client-auth"),
        _ => Finding::warning(
            "client",
            format!(
                "whether the client's authentication is taken can't be told; the provider says {words}"
            ),
        ),
    }
}

enum Answer {
    /// To the redirect URI, with an error or without.
    Back(Option<ProviderSays>),
    Status(u16),
}

fn answer(response: &Response, redirect_uri: &Url) -> Answer {
    let status = response.status.as_u16();
    let location = response.headers.get(LOCATION).and_then(|to| to.to_str().ok());
    let Some(to) = location.and_then(|to| Url::parse(to).ok()) else {
        return Answer::Status(status);
    };
    let same = to.origin() == redirect_uri.origin() && to.path() == redirect_uri.path();
    if !response.status.is_redirection() || !same {
        return Answer::Status(status);
    }
    let value = |name: &str| {
        to.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let description = value("error_description");
    Answer::Back(value("error").map(|error| ProviderSays::new(&error, description.as_deref())))
}

/// What a provider says when nobody is logged in there (OpenID Connect Core 1.0 section 3.1.2.6).
const NOBODY: [&str; 4] =
    ["login_required", "interaction_required", "consent_required", "account_selection_required"];
