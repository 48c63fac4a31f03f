//! `countersign discover`: what a provider says of itself, checked.

use std::fmt::Write;

use countersign::protocol::discovery::Metadata;
use countersign::protocol::jose::KeySet;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{ClientAuthMethod, Provider};
use serde_json::{Map, Value, json};

use crate::error::CommandError;
use crate::output;
use crate::setting::network::NetworkArguments;
use crate::setting::provider::issuer_of;

/// Look at a provider: its endpoints, what it offers and its keys, and what is odd about them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    countersign discover https://login.example.com\n  \
    countersign discover https://login.example.com/.well-known/openid-configuration --json")]
pub(crate) struct Arguments {
    /// The provider, as its issuer or the address of its metadata
    issuer: String,

    /// Print one line of JSON instead of a table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

impl Arguments {
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        let provider = Provider::discover(issuer_of(&self.issuer)?);
        let outside = self.network.outside()?;
        output::progress("Asking the provider …");
        let metadata = provider.ask_metadata(&outside).await?;
        let keys = provider.ask_keys(&metadata, &outside).await;
        let found = Found { warnings: warnings(&metadata, keys.as_ref().ok()), metadata };
        if self.json {
            output::json(&found.json(&keys));
        } else {
            output::say(found.table(&keys).trim_end());
        }
        // The metadata are worth seeing even so; the exit code is that of the keys.
        keys.map(drop).map_err(CommandError::from)
    }
}

struct Found {
    metadata: Metadata,
    warnings: Vec<String>,
}

type Keys = Result<KeySet, countersign::Error>;

impl Found {
    fn json(&self, keys: &Keys) -> Value {
        let endpoints: Map<String, Value> = ENDPOINTS
            .iter()
            .filter_map(|endpoint| {
                let url = self.metadata.endpoint(*endpoint)?;
                Some((endpoint.name().to_owned(), json!(url.as_str())))
            })
            .collect();
        let mut found = json!({
            "issuer": self.metadata.issuer(),
            "endpoints": endpoints,
            "warnings": self.warnings,
            "metadata": self.metadata.all(),
        });
        let (name, value) = match keys {
            Ok(keys) => ("keys", described(keys)),
            Err(error) => {
                ("keys_error", json!({ "error": error.code(), "message": error.to_string() }))
            }
        };
        if let Some(members) = found.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
        found
    }

    fn table(&self, keys: &Keys) -> String {
        let mut table = Table::default();
        table.row("issuer", self.metadata.issuer());
        table.head("Endpoints");
        for endpoint in ENDPOINTS {
            let url = self.metadata.endpoint(endpoint).map_or("–", |url| url.as_str());
            table.row(endpoint.name(), url);
        }
        table.head("Offers");
        for (label, member) in OFFERS {
            let offered = self.metadata.all().get(member).map(listed);
            table.row(label, offered.as_deref().unwrap_or("–"));
        }
        match keys {
            Ok(keys) => {
                table.head("Keys");
                for key in keys.keys() {
                    let algorithms: Vec<_> = match key.algorithm() {
                        Some(algorithm) => vec![algorithm.name()],
                        None => key.algorithms().map(|algorithm| algorithm.name()).collect(),
                    };
                    let size = key.curve().map_or(format!("{} bits", key.bits()), str::to_owned);
                    let about = format!("{}, {size}, for {}", key.kty(), algorithms.join(" "));
                    table.row(key.kid().unwrap_or("(no kid)"), &about);
                }
                for skipped in keys.skipped() {
                    let kid = skipped.kid.as_deref().unwrap_or("(no kid)");
                    table.row(kid, &format!("not used: {}", skipped.reason));
                }
            }
            Err(_) => table.head("Keys: none could be read"),
        }
        if !self.warnings.is_empty() {
            table.head("Warnings");
            for warning in &self.warnings {
                table.line(warning);
            }
        }
        table.0
    }
}

/// What works, and all the same deserves a thought.
fn warnings(metadata: &Metadata, keys: Option<&KeySet>) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut warn = |text: &str| warnings.push(text.to_owned());
    let list = |name: &str| metadata.all().get(name).and_then(Value::as_array);
    let has = |name: &str, value: &str| {
        list(name).is_some_and(|list| list.iter().any(|item| item == value))
    };
    match list("code_challenge_methods_supported") {
        None => warn("PKCE is not announced; countersign sends S256 all the same (RFC 7636)"),
        Some(_) if !has("code_challenge_methods_supported", "S256") => {
            warn("PKCE with S256 is not announced; countersign knows no other method (RFC 7636)");
        }
        Some(_) => {}
    }
    if list("response_types_supported").is_some() && !has("response_types_supported", "code") {
        warn("the response type code is not announced, and countersign uses no other");
    }
    if metadata.jwks_uri().is_none() && metadata.keys().is_none() {
        warn("there is no jwks_uri: only ID tokens signed with the client secret can be checked");
    }
    if metadata.asymmetric_algs().is_empty() {
        warn("no asymmetric algorithm for ID tokens is announced that is known here");
    }
    if has("id_token_signing_alg_values_supported", "none") {
        warn("unsigned ID tokens (alg none) are announced; countersign refuses them");
    }
    if !metadata.announces_iss() {
        warn(
            "answers carry no iss (RFC 9207): with several providers, give each its own redirect URI",
        );
    }
    if !ClientAuthMethod::ALL.into_iter().any(|method| metadata.offers(method)) {
        warn("no client authentication is announced that is known here");
    }
    if metadata.end_session_endpoint().is_none() {
        warn("there is no end_session_endpoint: a logout ends the session in the application only");
    }
    let Some(keys) = keys else { return warnings };
    if keys.is_empty() {
        warnings.push("the key set holds no usable key".to_owned());
    }
    for skipped in keys.skipped() {
        let kid = skipped.kid.as_deref().unwrap_or("without kid");
        warnings.push(format!("key {kid} is not used: {}", skipped.reason));
    }
    for key in keys.keys().filter(|key| key.has_published_private_half()) {
        let kid = key.kid().unwrap_or("without kid");
        warnings.push(format!("key {kid} is published with its private half: anybody can sign"));
    }
    warnings
}

fn described(keys: &KeySet) -> Value {
    let usable = keys.keys().map(|key| {
        json!({
            "kid": key.kid(),
            "kty": key.kty().to_string(),
            "crv": key.curve(),
            "bits": key.bits(),
            "algorithms": match key.algorithm() {
                Some(algorithm) => vec![algorithm.name()],
                None => key.algorithms().map(|algorithm| algorithm.name()).collect(),
            },
        })
    });
    let skipped = keys.skipped().iter().map(|skipped| {
        json!({ "kid": skipped.kid, "reason": skipped.reason.to_string(), "code": skipped.reason.code() })
    });
    json!({ "usable": usable.collect::<Vec<_>>(), "skipped": skipped.collect::<Vec<_>>() })
}

/// Two columns under headings.
#[derive(Default)]
struct Table(String);

impl Table {
    fn head(&mut self, title: &str) {
        // Writing to a string does not fail.
        let _ = write!(self.0, "\n{}\n", output::bold(title));
    }

    fn row(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.0, "  {name:WIDTH$}  {}", clean(value));
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.0, "  {}", clean(text));
    }
}

/// A provider's text must not steer the terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn listed(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let texts =
                items.iter().map(|item| item.as_str().map_or(item.to_string(), str::to_owned));
            texts.collect::<Vec<_>>().join(", ")
        }
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

const ENDPOINTS: [Endpoint; 8] = [
    Endpoint::Authorization,
    Endpoint::Token,
    Endpoint::UserInfo,
    Endpoint::Keys,
    Endpoint::Registration,
    Endpoint::EndSession,
    Endpoint::Introspection,
    Endpoint::Revocation,
];

const OFFERS: [(&str, &str); 8] = [
    ("scopes", "scopes_supported"),
    ("response types", "response_types_supported"),
    ("response modes", "response_modes_supported"),
    ("client authentication", "token_endpoint_auth_methods_supported"),
    ("ID token algorithms", "id_token_signing_alg_values_supported"),
    ("PKCE", "code_challenge_methods_supported"),
    ("iss in answers", "authorization_response_iss_parameter_supported"),
    ("claims request", "claims_parameter_supported"),
];

const WIDTH: usize = 24;
