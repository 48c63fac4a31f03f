//! `countersign provider`: the development provider alone.

use std::net::SocketAddr;
use std::path::PathBuf;

use countersign::ClientAuthentication;
use countersign::protocol::jose::json::Object;
use countersign_dev_provider::{
    Builder, Client, ClientAuth, DevProvider, RunningProvider, StartError, User,
};
use serde_json::{Value, json};

use crate::error::CommandError;
use crate::output;
use crate::serve;

/// Run the development provider alone: log in as anybody, register clients, misbehave on demand
///
/// It keeps everything in memory and is for development and tests only.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    countersign provider\n  \
    countersign provider --listen 127.0.0.1:9100 --users people.toml --consent\n  \
    countersign provider --client shop:s3cret=http://127.0.0.1:5000/callback")]
pub(crate) struct Arguments {
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000")]
    listen: SocketAddr,

    #[command(flatten)]
    people: People,

    /// A client besides those that register themselves; without SECRET a public one (repeatable)
    #[arg(long, value_name = "ID[:SECRET]=REDIRECT_URI", value_parser = client)]
    client: Vec<Client>,

    /// Print one line of JSON instead of text
    #[arg(long)]
    json: bool,
}

/// Who can log in, and how: shared with `countersign demo`.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Development provider")]
pub(crate) struct People {
    /// The people who can log in, as TOML or JSON: users = [{username, password, sub, claims}]
    #[arg(long, value_name = "FILE")]
    pub(crate) users: Option<PathBuf>,

    /// Ask people for their consent after the login
    #[arg(long)]
    pub(crate) consent: bool,
}

impl Arguments {
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        let stop = serve::asked_to_stop();
        let clients = self.client.into_iter();
        let provider =
            start(self.people, self.listen, "--listen", |b| clients.fold(b, Builder::client))
                .await?;
        if self.json {
            output::json(&json!({ "issuer": provider.issuer(), "users": users(&provider) }));
        } else {
            output::say(&format!(
                "\nDevelopment provider: {}\n\n{}\n\n{}\n\nStop it with Ctrl-C.",
                output::bold(provider.issuer()),
                people(&provider),
                hint(provider.issuer()),
            ));
        }
        stop.await;
        provider.shutdown().await;
        Ok(())
    }
}

/// Starts a development provider.
pub(crate) async fn start(
    people: People,
    listen: SocketAddr,
    flag: &'static str,
    change: impl FnOnce(Builder) -> Builder,
) -> Result<RunningProvider, CommandError> {
    output::progress("Starting the development provider …");
    let mut builder = DevProvider::builder().listen(listen).consent(people.consent);
    if let Some(file) = people.users {
        builder = builder.users_from_file(file);
    }
    change(builder).start().await.map_err(|error| match error {
        StartError::Listen { address, source } => CommandError::listen(address, flag, source),
        other => other.into(),
    })
}

/// Who can log in, for people.
pub(crate) fn people(provider: &DevProvider) -> String {
    let users = provider.users();
    let width = users.iter().map(|user| user.username().chars().count()).max().unwrap_or(0);
    let line = |user: &User| {
        let password = user.shown_password();
        format!("  {:width$}  password: {password}  {}", user.username(), user.about())
    };
    let lines: Vec<String> = users.iter().map(line).collect();
    format!("These people can log in:\n{}", lines.join("\n"))
}

/// Who can log in, for programs.
pub(crate) fn users(provider: &DevProvider) -> Value {
    let user = |user: &User| {
        json!({
            "username": user.username(),
            "password": user.shown_password(),
            "sub": user.subject(),
        })
    };
    provider.users().iter().map(user).collect()
}

fn hint(issuer: &str) -> String {
    let issuer = issuer.trim_end_matches('/');
    format!(
        "It makes access tokens for an API, as anybody:\n  \
         countersign token mint --issuer {issuer} --user alice --scope notes:read\n\n\
         It misbehaves on demand: GET {issuer}/dev/mischief lists the cases, for example\n  \
         curl -H 'content-type: application/json' -d '{{\"case\": \"id_token.wrong_nonce\"}}' {issuer}/dev/mischief"
    )
}

/// The same client as the provider knows it.
pub(crate) fn counterpart(client: &countersign::Client) -> Client {
    let secret = client.secret().map(|secret| secret.expose().to_owned());
    let auth = match client.authentication() {
        ClientAuthentication::SecretBasic(_) => ClientAuth::ClientSecretBasic,
        ClientAuthentication::SecretPost(_) => ClientAuth::ClientSecretPost,
        ClientAuthentication::SecretJwt(..) => ClientAuth::ClientSecretJwt,
        ClientAuthentication::PrivateKeyJwt(key) => {
            let mut jwks = Object::new();
            jwks.insert("keys".to_owned(), json!([key.public_jwk()]));
            return with_alg(Client::with_keys(client.id(), jwks), client);
        }
        _ => ClientAuth::None,
    };
    let counterpart = match secret {
        Some(secret) => Client::confidential(client.id(), secret),
        None => Client::public(client.id()),
    };
    with_alg(counterpart.authentication(auth), client)
}

fn with_alg(counterpart: Client, client: &countersign::Client) -> Client {
    match client.expected_id_token_alg() {
        Some(alg) => counterpart.id_token_algorithm(alg),
        None => counterpart,
    }
}

/// `ID=URI` or `ID:SECRET=URI`
fn client(text: &str) -> Result<Client, String> {
    let (who, uri) = text.split_once('=').ok_or("expected ID=REDIRECT_URI")?;
    let uri: url::Url = uri.parse().map_err(|why| format!("the redirect URI: {why}"))?;
    let client = match who.split_once(':') {
        Some((id, secret)) if !id.is_empty() && !secret.is_empty() => {
            Client::confidential(id, secret)
        }
        None if !who.is_empty() => Client::public(who),
        _ => return Err("expected ID or ID:SECRET before the =".to_owned()),
    };
    Ok(client.redirect_uri(uri))
}
