//! `countersign doctor`: a configuration against its provider: what is wrong, and what to change.

mod client;
mod clock;
mod finding;
mod flask;
mod provider;
mod report;
mod trial;

use std::path::PathBuf;

use countersign::outside::Outside;
use countersign::protocol::discovery::Metadata;
use countersign::protocol::jose::Algorithm;
use countersign::{Client, ClientAuthMethod, Fault, LoginOptions, Provider};
use url::Url;

use self::clock::Watching;
use self::finding::{Finding, Level};
use self::report::{Report, Section};
use self::trial::Trial;
use crate::error::CommandError;
use crate::output;
use crate::setting::client::{ClientArguments, Identity};
use crate::setting::login::LoginArguments;
use crate::setting::network::NetworkArguments;
use crate::setting::provider::{issuer_of, written};

/// Check a configuration against its provider: what is wrong, and what to change
///
/// Looks at the provider's metadata, keys and clock, at the client, its redirect URIs and what each
/// login asks for. With a client and a redirect URI it also asks the provider for a login of nobody
/// (`prompt=none`), and redeems a code that is none, to see whether both are accepted; --passive leaves
/// that out. With --flask it reads the configuration of a Flask application first, and says what
/// changes when its extension is swapped. The exit code is that of the worst finding.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    countersign doctor https://login.example.com\n  \
    countersign doctor https://login.example.com --client-id web --client-secret-file secret.txt \\\n      \
        --redirect-uri https://app.example.com/auth/callback\n  \
    countersign doctor --client-secrets client_secrets.json --json\n  \
    countersign doctor --flask app:create_app --python venv/bin/python")]
pub(crate) struct Arguments {
    /// The provider, as its issuer or the address of its metadata
    #[arg(value_name = "ISSUER")]
    target: Option<String>,

    /// The same as a flag
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,

    /// A file with the provider's metadata, instead of discovery
    #[arg(long, value_name = "FILE")]
    provider_metadata: Option<PathBuf>,

    /// Where the provider sends people back to (repeatable, or with spaces between)
    #[arg(long, value_name = "URL", value_delimiter = ' ')]
    redirect_uri: Vec<String>,

    /// How many seconds the clocks of both sides may be apart
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    clock_skew: u64,

    /// Ask for metadata and keys only
    #[arg(long)]
    passive: bool,

    /// A Flask application to read the configuration of: module:app, or module:create_app
    #[arg(long, value_name = "MODULE:APP")]
    flask: Option<String>,

    /// The interpreter that runs it; by default that of the active virtual environment, or python3
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,

    /// Print one line of JSON instead of text
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    client: ClientArguments,

    #[command(flatten)]
    login: LoginArguments,

    #[command(flatten)]
    network: NetworkArguments,
}

/// Who the application is.
enum Who {
    /// With all that it takes to authenticate.
    Known(Client),
    /// As an application's configuration names it; its secret stays there.
    Named { id: String, method: Option<ClientAuthMethod> },
    /// Nobody yet.
    Registers { has_token: bool },
}

/// What is checked against a provider.
struct Checked {
    who: Who,
    alg: Option<Algorithm>,
    scope: String,
    acr_values: String,
    response_mode: Option<&'static str>,
    claims: Vec<String>,
    redirect_uris: Vec<String>,
    registered_uris: Vec<String>,
    options: LoginOptions,
}

/// Whose metadata are looked at.
enum Whose {
    Issuer(String),
    File(Box<Provider>),
}

impl Arguments {
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        let json = self.json;
        let report = self.report().await?;
        if json {
            output::json(&report.json());
        } else {
            output::say(report.text().trim_end());
        }
        report.judged()
    }

    async fn report(mut self) -> Result<Report, CommandError> {
        let secrets = self.client.secrets()?;
        let application = match self.flask.take() {
            Some(name) => Some(flask::look(&name, self.python.as_deref())?),
            None => None,
        };
        let own = self.target.take().or(self.issuer.take()).filter(|issuer| !issuer.is_empty());
        let own = own.or_else(|| secrets.as_ref()?.issuer().map(str::to_owned));
        let whose = match self.provider_metadata.take() {
            Some(file) => {
                let issuer = own.as_deref().map(issuer_of).transpose()?;
                Some(Whose::File(Box::new(written(&file, issuer.as_ref())?)))
            }
            None => own.map(Whose::Issuer),
        };
        if whose.is_none() && application.is_none() {
            return Err(CommandError::option(
                "nothing says which provider to look at: expected an ISSUER (or --issuer), \
                 --provider-metadata, --client-secrets or --flask",
            ));
        }
        let options = self.login.options()?;
        let alg = self.client.id_token_alg();
        let has_token = self.client.has_initial_access_token();
        let identity = self.client.read()?;
        let registered_uris: Vec<String> =
            secrets.iter().flat_map(|file| file.redirect_uris().map(str::to_owned)).collect();
        let checked = Checked {
            who: match identity {
                Identity::Known(client) => Who::Known(client),
                Identity::Unknown(_) => Who::Registers { has_token },
            },
            alg,
            scope: self.login.scope.clone(),
            acr_values: self.login.acr_values.clone().unwrap_or_default(),
            response_mode: self.login.response_mode.map(|mode| mode.name()),
            claims: self.login.claim_names(),
            redirect_uris: if self.redirect_uri.is_empty() {
                registered_uris.clone()
            } else {
                self.redirect_uri
            },
            registered_uris,
            options,
        };
        let look =
            Look { network: self.network, clock_skew: self.clock_skew, passive: self.passive };
        let mut report = Report::default();
        if let Some(application) = application {
            for (whose, checked) in application.checks(&checked, whose.is_some()) {
                report.sections.push(look.at(Whose::Issuer(whose), checked).await?);
            }
            report.application = Some(application);
        }
        if let Some(whose) = whose {
            report.sections.push(look.at(whose, checked).await?);
        }
        Ok(report)
    }
}

/// How to look.
struct Look {
    network: NetworkArguments,
    clock_skew: u64,
    passive: bool,
}

impl Look {
    async fn at(&self, whose: Whose, checked: Checked) -> Result<Section, CommandError> {
        let transport = Watching::new(self.network.transport()?);
        let outside = Outside::new(transport.clone());
        let mut findings = client::redirect_uris(&checked);
        let (provider, asked) = match whose {
            Whose::File(provider) => (*provider, None),
            Whose::Issuer(text) => match issuer_of(&text) {
                Ok(issuer) => {
                    // The address of the metadata stands for the issuer that it is below.
                    let name = issuer.as_str().to_owned();
                    (Provider::discover(issuer), Some(name))
                }
                Err(CommandError::Engine(error)) => {
                    findings.insert(0, Finding::refused("issuer", &error).setting("--issuer"));
                    return Ok(Section::new(text, findings));
                }
                Err(error) => return Err(error),
            },
        };
        output::progress("Asking the provider …");
        let metadata = match provider.ask_metadata(&outside).await {
            Ok(metadata) => metadata,
            Err(error) => {
                findings.insert(0, Finding::refused("discovery", &error));
                return Ok(Section::new(asked.unwrap_or_default(), findings));
            }
        };
        let keys = provider.ask_keys(&metadata, &outside).await;
        let mut all = vec![provider::issuer(asked.as_deref(), &metadata)];
        if asked.is_some() || metadata.jwks_uri().is_some() {
            all.push(provider::clock(transport.ahead(), self.clock_skew));
        }
        all.extend(provider::endpoints(&metadata));
        all.extend(provider::keys(&metadata, &keys, checked.alg));
        all.extend(provider::id_token_alg(&metadata, checked.alg));
        all.extend(provider::offers(&metadata));
        all.extend(provider::wishes(&metadata, &checked));
        all.extend(client::authentication(&metadata, &checked.who));
        all.append(&mut findings);
        if !self.passive {
            all.extend(self.trials(&metadata, &transport, checked).await?);
        }
        Ok(Section::new(metadata.issuer().to_owned(), all))
    }

    /// Tries client and redirect URIs, unless they are known to be wrong.
    async fn trials(
        &self,
        metadata: &Metadata,
        transport: &Watching,
        checked: Checked,
    ) -> Result<Vec<Finding>, CommandError> {
        let (client, may_authenticate) = match checked.who {
            Who::Known(client) => (client, true),
            Who::Named { id, .. } => (Client::public(id), false),
            Who::Registers { .. } => return Ok(Vec::new()),
        };
        let client = match checked.alg {
            // Named for the trial alone; nothing is signed in it.
            Some(alg) if !alg.is_mac() || may_authenticate => client.id_token_alg(alg),
            _ => client,
        };
        let mut findings = Vec::new();
        for uri in checked.redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok()) {
            let trial = Trial {
                provider: Provider::written(metadata.clone())?,
                client: client.clone(),
                may_authenticate,
                redirect_uri: uri,
                scope: &checked.scope,
                options: checked.options.clone(),
                transport,
            };
            findings.extend(trial.run().await);
        }
        Ok(findings)
    }
}

/// The worst of several findings, if any is wrong.
fn worst<'a>(findings: impl Iterator<Item = &'a Finding>) -> Option<Fault> {
    let wrong = findings.filter(|finding| finding.level() == Level::Wrong);
    wrong.map(Finding::fault).max_by_key(|fault| crate::error::code_of(*fault))
}
