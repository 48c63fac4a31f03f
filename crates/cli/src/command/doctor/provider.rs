//! What the provider says of itself, against what is going to be asked of it.

use countersign::protocol::discovery::Metadata;
use countersign::protocol::jose::{Algorithm, KeySet};
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Error, Fault};
use serde_json::Value;
use url::Url;

use super::Checked;
use super::finding::Finding;

/// Whether the issuer is written as the provider writes it: logins compare it byte for byte.
pub(super) fn issuer(asked: Option<&str>, metadata: &Metadata) -> Finding {
    let own = metadata.issuer();
    match asked.filter(|asked| *asked != own) {
        None => Finding::ok("issuer", format!("{own} answers, and calls itself so")),
        Some(asked) => Finding::wrong(
            "issuer",
            Fault::Setup,
            format!("the provider calls itself {own}, not {asked}: a login would be refused"),
        )
        .change(format!("set the issuer to {own}, to the last slash"))
        .setting("--issuer"),
    }
}

/// How far the clocks are apart.
pub(super) fn clock(ahead: Option<i64>, skew: u64) -> Finding {
    let Some(ahead) = ahead else {
        return Finding::warning("clock", "the provider's answers bear no date to compare with");
    };
    let apart = ahead.unsigned_abs();
    if apart <= skew {
        return Finding::ok("clock", format!("{apart} s apart from the provider's"));
    }
    let which = if ahead > 0 { "ahead of" } else { "behind" };
    Finding::wrong(
        "clock",
        Fault::Setup,
        format!(
            "the provider's clock is {apart} s {which} this machine's; {skew} s are allowed for, \
             so its tokens may be refused"
        ),
    )
    .change("synchronise this machine's clock (NTP), or have the provider's set right")
    .setting("--clock-skew")
}

/// Endpoints: those that a login needs, and whether anything travels in the clear.
pub(super) fn endpoints(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for endpoint in NEEDED {
        if let Err(error) = metadata.require(endpoint) {
            findings.push(Finding::refused("endpoints", &Error::from(error)));
        }
    }
    let plain = |endpoint: &Endpoint| metadata.endpoint(*endpoint).is_some_and(is_plain);
    let in_clear: Vec<_> = ALL.into_iter().filter(plain).map(Endpoint::name).collect();
    if !in_clear.is_empty() {
        let names = in_clear.join(", ");
        findings.push(
            Finding::warning(
                "endpoints",
                format!("plain http, good for development only: {names}"),
            )
            .change("use an https address for everything but this machine's own loopback"),
        );
    } else if findings.is_empty() {
        findings.push(Finding::ok("endpoints", "all of them are https"));
    }
    if metadata.user_info_endpoint().is_none() {
        findings.push(Finding::warning(
            "endpoints",
            "there is no userinfo_endpoint: all claims must stand in the ID token",
        ));
    }
    findings
}

/// Keys, and whether ID tokens can be checked with them.
pub(super) fn keys(
    metadata: &Metadata,
    keys: &Result<KeySet, Error>,
    alg: Option<Algorithm>,
) -> Vec<Finding> {
    let keys = match keys {
        Ok(keys) => keys,
        Err(_) if alg.is_some_and(Algorithm::is_mac) => {
            return vec![Finding::ok("keys", "ID tokens are checked with the client secret")];
        }
        Err(error) => return vec![Finding::refused("keys", error)],
    };
    let mut findings = Vec::new();
    let asked = alg.map_or_else(|| metadata.asymmetric_algs(), |alg| vec![alg]);
    let fits = |alg: &Algorithm| keys.keys().any(|key| key.algorithms().any(|own| own == *alg));
    let signed: Vec<_> = asked.iter().filter(|alg| fits(alg)).map(|alg| alg.name()).collect();
    if alg.is_some_and(Algorithm::is_mac) {
        findings.push(Finding::ok("keys", "ID tokens are checked with the client secret"));
    } else if signed.is_empty() {
        let wanted = asked.iter().map(|alg| alg.name()).collect::<Vec<_>>().join(" ");
        findings.push(
            Finding::wrong(
                "keys",
                Fault::Provider,
                format!("of {} usable keys none signs with {wanted}", keys.len()),
            )
            .change("have the provider publish the key that it signs ID tokens with, or name its algorithm")
            .setting("--id-token-alg"),
        );
    } else {
        let count = keys.len();
        findings.push(Finding::ok("keys", format!("{count} usable, for {}", signed.join(" "))));
    }
    for skipped in keys.skipped() {
        let kid = skipped.kid.as_deref().unwrap_or("without kid");
        findings.push(Finding::warning("keys", format!("{kid} is not used: {}", skipped.reason)));
    }
    for key in keys.keys().filter(|key| key.has_published_private_half()) {
        let kid = key.kid().unwrap_or("without kid");
        findings.push(
            Finding::wrong(
                "keys",
                Fault::Provider,
                format!("key {kid} is published with its private half: anybody can sign with it"),
            )
            .change("have the provider make a new key, and publish the public half alone"),
        );
    }
    findings
}

/// Which algorithm ID tokens may have.
pub(super) fn id_token_alg(metadata: &Metadata, alg: Option<Algorithm>) -> Vec<Finding> {
    let announced = list(metadata, "id_token_signing_alg_values_supported");
    let mut findings = Vec::new();
    match (alg, &announced) {
        (Some(alg), Some(names)) if !names.contains(&alg.name()) => findings.push(
            Finding::wrong(
                "id_token_alg",
                Fault::Setup,
                format!(
                    "{} is expected, and the provider announces {}",
                    alg.name(),
                    names.join(" ")
                ),
            )
            .change("expect one that the provider announces, as the client is registered for")
            .setting("--id-token-alg"),
        ),
        (Some(alg), _) => {
            findings.push(Finding::ok("id_token_alg", format!("{} and no other", alg.name())));
        }
        (None, _) if metadata.asymmetric_algs().is_empty() => findings.push(
            Finding::wrong(
                "id_token_alg",
                Fault::Setup,
                "no asymmetric algorithm is announced that is known here",
            )
            .change("if the client is registered for HS256, say so; it needs the client secret")
            .setting("--id-token-alg"),
        ),
        (None, _) => {
            let algs: Vec<_> = metadata.asymmetric_algs().iter().map(|alg| alg.name()).collect();
            findings.push(Finding::ok("id_token_alg", format!("any of {}", algs.join(" "))));
        }
    }
    if announced.is_some_and(|names| names.contains(&"none")) {
        findings.push(Finding::warning(
            "id_token_alg",
            "unsigned ID tokens (alg none) are announced; they are refused here",
        ));
    }
    findings
}

/// What else a login relies on.
pub(super) fn offers(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = vec![match list(metadata, "code_challenge_methods_supported") {
        Some(names) if names.contains(&"S256") => Finding::ok("pkce", "S256 is announced"),
        _ => Finding::warning(
            "pkce",
            "S256 is not announced; it is sent all the same, and a provider that knows no PKCE \
             ignores it (RFC 7636)",
        ),
    }];
    if list(metadata, "response_types_supported").is_some_and(|types| !types.contains(&"code")) {
        findings.push(
            Finding::wrong(
                "response_type",
                Fault::Provider,
                "the response type code is not announced",
            )
            .change("switch the authorization code flow on at the provider"),
        );
    }
    if !metadata.announces_iss() {
        findings.push(Finding::warning(
            "iss",
            "answers carry no iss (RFC 9207): with several providers, give each a redirect URI of its own",
        ));
    }
    findings.push(match metadata.end_session_endpoint() {
        Some(_) => Finding::ok("logout", "the provider ends its session as well"),
        None => Finding::warning(
            "logout",
            "there is no end_session_endpoint: a logout ends the session in the application only",
        ),
    });
    findings.push(match metadata.introspection_endpoint() {
        Some(_) => Finding::ok("api", "opaque access tokens can be asked about"),
        None => Finding::ok("api", "no introspection: an API can check signed access tokens only"),
    });
    findings
}

/// What each login asks for, against what is announced.
pub(super) fn wishes(metadata: &Metadata, checked: &Checked) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut not_announced = |check: &str, member: &str, wanted: &[&str], setting: &str| {
        let Some(names) = list(metadata, member) else { return };
        let missing: Vec<_> = wanted.iter().copied().filter(|name| !names.contains(name)).collect();
        findings.push(if missing.is_empty() {
            Finding::ok(check, format!("all of {} are announced", wanted.join(" ")))
        } else {
            let missing = missing.join(" ");
            Finding::warning(check, format!("{missing}: not announced in {member}"))
                .change("have them allowed at the provider, or leave them out")
                .setting(setting)
        });
    };
    let scopes: Vec<_> = checked.scope.split_ascii_whitespace().collect();
    not_announced("scope", "scopes_supported", &scopes, "--scope");
    let contexts: Vec<_> = checked.acr_values.split_ascii_whitespace().collect();
    if !contexts.is_empty() {
        not_announced("acr_values", "acr_values_supported", &contexts, "--acr-values");
    }
    if let Some(mode) = checked.response_mode {
        not_announced("response_mode", "response_modes_supported", &[mode], "--response-mode");
    }
    let claims: Vec<_> = checked.claims.iter().map(String::as_str).collect();
    if !claims.is_empty() {
        not_announced("claims", "claims_supported", &claims, "--claims");
        if metadata.all().get("claims_parameter_supported") != Some(&Value::Bool(true)) {
            findings.push(
                Finding::warning(
                    "claims",
                    "the claims parameter is not announced; it may be ignored",
                )
                .setting("--claims"),
            );
        }
    }
    if !scopes.contains(&"openid") {
        findings.push(
            Finding::wrong("scope", Fault::Setup, "the scope lacks openid: no ID token would come")
                .change("add openid to the scope")
                .setting("--scope"),
        );
    }
    findings
}

/// A member that is a list of texts.
pub(super) fn list<'a>(metadata: &'a Metadata, name: &str) -> Option<Vec<&'a str>> {
    let items = metadata.all().get(name)?.as_array()?;
    Some(items.iter().filter_map(Value::as_str).collect())
}

fn is_plain(url: &Url) -> bool {
    url.scheme() != "https"
}

const NEEDED: [Endpoint; 2] = [Endpoint::Authorization, Endpoint::Token];
const ALL: [Endpoint; 8] = [
    Endpoint::Authorization,
    Endpoint::Token,
    Endpoint::UserInfo,
    Endpoint::Keys,
    Endpoint::Registration,
    Endpoint::EndSession,
    Endpoint::Introspection,
    Endpoint::Revocation,
];
