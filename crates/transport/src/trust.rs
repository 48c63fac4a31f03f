//! Whose certificates are trusted.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::error::TransportError;

/// Certificates of the authorities that are trusted.
pub struct TrustAnchors {
    roots: RootCertStore,
}

impl TrustAnchors {
    /// Those of this system. A system without any, such as a bare container, is no error yet:
    /// plain http to a loopback provider needs none.
    ///
    /// # Errors
    /// [`TransportError`] when they are there and can't be read.
    pub fn of_system() -> Result<Self, TransportError> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        if let (true, Some(error)) = (found.certs.is_empty(), found.errors.first()) {
            return Err(TransportError::Tls { why: error.to_string() });
        }
        roots.add_parsable_certificates(found.certs);
        Ok(Self { roots })
    }

    /// Besides these, those in a PEM file: for a private authority.
    ///
    /// # Errors
    /// [`TransportError`] when the file can't be read or holds no certificate.
    pub fn and_file(mut self, path: &Path) -> Result<Self, TransportError> {
        let unreadable = |why: String| TransportError::File { path: path.to_owned(), why };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unreadable(error.to_string()))?;
        let (added, _) = self.roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(unreadable("it holds no certificate in PEM form".to_owned()));
        }
        Ok(self)
    }

    pub(crate) fn into_tls(self) -> Result<ClientConfig, TransportError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TransportError::Tls { why: error.to_string() })?;
        Ok(config.with_root_certificates(self.roots).with_no_client_auth())
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} trust anchors", self.roots.len())
    }
}
