//! `countersign demo`: a small application that people log in to, with a provider or with yours.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use countersign::outside::Outside;
use countersign::protocol::registration::ClientSecrets;
use countersign::protocol::resource::AskResource;
use countersign::{Fault, RegistrationRequest, RelyingParty, SessionPolicy};
use countersign_dev_provider::{AccessTokens, Builder, RunningProvider};
use countersign_web::{KeyRing, PublicAddress, Site};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::provider as dev;
use crate::app::{self, App};
use crate::error::CommandError;
use crate::setting::api::ApiArguments;
use crate::setting::client::{ClientArguments, Identity};
use crate::setting::later::Later;
use crate::setting::login::LoginArguments;
use crate::setting::network::NetworkArguments;
use crate::setting::provider::{ProviderArguments, Which};
use crate::setting::read;
use crate::{output, serve};

/// Try a login: a small protected application, and a provider to log in at
///
/// Without --issuer a development provider runs along, so nothing else is needed. With --issuer
/// the same application runs against that provider. Below /api are routes for programs, which
/// bring access tokens of the same provider.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    countersign demo\n  \
    countersign demo --issuer https://login.example.com\n  \
    countersign demo --issuer https://login.example.com --client-id web --client-secret-file secret.txt\n  \
    countersign demo --issuer https://login.example.com --audience https://notes.example.com\n  \
    countersign demo --listen 127.0.0.1:0 --json")]
pub(crate) struct Arguments {
    /// Where the application listens; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,

    /// The address under which people reach the application, if it is another one
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    /// An API to call with the person's access token; the result stands on /profile and /me
    #[arg(long, value_name = "URL")]
    call_api: Option<Url>,

    /// Print one line of JSON instead of text
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    provider: ProviderArguments,

    #[command(flatten)]
    client: ClientArguments,

    #[command(flatten)]
    login: LoginArguments,

    #[command(flatten)]
    session: SessionArguments,

    #[command(flatten)]
    api: ApiArguments,

    #[command(flatten)]
    network: NetworkArguments,

    #[command(flatten)]
    later: Later,
}

/// The flags of sessions.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Session")]
struct SessionArguments {
    /// After how many seconds the provider is asked, unseen, whether the person is still logged in
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    session_refresh_interval: Option<u64>,

    /// The secrets that seal cookies, one a line, the newest first; without it sessions end with
    /// this process
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,

    /// How many seconds the clocks of both sides may be apart
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    clock_skew: u64,
}

impl Arguments {
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        let stop = serve::asked_to_stop();
        let demo = self.start().await?;
        if demo.json {
            output::json(&demo.summary());
        } else {
            output::say(&demo.welcome());
        }
        if let Some(trouble) = &demo.trouble {
            output::note(&format!(
                "\nThe provider can't be used yet: {trouble}\n\
                 The application runs all the same, and asks again when somebody logs in."
            ));
        }
        let router = app::router(demo.app);
        serve::serve(demo.listener, router, stop).await?;
        if let Some(provider) = demo.provider {
            provider.shutdown().await;
        }
        Ok(())
    }

    async fn start(self) -> Result<Demo, CommandError> {
        self.later.refuse()?;
        if let Some(url) = &self.call_api {
            AskResource::check(url)
                .map_err(|why| CommandError::option(format!("--call-api: {why}")))?;
        }
        let secrets = self.client.secrets()?;
        let identity = self.client.read()?;
        let which = self.provider.read(self.listen.port() == 0, secrets.as_ref())?;
        let login = self.login.options()?;
        let logout = self.login.logout()?;
        let outside = self.network.outside()?;
        let key_ring = key_ring(self.session.secret_file, &outside)?;
        let (listener, listening) = serve::listen(self.listen, "--listen").await?;
        let base = self.base_url.filter(|url| !url.is_empty());
        let address = PublicAddress::new(&match base {
            Some(base) => base,
            None => own_address(listening)?,
        })?;
        let party = Party { identity, address: &address };
        if let Some(secrets) = secrets {
            party.is_registered_in(&secrets)?;
        }
        let usual = matches!(which, Which::Own { .. }).then_some(AUDIENCE);
        let api = self.api.settings(&address, usual)?;
        let (provider, running) = match which {
            Which::Foreign(provider) => (*provider, None),
            Which::Own { listen, people } => {
                let audience = api.audiences().first().cloned().unwrap_or_default();
                let tokens = AccessTokens::Jwt { audience };
                let add = |builder: Builder| party.known_to(builder).access_tokens(tokens);
                let running = dev::start(people, listen, "--provider-listen", add).await?;
                let issuer = crate::setting::provider::issuer_of(running.issuer())?;
                (countersign::Provider::discover(issuer), Some(running))
            }
        };
        let clock_skew = Duration::from_secs(self.session.clock_skew);
        let relying_party = party
            .builder(provider.clone())
            .scope(self.login.scope)
            .clock_skew(clock_skew)
            .build(outside.clone())?;
        let audiences = api.audiences().to_vec();
        let api = api.build(provider, &relying_party, clock_skew, outside)?;
        output::progress("Asking the provider …");
        let trouble = trouble(&relying_party).await?;
        let interval = self.session.session_refresh_interval.map(Duration::from_secs);
        let app = App::new(relying_party, api, address, key_ring, |site| {
            let policy = SessionPolicy::new().refresh_interval(interval);
            site.policy(policy).login(login).logout(logout)
        })?;
        let app = app.calling(self.call_api).with_people(running.as_ref().map(|own| own.users()));
        Ok(Demo { listener, app, provider: running, audiences, trouble, json: self.json })
    }
}

/// Everything that runs.
struct Demo {
    listener: TcpListener,
    app: App,
    provider: Option<RunningProvider>,
    audiences: Vec<String>,
    trouble: Option<countersign::Error>,
    json: bool,
}

impl Demo {
    fn site(&self) -> &Site {
        self.app.site()
    }

    fn summary(&self) -> Value {
        let users = self.provider.as_ref().map(|provider| dev::users(provider));
        json!({
            "app": self.site().address().url("").as_str().trim_end_matches('/'),
            "issuer": self.site().relying_party().issuer(),
            "audience": self.audiences,
            "users": users.unwrap_or_else(|| json!([])),
        })
    }

    fn welcome(&self) -> String {
        let address = self.site().address().url("/");
        let issuer = self.site().relying_party().issuer();
        let people = match &self.provider {
            Some(provider) => format!(
                "{}\n\nTheir provider: {issuer}\n(for development: whoever reaches it can log in as anybody)",
                dev::people(provider),
            ),
            None => format!("Provider: {issuer}"),
        };
        format!(
            "\nOpen {}\n\n{people}\n\n{}\n\nStop it with Ctrl-C.",
            output::bold(address.as_str()),
            self.api(),
        )
    }

    /// How its API is tried.
    fn api(&self) -> String {
        let address = self.site().address();
        let Some(provider) = &self.provider else {
            return format!(
                "Its API, for programs with an access token: {}\n\
                 (for the audience {}; --audience sets another one)",
                address.url("/api/me"),
                self.audiences.join(" or "),
            );
        };
        let issuer = match provider.issuer() {
            USUAL_ISSUER => String::new(),
            other => format!(" --issuer {other}"),
        };
        format!(
            "Its API, for programs with an access token:\n  \
             curl -H \"Authorization: Bearer $(countersign token mint{issuer} --scope notes:read)\" {}",
            address.url("/api/notes"),
        )
    }
}

/// The application towards its provider.
struct Party<'a> {
    identity: Identity,
    address: &'a PublicAddress,
}

impl Party<'_> {
    fn redirect_uri(&self) -> Url {
        self.address.url("/auth/callback")
    }

    fn logged_out(&self) -> Url {
        self.address.url("/auth/logged-out")
    }

    fn back_channel_logout(&self) -> Url {
        self.address.url("/auth/backchannel-logout")
    }

    fn builder(self, provider: countersign::Provider) -> countersign::RelyingPartyBuilder {
        let redirect_uri = self.redirect_uri();
        let (logged_out, back_channel) = (self.logged_out(), self.back_channel_logout());
        match self.identity {
            Identity::Known(client) => RelyingParty::builder(provider, client, redirect_uri),
            Identity::Unknown(wanted) => {
                let request = RegistrationRequest::new([redirect_uri.clone()])
                    .client_name("countersign demo")
                    .post_logout_redirect_uris([logged_out])
                    .back_channel_logout_uri(back_channel);
                RelyingParty::registering(provider, wanted.ask(request), redirect_uri)
            }
        }
    }

    /// Before the provider says so to a person.
    fn is_registered_in(&self, secrets: &ClientSecrets) -> Result<(), CommandError> {
        let own = self.redirect_uri();
        let mut registered = secrets.redirect_uris().peekable();
        if registered.peek().is_none() || registered.any(|uri| uri == own.as_str()) {
            return Ok(());
        }
        Err(CommandError::option(format!(
            "the redirect URI of this application is {own}, and --client-secrets names others: {}. \
             Register {own}, or set --base-url or --listen",
            secrets.redirect_uris().collect::<Vec<_>>().join(" "),
        )))
    }

    /// Tells our own provider of a client that was to be registered by hand.
    fn known_to(&self, builder: Builder) -> Builder {
        match &self.identity {
            Identity::Known(client) => {
                let client = dev::counterpart(client)
                    .name("countersign demo")
                    .redirect_uri(self.redirect_uri())
                    .post_logout_redirect_uri(self.logged_out())
                    .back_channel_logout_uri(self.back_channel_logout());
                builder.client(client)
            }
            Identity::Unknown(_) => builder,
        }
    }
}

/// What is wrong with the provider for now. A wrong setting ends the command, since nothing would
/// work before it is changed.
async fn trouble(relying_party: &RelyingParty) -> Result<Option<countersign::Error>, CommandError> {
    match relying_party.ready().await {
        Ok(()) => Ok(None),
        Err(error) if error.fault() == Fault::Setup => Err(error.into()),
        Err(error) => Ok(Some(error)),
    }
}

fn key_ring(file: Option<PathBuf>, outside: &Outside) -> Result<KeyRing, CommandError> {
    match file {
        Some(file) => Ok(KeyRing::parse(&read(&file)?)?),
        None => Ok(KeyRing::random(outside.random()?)),
    }
}

/// The address of the listener, where a person on this machine can open it.
fn own_address(listening: SocketAddr) -> Result<String, CommandError> {
    let ip = listening.ip();
    let ip = if ip.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { ip };
    if !ip.is_loopback() {
        return Err(CommandError::option(format!(
            "--listen {listening} is not on this machine's loopback; say with --base-url under \
             which https address people reach it"
        )));
    }
    Ok(format!("http://{}", SocketAddr::new(ip, listening.port())))
}

/// For whom the development provider's access tokens are, unless it is told otherwise.
const AUDIENCE: &str = "api";
/// Whom `countersign token mint` asks, unless it is told otherwise.
const USUAL_ISSUER: &str = "http://127.0.0.1:9000";
