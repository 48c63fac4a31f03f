//! `countersign register`: a client that introduces itself.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign::protocol::registration::ClientSecrets;
use countersign::{ClientAuthMethod, Provider, RegistrationRequest, Secret};
use serde_json::json;
use url::Url;

use crate::error::CommandError;
use crate::output;
use crate::setting::client::signing_key;
use crate::setting::network::NetworkArguments;
use crate::setting::provider::issuer_of;
use crate::setting::{secret, secret_from};

/// Register an application with a provider, and keep what comes of it in client_secrets.json
///
/// The provider must offer dynamic registration (OpenID Connect Registration 1.0). The file holds
/// the client's secret: only its owner can read it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    countersign register https://login.example.com https://app.example.com/authorize\n  \
    countersign register https://login.example.com https://app.example.com/callback \\\n      \
        --client-name Notes --output /etc/notes/client_secrets.json")]
pub(crate) struct Arguments {
    /// The provider, as its issuer or the address of its metadata
    issuer: String,

    /// Where the provider may send people back to
    #[arg(required = true, value_name = "REDIRECT_URI")]
    redirect_uris: Vec<Url>,

    /// The file to write; - is standard output
    #[arg(long, short, value_name = "FILE", default_value = "client_secrets.json")]
    output: PathBuf,

    /// Overwrite the file; the client that it named before stays registered
    #[arg(long)]
    force: bool,

    /// The name that people see when the provider asks for their consent
    #[arg(long, value_name = "NAME")]
    client_name: Option<String>,

    /// How the client will authenticate; by default the first method of ours that the provider offers
    #[arg(long, value_name = "METHOD")]
    auth_method: Option<ClientAuthMethod>,

    /// The private key for private_key_jwt, as PEM or JWK; its public half is registered
    #[arg(long, value_name = "FILE")]
    client_key: Option<PathBuf>,

    /// Where people may be sent back to after a logout (repeatable)
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<Url>,

    /// The token that some providers want for a registration
    #[arg(long, value_name = "TOKEN", value_parser = secret)]
    initial_access_token: Option<Secret>,

    /// A file whose first line is that token
    #[arg(long, value_name = "FILE")]
    initial_access_token_file: Option<PathBuf>,

    /// Print one line of JSON instead of text
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

impl Arguments {
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        let provider = Provider::discover(issuer_of(&self.issuer)?);
        let target = Target::new(&self.output, self.force)?;
        let outside = self.network.outside()?;
        let (json, request) = (self.json, self.request()?);
        output::progress("Asking the provider …");
        let metadata = provider.ask_metadata(&outside).await?;
        let registration = provider.register(request, &metadata, &outside).await?;
        let secrets = ClientSecrets::of(&registration, &metadata);
        let path = target.write(&secrets.to_json())?;
        let id = registration.client().id();
        let method = registration.client().authentication().method().name();
        let Some(path) = path else {
            // What was asked for on standard output stands there alone.
            output::note(&format!("Registered {id} with {}, by {method}.", metadata.issuer()));
            return Ok(());
        };
        if json {
            output::json(&json!({
                "client_id": id,
                "issuer": metadata.issuer(),
                "token_endpoint_auth_method": method,
                "client_secret_expires_at": registration.secret_expires_at().map(|at| at.as_secs()),
                "file": path.display().to_string(),
            }));
        } else {
            output::say(&format!(
                "Registered {} with {}.\nIt authenticates by {method}. {} holds its secret: keep it to yourself.",
                output::bold(id),
                metadata.issuer(),
                path.display(),
            ));
        }
        Ok(())
    }

    fn request(self) -> Result<RegistrationRequest, CommandError> {
        let file = self.initial_access_token_file.as_deref();
        let flags = ["--initial-access-token", "--initial-access-token-file"];
        let token = secret_from(self.initial_access_token, file, flags)?;
        let mut request = RegistrationRequest::new(self.redirect_uris);
        if let Some(name) = &self.client_name {
            request = request.client_name(name);
        }
        let key = self.client_key.as_deref().map(signing_key).transpose()?;
        let method = match (&key, self.auth_method) {
            (None, Some(ClientAuthMethod::PrivateKeyJwt)) => {
                return Err(CommandError::option("private_key_jwt needs --client-key"));
            }
            (Some(_), Some(method)) if method != ClientAuthMethod::PrivateKeyJwt => {
                return Err(CommandError::option(
                    "--client-key is for --auth-method private_key_jwt",
                ));
            }
            (Some(_), None) => Some(ClientAuthMethod::PrivateKeyJwt),
            (_, method) => method,
        };
        if let Some(method) = method {
            request = request.auth_method(method);
        }
        if let Some(key) = key {
            request = request.key(Arc::new(key));
        }
        if !self.post_logout_redirect_uri.is_empty() {
            request = request.post_logout_redirect_uris(self.post_logout_redirect_uri);
        }
        if let Some(token) = token {
            request = request.initial_access_token(token);
        }
        Ok(request)
    }
}

/// Where the secrets go; looked at before anything is registered.
enum Target {
    StandardOutput,
    New(PathBuf),
    Over(PathBuf),
}

impl Target {
    fn new(path: &Path, force: bool) -> Result<Self, CommandError> {
        if path == Path::new("-") {
            return Ok(Self::StandardOutput);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(CommandError::file(folder, "there is no such folder"));
        }
        if path.is_dir() {
            return Err(CommandError::file(path, "expected a file, this is a folder"));
        }
        match (path.symlink_metadata().is_ok(), force) {
            (false, _) => Ok(Self::New(path.to_owned())),
            (true, true) => Ok(Self::Over(path.to_owned())),
            (true, false) => Err(CommandError::file(
                path,
                "there is such a file already; name another with --output, or overwrite it with --force",
            )),
        }
    }

    /// The path, if there is a file.
    fn write(self, text: &str) -> Result<Option<PathBuf>, CommandError> {
        match self {
            Self::StandardOutput => {
                output::say(text.trim_end());
                Ok(None)
            }
            Self::New(path) => {
                fill(&path, text).map_err(|why| CommandError::file(&path, why))?;
                Ok(Some(path))
            }
            Self::Over(path) => {
                // Written beside and moved over it, so that the rights are right from the start.
                let mut beside = path.clone().into_os_string();
                beside.push(".new");
                let beside = PathBuf::from(beside);
                let written = fill(&beside, text).and_then(|()| std::fs::rename(&beside, &path));
                written.map_err(|why| CommandError::file(&beside, why))?;
                Ok(Some(path))
            }
        }
    }
}

/// A new file that only its owner can read.
fn fill(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = private(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
