//! The application as the provider knows it.

use countersign::protocol::discovery::Metadata;
use countersign::{ClientAuthMethod, Fault};
use url::{Host, Url};

use super::finding::Finding;
use super::provider::list;
use super::{Checked, Who};

/// How the client authenticates, or whether it can register itself.
pub(super) fn authentication(metadata: &Metadata, who: &Who) -> Vec<Finding> {
    let (method, alg) = match who {
        Who::Registers { has_token } => return vec![registration(metadata, *has_token)],
        Who::Named { method: None, .. } => return Vec::new(),
        Who::Named { method: Some(method), .. } => (*method, None),
        Who::Known(client) => {
            let authentication = client.authentication();
            let alg = match authentication {
                countersign::ClientAuthentication::PrivateKeyJwt(key) => Some(key.algorithm()),
                countersign::ClientAuthentication::SecretJwt(_, alg) => Some(*alg),
                _ => None,
            };
            (authentication.method(), alg)
        }
    };
    let mut findings = vec![if metadata.offers(method) {
        Finding::ok("client_auth", format!("{method} is offered"))
    } else {
        let offered: Vec<_> = ClientAuthMethod::ALL
            .into_iter()
            .filter(|method| metadata.offers(*method))
            .map(ClientAuthMethod::name)
            .collect();
        let offered = if offered.is_empty() {
            "none that is known here".to_owned()
        } else {
            offered.join(" ")
        };
        // What a public client does is often left out of the list.
        let made = if method == ClientAuthMethod::None { Finding::warning } else { wrong_setup };
        made("client_auth", format!("{method} is not offered; the provider offers {offered}"))
            .change("authenticate in a way that is offered, and have the client registered for it")
            .setting("--client-auth")
    }];
    let algs = list(metadata, "token_endpoint_auth_signing_alg_values_supported");
    if let (Some(alg), Some(algs)) = (alg, algs)
        && !algs.contains(&alg.name())
    {
        findings.push(
            wrong_setup(
                "client_auth",
                format!(
                    "assertions are signed with {}, and the provider takes {}",
                    alg.name(),
                    algs.join(" ")
                ),
            )
            .change("use a key for one of these")
            .setting("--client-key"),
        );
    }
    findings
}

/// The redirect URIs, as far as they can be judged without the provider.
pub(super) fn redirect_uris(checked: &Checked) -> Vec<Finding> {
    let mut findings = Vec::new();
    for uri in &checked.redirect_uris {
        findings.push(redirect_uri(uri));
    }
    let registered = &checked.registered_uris;
    if !registered.is_empty() {
        for uri in checked.redirect_uris.iter().filter(|uri| !registered.contains(uri)) {
            findings.push(
                wrong_setup(
                    "redirect_uri",
                    format!(
                        "{uri} is not in the client's file, which names {}",
                        registered.join(" ")
                    ),
                )
                .change(
                    "register it, or use one that is registered: they are compared byte for byte",
                )
                .setting("--redirect-uri"),
            );
        }
    }
    findings
}

fn redirect_uri(uri: &str) -> Finding {
    let wrong = |why: &str| {
        wrong_setup("redirect_uri", format!("{uri}: {why}"))
            .change("an absolute https address without fragment; http on a loopback host only")
            .setting("--redirect-uri")
    };
    let Ok(url) = Url::parse(uri) else { return wrong("this is no absolute address") };
    if uri.contains('*') {
        return wrong("a provider compares it letter by letter; there are no placeholders");
    }
    if url.fragment().is_some() {
        return wrong("it has a fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("it holds a user name or password");
    }
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return wrong("it names no host"),
    };
    match (url.scheme(), loopback) {
        ("https", _) => Finding::ok("redirect_uri", uri),
        ("http", true) => {
            Finding::ok("redirect_uri", format!("{uri} (http is fine on the loopback only)"))
        }
        ("http", false) => wrong("codes would travel in the clear"),
        _ => wrong("the scheme is neither https nor http"),
    }
}

fn registration(metadata: &Metadata, has_token: bool) -> Finding {
    match metadata.registration_endpoint() {
        Some(_) if has_token => Finding::ok("registration", "the client registers itself"),
        Some(_) => Finding::ok(
            "registration",
            "the client registers itself; if the provider wants a token for that, --initial-access-token",
        ),
        None => wrong_setup(
            "registration",
            "no client_id is set, and the provider registers no clients",
        )
        .change("register the application with the provider's administrator, and set its client_id")
        .setting("--client-id"),
    }
}

fn wrong_setup(check: &str, says: impl Into<String>) -> Finding {
    Finding::wrong(check, Fault::Setup, says)
}
