//! `countersign token mint`: access tokens of the development provider.

use countersign::outside::Transport;
use countersign::protocol::Request;
use countersign::protocol::jose::{Object, json};
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Fault, Provider};
use serde_json::{Value, json};
use url::Url;

use super::asking;
use crate::error::CommandError;
use crate::output;
use crate::setting::network::NetworkArguments;
use crate::setting::provider::issuer_of;

/// Make an access token for tests, signed by the running development provider
///
/// The token alone goes to standard output. Other providers hand tokens out at their token endpoint
/// only, so nothing is asked of them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    countersign token mint\n  \
    countersign token mint --user bob --scope 'notes:read notes:write' --role editor\n  \
    countersign token mint --audience my-api --claims '{\"acr\": \"mfa\"}' --expires-in=-60\n  \
    curl -H \"authorization: Bearer $(countersign token mint)\" http://127.0.0.1:3000/api/me")]
pub(crate) struct Arguments {
    /// The development provider
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9000")]
    issuer: String,

    /// Whose token it is: one of the provider's people, whose roles come along
    #[arg(long, value_name = "NAME", default_value = "alice", conflicts_with = "subject")]
    user: String,

    /// Any other subject (sub) instead of one of the people
    #[arg(long, value_name = "SUB")]
    subject: Option<String>,

    /// The scopes, with spaces between
    #[arg(long, value_name = "SCOPE", default_value = "")]
    scope: String,

    /// The API that it is for (repeatable); api, unless the provider is set otherwise
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,

    /// A role, at /roles and at /realm_access/roles, instead of the person's (repeatable)
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,

    /// Claims that go over all others, as a JSON object; null takes one out
    #[arg(long, value_name = "JSON")]
    claims: Option<String>,

    /// For how many seconds it is good; a negative number makes one that is over already
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    expires_in: Option<i64>,

    /// Make one that means nothing by itself, to be asked about (introspection)
    #[arg(long)]
    opaque: bool,

    /// Print the provider's whole answer, as one line of JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

impl Arguments {
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        let order = self.order()?;
        let mint = self.mint().await?;
        let transport = self.network.transport()?;
        let request = Request::post_json(Endpoint::Token, mint, &order);
        let sent = transport.send(request, asking::LIMITS).await;
        let response = sent.map_err(|failure| self.nobody(&failure.to_string()))?;
        let answer = json::object(&response.body);
        let answer = answer.map_err(|_| self.foreign("its mint answers something else"))?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        if let Some(token) = text("access_token").filter(|token| is_token(token)) {
            if self.json {
                output::json(&Value::Object(answer));
            } else {
                output::say(token);
            }
            return Ok(());
        }
        let why = text("error_description").or(text("error")).unwrap_or("no token came");
        let why: String = why.chars().filter(|c| !c.is_control()).take(500).collect();
        Err(CommandError::option(format!("the development provider mints no such token: {why}")))
    }

    /// Where it mints, from its metadata.
    async fn mint(&self) -> Result<Url, CommandError> {
        let issuer = issuer_of(&self.issuer)?;
        let outside = self.network.outside()?;
        let metadata = match Provider::discover(issuer).ask_metadata(&outside).await {
            Ok(metadata) => metadata,
            Err(error) if error.fault() == Fault::Network => {
                return Err(self.nobody(&error.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        let announced = metadata.all().get(MINT).and_then(Value::as_str);
        let announced = announced.and_then(|url| url.parse().ok());
        announced.ok_or_else(|| self.foreign("its metadata announces no mint"))
    }

    fn order(&self) -> Result<Object, CommandError> {
        let mut order = Object::new();
        let mut put = |name: &str, value: Value| drop(order.insert(name.to_owned(), value));
        match &self.subject {
            Some(sub) => put("sub", json!(sub)),
            None => put("user", json!(self.user)),
        }
        put("scope", json!(self.scope));
        put("opaque", json!(self.opaque));
        if !self.audience.is_empty() {
            put("aud", json!(self.audience));
        }
        if !self.role.is_empty() {
            put("roles", json!(self.role));
        }
        if let Some(seconds) = self.expires_in {
            put("expires_in", json!(seconds));
        }
        if let Some(claims) = self.claims.as_deref().filter(|text| !text.is_empty()) {
            let claims = json::object(claims.as_bytes())
                .map_err(|why| CommandError::option(format!("--claims: {why}")))?;
            put("claims", Value::Object(claims));
        }
        Ok(order)
    }

    fn nobody(&self, why: &str) -> CommandError {
        CommandError::NoDevProvider { issuer: self.issuer.clone(), why: why.to_owned() }
    }

    fn foreign(&self, why: &str) -> CommandError {
        CommandError::option(format!(
            "{} is no development provider of countersign ({why}), and nobody else's tokens can be \
             minted: start one with `countersign provider` or `countersign demo`, or ask that \
             provider's token endpoint; --issuer decides",
            self.issuer
        ))
    }
}

/// Nothing that a terminal or a header could stumble over.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The name in the metadata; no other provider has it.
const MINT: &str = "countersign_dev_mint_endpoint";
