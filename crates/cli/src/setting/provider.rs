//! Which provider.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use countersign::protocol::discovery::Metadata;
use countersign::protocol::registration::ClientSecrets;
use countersign::{Issuer, Provider};

use super::read;
use crate::command::provider::People;
use crate::error::CommandError;

/// The flags of a provider.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Provider")]
pub(crate) struct ProviderArguments {
    /// The provider; without one, a development provider runs along
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,

    /// A file with the provider's metadata, instead of discovery
    #[arg(long, value_name = "FILE")]
    provider_metadata: Option<PathBuf>,

    /// Where the development provider listens; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS")]
    provider_listen: Option<SocketAddr>,

    #[command(flatten)]
    people: People,
}

/// Somebody else's provider, or our own.
#[derive(Debug)]
pub(crate) enum Which {
    /// A provider that runs somewhere.
    Foreign(Box<Provider>),
    /// A development provider that is to run here.
    Own { listen: SocketAddr, people: People },
}

impl ProviderArguments {
    /// Reads the metadata if they are in a file. A development provider listens on any free port
    /// if `any_port`, on 9000 otherwise. The issuer may also stand in the client's file.
    pub(crate) fn read(
        self,
        any_port: bool,
        secrets: Option<&ClientSecrets>,
    ) -> Result<Which, CommandError> {
        let issuer = self.issuer.filter(|issuer| !issuer.is_empty());
        let issuer = issuer.or_else(|| secrets?.issuer().map(str::to_owned));
        let issuer = issuer.map(|issuer| issuer_of(&issuer)).transpose()?;
        let provider = match (issuer, self.provider_metadata) {
            (None, None) => {
                let port = if any_port { 0 } else { PORT };
                let default = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                let listen = self.provider_listen.unwrap_or(default);
                return Ok(Which::Own { listen, people: self.people });
            }
            (Some(issuer), None) => Provider::discover(issuer),
            (issuer, Some(file)) => written(&file, issuer.as_ref())?,
        };
        let own = [
            ("--provider-listen", self.provider_listen.is_some()),
            ("--users", self.people.users.is_some()),
            ("--consent", self.people.consent),
        ];
        match own.into_iter().find(|(_, set)| *set) {
            Some((flag, _)) => Err(CommandError::option(format!(
                "{flag} is for the development provider, and another provider is set"
            ))),
            None => Ok(Which::Foreign(Box::new(provider))),
        }
    }
}

/// An issuer, as it is written or as the address of its metadata.
pub(crate) fn issuer_of(text: &str) -> Result<Issuer, CommandError> {
    Issuer::parse(text).map_err(|why| CommandError::Engine(why.into()))
}

/// Metadata in a file, which must be those of this issuer if there is one.
pub(crate) fn written(file: &Path, issuer: Option<&Issuer>) -> Result<Provider, CommandError> {
    let metadata = Metadata::from_json(read(file)?.as_bytes())
        .map_err(|why| CommandError::file(file, countersign::Error::from(why)))?;
    if let Some(issuer) = issuer.filter(|issuer| issuer.as_str() != metadata.issuer()) {
        return Err(CommandError::option(format!(
            "--issuer is {issuer}, but the metadata in --provider-metadata are those of {}",
            metadata.issuer()
        )));
    }
    Ok(Provider::written(metadata)?)
}

const PORT: u16 = 9000;
