//! What ends a command.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use countersign::{Code, Fault};
use countersign_dev_provider::StartError;
use countersign_transport::TransportError;
use countersign_web::{AddressError, KeyRingError, SiteError};

/// Why a command ended: with whose fault it was, and what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CommandError {
    /// What the engine says.
    #[error("{0}")]
    Engine(#[from] countersign::Error),
    /// The development provider.
    #[error("{}: {}", .0.code(), .0)]
    Provider(#[from] StartError),
    /// The public address.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// The cookie secrets.
    #[error("{0}")]
    KeyRing(#[from] KeyRingError),
    /// The site.
    #[error("{0}")]
    Site(#[from] SiteError),
    /// The network door.
    #[error("{}: {}", .0.entry(), .0)]
    Transport(#[from] TransportError),
    /// A flag, or flags that don't go together.
    #[error("setup.option: {0}")]
    Option(String),
    /// Something that is planned.
    #[error("setup.option: {flag} {got} is not built yet; {works}")]
    NotBuilt {
        /// The flag.
        flag: &'static str,
        /// Its value.
        got: String,
        /// What there is instead.
        works: &'static str,
    },
    /// Somebody else listens there.
    #[error(
        "setup.option: {address} is taken: another program listens there. Stop it, or choose \
         another port: {flag} {} ({flag} {} takes any free one)",
        with_port(.address, *.other), with_port(.address, 0)
    )]
    Taken {
        /// Where.
        address: SocketAddr,
        /// The flag that decides.
        flag: &'static str,
        /// A port that may be free.
        other: u16,
    },
    /// The address can't be listened on.
    #[error("setup.option: can't listen on {address}: {why}; {flag} decides")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// The flag that decides.
        flag: &'static str,
        /// What the system says.
        why: std::io::Error,
    },
    /// A file.
    #[error("setup.option: {path}: {why}")]
    File {
        /// Its name.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// A token that can't be used.
    #[error("{code}: {what}")]
    Token {
        /// The code in docs/errors.md.
        code: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// Nobody mints.
    #[error(
        "network.unreachable: no development provider runs at {issuer} ({why}). Start one with \
         `countersign provider` or `countersign demo`, or say where it runs: --issuer"
    )]
    NoDevProvider {
        /// Where it should run.
        issuer: String,
        /// What the network says.
        why: String,
    },
    /// The doctor found something, and has told it.
    #[error("{wrong} wrong; the worst is a matter of fault \"{whose}\" (docs/errors.md)")]
    Unwell {
        /// How many.
        wrong: usize,
        /// The worst fault among them.
        fault: Fault,
        /// Its name.
        whose: &'static str,
    },
    /// Nothing that anybody can change.
    #[error("bug.internal: {0}")]
    Bug(String),
}

impl CommandError {
    pub(crate) fn file(path: impl AsRef<Path>, why: impl Display) -> Self {
        Self::File { path: path.as_ref().display().to_string(), why: why.to_string() }
    }

    /// A token that is refused, with what helps.
    pub(crate) fn refused(entry: &'static Code, why: &dyn Display) -> Self {
        Self::Token { code: entry.code, what: format!("{why}\n{}", entry.remedy) }
    }

    pub(crate) fn option(what: impl Into<String>) -> Self {
        Self::Option(what.into())
    }

    /// Tells a port that is taken from other troubles with an address.
    pub(crate) fn listen(address: SocketAddr, flag: &'static str, why: std::io::Error) -> Self {
        if why.kind() == std::io::ErrorKind::AddrInUse {
            let other = address.port().checked_add(1).unwrap_or(8080);
            return Self::Taken { address, flag, other };
        }
        Self::Listen { address, flag, why }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Engine(error) => error.fault(),
            Self::Token { .. } => Fault::Person,
            Self::NoDevProvider { .. } => Fault::Network,
            Self::Unwell { fault, .. } => *fault,
            Self::Bug(_) | Self::Provider(StartError::Keys(_)) => Fault::Bug,
            _ => Fault::Setup,
        }
    }

    /// The table of docs/errors.md.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(code_of(self.fault()))
    }
}

/// The exit code of a fault.
pub(crate) fn code_of(fault: Fault) -> u8 {
    match fault {
        Fault::Person => 2,
        Fault::Provider => 3,
        Fault::Network => 4,
        Fault::Setup => SETUP,
        Fault::Bug => 70,
    }
}

fn with_port(address: &SocketAddr, port: u16) -> SocketAddr {
    SocketAddr::new(address.ip(), port)
}

/// A wrong setting.
pub(crate) const SETUP: u8 = 5;
