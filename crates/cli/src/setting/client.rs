//! Who the application is to the provider.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign::protocol::jose::{Algorithm, SigningKey, json};
use countersign::protocol::registration::ClientSecrets;
use countersign::{Client, ClientAuthMethod, ClientAuthentication, RegistrationRequest, Secret};

use super::{read, secret, secret_from};
use crate::error::CommandError;

/// The flags of a client.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Client")]
pub(crate) struct ClientArguments {
    /// The client_id; without one, the application registers itself
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,

    /// The client_secret; better from a file or the environment
    #[arg(long, value_name = "SECRET", value_parser = secret)]
    client_secret: Option<Secret>,

    /// A file whose first line is the client_secret
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,

    /// A client_secrets.json with the client and its provider, as countersign register writes it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["client_id", "client_secret", "client_secret_file", "client_auth", "client_key", "initial_access_token", "initial_access_token_file"])]
    client_secrets: Option<PathBuf>,

    /// How the client authenticates: client_secret_basic, client_secret_post, client_secret_jwt,
    /// private_key_jwt or none; by default what fits the secret or key
    #[arg(long, value_name = "METHOD")]
    client_auth: Option<ClientAuthMethod>,

    /// The private key for private_key_jwt, as PEM or JWK
    #[arg(long, value_name = "FILE")]
    client_key: Option<PathBuf>,

    /// The one algorithm of ID tokens; by default the asymmetric ones that the provider announces
    #[arg(long, value_name = "ALG")]
    id_token_alg: Option<Algorithm>,

    /// The token that some providers want for a registration
    #[arg(long, value_name = "TOKEN", value_parser = secret)]
    initial_access_token: Option<Secret>,

    /// A file whose first line is that token
    #[arg(long, value_name = "FILE")]
    initial_access_token_file: Option<PathBuf>,
}

/// A client, or what it takes to become one.
#[derive(Debug)]
pub(crate) enum Identity {
    /// Registered by hand.
    Known(Client),
    /// Registers itself.
    Unknown(Wanted),
}

/// What a registration asks for.
#[derive(Debug)]
pub(crate) struct Wanted {
    method: Option<ClientAuthMethod>,
    key: Option<Arc<SigningKey>>,
    id_token_alg: Option<Algorithm>,
    initial_access_token: Option<Secret>,
}

impl ClientArguments {
    /// The file that says all about the client, if there is one.
    pub(crate) fn secrets(&self) -> Result<Option<ClientSecrets>, CommandError> {
        let Some(path) = &self.client_secrets else { return Ok(None) };
        let secrets = ClientSecrets::parse(read(path)?.as_bytes());
        secrets.map(Some).map_err(|why| CommandError::file(path, why))
    }

    /// The one algorithm of ID tokens, if set.
    pub(crate) fn id_token_alg(&self) -> Option<Algorithm> {
        self.id_token_alg
    }

    /// Whether a registration would bring a token.
    pub(crate) fn has_initial_access_token(&self) -> bool {
        self.initial_access_token.is_some() || self.initial_access_token_file.is_some()
    }

    /// Reads the files, and refuses what does not go together.
    pub(crate) fn read(self) -> Result<Identity, CommandError> {
        if let Some(secrets) = self.secrets()? {
            let client = secrets.client().map_err(countersign::Error::from)?;
            return Ok(Identity::Known(match self.id_token_alg {
                Some(alg) => client.id_token_alg(alg),
                None => client,
            }));
        }
        let file = self.client_secret_file.as_deref();
        let flags = ["--client-secret", "--client-secret-file"];
        let secret = secret_from(self.client_secret, file, flags)?;
        let file = self.initial_access_token_file.as_deref();
        let flags = ["--initial-access-token", "--initial-access-token-file"];
        let initial_access_token = secret_from(self.initial_access_token, file, flags)?;
        let key = self.client_key.as_deref().map(signing_key).transpose()?.map(Arc::new);
        let method = self.client_auth;
        if key.is_some() && method.is_some_and(|method| method != ClientAuthMethod::PrivateKeyJwt) {
            return Err(CommandError::option("--client-key is for --client-auth private_key_jwt"));
        }
        let Some(id) = self.client_id.filter(|id| !id.is_empty()) else {
            if secret.is_some() {
                return Err(CommandError::option(
                    "a client secret is set, but no --client-id that it belongs to",
                ));
            }
            if method == Some(ClientAuthMethod::PrivateKeyJwt) && key.is_none() {
                return Err(needs_key());
            }
            let method = method.or(key.is_some().then_some(ClientAuthMethod::PrivateKeyJwt));
            let id_token_alg = self.id_token_alg;
            return Ok(Identity::Unknown(Wanted {
                method,
                key,
                id_token_alg,
                initial_access_token,
            }));
        };
        if initial_access_token.is_some() {
            return Err(CommandError::option(
                "--initial-access-token is for a registration, and --client-id says that there was one",
            ));
        }
        let authentication = authentication(method, secret.clone(), key)?;
        let mut client = Client::new(id, authentication);
        if let Some(secret) = secret {
            client = client.signing_secret(secret);
        }
        if let Some(alg) = self.id_token_alg {
            client = client.id_token_alg(alg);
        }
        Ok(Identity::Known(client))
    }
}

impl Wanted {
    /// Completes a registration request.
    pub(crate) fn ask(self, mut request: RegistrationRequest) -> RegistrationRequest {
        if let Some(method) = self.method {
            request = request.auth_method(method);
        }
        if let Some(key) = self.key {
            request = request.key(key);
        }
        if let Some(alg) = self.id_token_alg {
            request = request.id_token_alg(alg);
        }
        if let Some(token) = self.initial_access_token {
            request = request.initial_access_token(token);
        }
        request
    }
}

/// What fits the method, or the secret or key.
pub(crate) fn authentication(
    method: Option<ClientAuthMethod>,
    secret: Option<Secret>,
    key: Option<Arc<SigningKey>>,
) -> Result<ClientAuthentication, CommandError> {
    let method = method.unwrap_or(match (&key, &secret) {
        (Some(_), _) => ClientAuthMethod::PrivateKeyJwt,
        (None, Some(_)) => ClientAuthMethod::ClientSecretBasic,
        (None, None) => ClientAuthMethod::None,
    });
    let secret = || {
        secret.ok_or_else(|| {
            CommandError::option(format!(
                "--client-auth {method} needs a secret: --client-secret-file, --client-secret or \
                 COUNTERSIGN_CLIENT_SECRET"
            ))
        })
    };
    Ok(match method {
        ClientAuthMethod::None => ClientAuthentication::None,
        ClientAuthMethod::ClientSecretBasic => ClientAuthentication::SecretBasic(secret()?),
        ClientAuthMethod::ClientSecretPost => ClientAuthentication::SecretPost(secret()?),
        ClientAuthMethod::ClientSecretJwt => {
            ClientAuthentication::SecretJwt(secret()?, Algorithm::Hs256)
        }
        ClientAuthMethod::PrivateKeyJwt => {
            ClientAuthentication::PrivateKeyJwt(key.ok_or_else(needs_key)?)
        }
        other => return Err(CommandError::option(format!("--client-auth {other} is unknown"))),
    })
}

fn needs_key() -> CommandError {
    CommandError::option("--client-auth private_key_jwt needs --client-key, a PEM or JWK file")
}

/// A JWK if it looks like JSON, PEM otherwise.
pub(crate) fn signing_key(path: &Path) -> Result<SigningKey, CommandError> {
    let text = read(path)?;
    if !text.trim_start().starts_with('{') {
        return SigningKey::from_pem(&text).map_err(|why| CommandError::file(path, why));
    }
    let jwk = json::object(text.as_bytes()).map_err(|why| CommandError::file(path, why))?;
    SigningKey::from_jwk(&jwk).map_err(|why| CommandError::file(path, why))
}
