//! Why the door could not be opened.

use std::path::PathBuf;

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
