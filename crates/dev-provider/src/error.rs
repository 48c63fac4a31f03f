//! Why a provider does not start.

use std::net::SocketAddr;

use countersign_jose::SigningError;
use countersign_protocol::{Code, Fault};

pub use self::table::CODES;
use self::table::*;

/// Why a provider did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The development provider would be reachable from elsewhere.
    #[error(
        "{address} can be reached from other machines, and anybody can log in to a development \
         provider as anybody; listen on 127.0.0.1, or say danger_listen_anywhere"
    )]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address can't be listened on.
    #[error("cannot listen on {address}: {source}; the setting `listen` decides (port 0: any)")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The issuer is no `http` or `https` URL without query and fragment.
    #[error("issuer {issuer:?} is not an http or https address without query and fragment")]
    Issuer {
        /// What was set.
        issuer: String,
    },
    /// The file of users can't be used.
    #[error("users file {path}: {reason}")]
    UsersFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No asymmetric algorithm is left to sign with.
    #[error("signing_algorithms must name at least one asymmetric algorithm, as RS256")]
    Algorithms,
    /// The machine could not make keys.
    #[error("cannot make signing keys: {0}")]
    Keys(#[from] SigningError),
}

impl StartError {
    /// The stable code with its documentation.
    pub fn code(&self) -> &'static str {
        self.entry().code
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        self.entry().fault
    }

    fn entry(&self) -> &'static Code {
        match self {
            Self::NotLoopback { .. } => &NOT_LOOPBACK,
            Self::Listen { .. } => &LISTEN,
            Self::Issuer { .. } => &ISSUER,
            Self::UsersFile { .. } => &USERS_FILE,
            Self::Algorithms => &ALGORITHMS,
            Self::Keys(_) => &KEYS,
        }
    }
}

mod table {
    countersign_protocol::codes! {
        NOT_LOOPBACK = "dev_provider.not_loopback", Setup, "The development provider would be reachable from other machines.", "Listen on 127.0.0.1 or [::1]. Anybody who reaches a development provider can log in as anybody; danger_listen_anywhere allows it all the same.";
        LISTEN = "dev_provider.listen", Setup, "The development provider can't listen where it should.", "Is another program on that port? Set another address; port 0 takes any that is free.";
        ISSUER = "dev_provider.issuer", Setup, "The development provider's issuer can't be used.", "An absolute http or https URL without query and fragment.";
        USERS_FILE = "dev_provider.users_file", Setup, "The file of users can't be used.", "The message names the line. The name ends in .toml or .json; each user has a username and may have password, sub and claims.";
        ALGORITHMS = "dev_provider.algorithms", Setup, "The development provider has no algorithm to sign with.", "Name at least one asymmetric algorithm, such as RS256.";
        KEYS = "dev_provider.keys", Bug, "The development provider can't make signing keys.", "The crypto library refused; the message says what it knows.";
    }
}
