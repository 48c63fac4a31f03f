//! `countersign token introspect`: what its provider says of a token.

use std::path::PathBuf;
use std::sync::Arc;

use countersign::outside::{Clock, SystemClock};
use countersign::protocol::error::{ACCESS_TOKEN_INACTIVE, SETUP_ENDPOINT};
use countersign::protocol::jose::{KeySet, Object};
use countersign::{
    Client, ClientAuthMethod, Introspection, Provider, ResourceServer, Secret, TrustedIssuer,
};
use serde_json::{Value, json};
use url::Url;

use super::given::Given;
use super::show;
use crate::error::CommandError;
use crate::output;
use crate::setting::client::{authentication, signing_key};
use crate::setting::network::NetworkArguments;
use crate::setting::provider::issuer_of;
use crate::setting::{secret, secret_from};

/// Ask the provider about a token (RFC 7662): whether it is active, and what it stands for
///
/// The answer is shown as it came, and nothing in it is judged. The exit code is 0 for an active
/// token and 2 for another.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    countersign token introspect --issuer https://login.example.com --client-id api \\\n    \
    --client-secret-file secret.txt < token.txt\n  \
    countersign token introspect --issuer http://127.0.0.1:9000 --bearer \"$(countersign token mint)\"")]
pub(crate) struct Arguments {
    #[command(flatten)]
    token: Given,

    /// The provider
    #[arg(long, value_name = "URL")]
    issuer: String,

    /// Where to ask, if the provider does not announce it
    #[arg(long, value_name = "URL")]
    introspection_endpoint: Option<Url>,

    /// Authenticate with the token itself instead of a client
    #[arg(long)]
    bearer: bool,

    /// Want a signed answer (RFC 9701), and check it
    #[arg(long)]
    signed: bool,

    /// Print one line of JSON instead of text
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    asker: Asker,

    #[command(flatten)]
    network: NetworkArguments,
}

/// Who asks.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Client")]
struct Asker {
    /// The client_id of the API
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,

    /// The client_secret; better from a file or the environment
    #[arg(long, value_name = "SECRET", value_parser = secret)]
    client_secret: Option<Secret>,

    /// A file whose first line is the client_secret
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,

    /// How the client authenticates: client_secret_basic, client_secret_post, client_secret_jwt or
    /// private_key_jwt; by default what fits the secret or key
    #[arg(long, value_name = "METHOD")]
    client_auth: Option<ClientAuthMethod>,

    /// The private key for private_key_jwt, as PEM or JWK
    #[arg(long, value_name = "FILE")]
    client_key: Option<PathBuf>,
}

impl Arguments {
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        let token = self.token.read()?;
        let issuer = issuer_of(&self.issuer)?;
        let client = self.asker.client(self.bearer)?;
        let by_hand = self.introspection_endpoint.is_some() && !self.signed;
        let provider = if by_hand {
            // Nothing else has to be known of it.
            Provider::with_keys(issuer, KeySet::empty())
        } else {
            Provider::discover(issuer)
        };
        let mut introspection = Introspection::new(client);
        if self.bearer {
            introspection = introspection.bearer();
        }
        if self.signed {
            introspection = introspection.signed();
        }
        if let Some(endpoint) = self.introspection_endpoint {
            introspection = introspection.endpoint(endpoint);
        }
        // The answer is shown, not judged, so that no audience decides.
        let server = ResourceServer::builder(["-"])
            .issuer(TrustedIssuer::new(provider).introspection_only(introspection))
            .build(self.network.outside()?)?;
        output::progress("Asking the provider …");
        let asked = server.ask_about_token(&token).await.map_err(announced)?;
        if let Some(found) = asked {
            tell(found, self.json);
            return Ok(());
        }
        if self.json {
            output::json(&json!({ "active": false }));
        }
        let what = "the provider says that the token is not active";
        Err(CommandError::refused(&ACCESS_TOKEN_INACTIVE, &what))
    }
}

impl Asker {
    fn client(self, bearer: bool) -> Result<Client, CommandError> {
        let file = self.client_secret_file.as_deref();
        let flags = ["--client-secret", "--client-secret-file"];
        let secret = secret_from(self.client_secret, file, flags)?;
        let key = self.client_key.as_deref().map(signing_key).transpose()?.map(Arc::new);
        let given = secret.is_some() || key.is_some();
        match self.client_id.filter(|id| !id.is_empty()) {
            Some(id) if given || bearer => {
                Ok(Client::new(id, authentication(self.client_auth, secret, key)?))
            }
            None if bearer => Ok(Client::public("")),
            _ => Err(CommandError::option(
                "a provider answers only whom it knows: expected --client-id with \
                 --client-secret-file, --client-secret or --client-key, or else --bearer",
            )),
        }
    }
}

/// Where nobody announces an endpoint, a flag may name it.
fn announced(error: countersign::Error) -> CommandError {
    if error.code() != SETUP_ENDPOINT.code {
        return error.into();
    }
    CommandError::option(
        "the provider announces no introspection_endpoint; if it has one all the same: \
         --introspection-endpoint",
    )
}

fn tell(found: Object, as_json: bool) {
    if as_json {
        output::json(&Value::Object(found));
        return;
    }
    let told = output::bold("ACTIVE, says the provider.");
    output::say(&[told, show::claims(&found, SystemClock.now())].join("\n\n"));
}
