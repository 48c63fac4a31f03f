//! Why the door could not be opened.

use std::path::PathBuf;

use countersign_protocol::{Code, error};

/// Why no transport could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// TLS can't be set up.
    #[error("TLS can't be set up: {why}")]
    Tls {
        /// What is wrong.
        why: String,
    },
    /// A file of trust anchors.
    #[error("the trust anchors in {} can't be read: {why}", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl TransportError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        &error::SETUP_TRANSPORT
    }
}
