//! `countersign token verify`: may this token pass?

use std::time::Duration;

use countersign::outside::{Clock, SystemClock};
use countersign::protocol::bearer::Scheme;
use countersign::{
    CheckError, Credentials, Presented, Profile, Provider, Refusal, Requirement, ResourceServer,
    Roles, Token, TrustedIssuer,
};
use serde_json::{Value, json};

use super::given::{self, Given};
use super::show;
use crate::error::CommandError;
use crate::output;
use crate::setting::network::NetworkArguments;
use crate::setting::provider::issuer_of;

/// Check a token as an API does: signature, issuer, audience, times, and what else is asked of it
///
/// The exit code is 0 for a good token and 2 for one that is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    countersign token verify --issuer http://127.0.0.1:9000 --audience api eyJhbGciOi…\n  \
    countersign token mint --scope notes:read | countersign token verify \\\n    \
    --issuer http://127.0.0.1:9000 --audience api --scope notes:read --role editor\n  \
    countersign token verify --issuer https://login.example.com/realms/a --audience notes \\\n    \
    --roles-claim /resource_access/notes/roles --role owner < token.txt")]
pub(crate) struct Arguments {
    #[command(flatten)]
    token: Given,

    /// The provider whose tokens are accepted
    #[arg(long, value_name = "URL")]
    issuer: String,

    /// What the API is called: one of them must stand in the token (repeatable)
    #[arg(long, value_name = "AUDIENCE", required = true)]
    audience: Vec<String>,

    /// The scopes that the token must have, with spaces between
    #[arg(long, value_name = "SCOPE", default_value = "")]
    scope: String,

    /// A role that the token must have (repeatable)
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,

    /// Where roles stand, as a JSON pointer; /realm_access/roles and /roles otherwise
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    roles_claim: Option<String>,

    /// Demand the JWT profile for access tokens (RFC 9068): at+jwt, with sub, client_id, iat and jti
    #[arg(long)]
    rfc9068: bool,

    /// How many seconds the clocks of both sides may be apart
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    clock_skew: u64,

    /// Print one line of JSON instead of text
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

impl Arguments {
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        let raw = self.token.read()?;
        if !raw.expose().contains('.') {
            return Err(given::opaque());
        }
        let mut issuer = TrustedIssuer::new(Provider::discover(issuer_of(&self.issuer)?));
        if self.rfc9068 {
            issuer = issuer.profile(Profile::Rfc9068);
        }
        if let Some(pointer) = self.roles_claim {
            issuer = issuer.roles(Roles::at(pointer));
        }
        let mut requirement = Requirement::new();
        for scope in self.scope.split_whitespace() {
            requirement = requirement.scope(scope);
        }
        for role in self.role {
            requirement = requirement.role(role);
        }
        let api = ResourceServer::builder(self.audience)
            .clock_skew(Duration::from_secs(self.clock_skew))
            .issuer(issuer)
            .build(self.network.outside()?)?;
        let presented =
            Presented::new(Credentials::new(Scheme::Bearer, raw.expose()).map_err(refused)?);
        output::progress("Asking the provider for its keys …");
        let token = api.check(&presented, &requirement).await.map_err(|error| match error {
            CheckError::Refused(refusal) => refused(refusal),
            CheckError::Unavailable(error) => error.into(),
            other => CommandError::Bug(other.to_string()),
        })?;
        if self.json {
            output::json(&found(&token));
        } else {
            let told = format!("GOOD: {} says so.", token.issuer());
            output::say(
                &[output::bold(&told), show::claims(token.claims(), SystemClock.now())]
                    .join("\n\n"),
            );
        }
        Ok(())
    }
}

fn found(token: &Token) -> Value {
    json!({
        "verified": true,
        "issuer": token.issuer(),
        "sub": token.subject(),
        "roles": token.roles().unwrap_or_default(),
        "claims": token.claims(),
    })
}

fn refused(refusal: Refusal) -> CommandError {
    CommandError::refused(refusal.entry(), &refusal)
}

fn pointer(text: &str) -> Result<String, String> {
    if text.starts_with('/') {
        return Ok(text.to_owned());
    }
    Err("expected a JSON pointer, such as /realm_access/roles".to_owned())
}
