//! Whose certificates are trusted.

use std::fmt;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::error::TransportError;

/// Certificates of the authorities that are trusted.
pub struct TrustAnchors {
    certificates: Vec<CertificateDer<'static>>,
}

impl TrustAnchors {
    /// Those of this system. A system without any, such as a bare container, is no error yet:
    /// plain http to a loopback provider needs none.
    ///
    /// # Errors
    /// [`TransportError`] when they are there and can't be read.
    pub fn of_system() -> Result<Self, TransportError> {
        let found = rustls_native_certs::load_native_certs();
        if let (true, Some(error)) = (found.certs.is_empty(), found.errors.first()) {
            return Err(TransportError::Tls { why: error.to_string() });
        }
        Ok(Self { certificates: found.certs.into_iter().filter(is_usable).collect() })
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
        let before = self.certificates.len();
        self.certificates.extend(certificates.into_iter().filter(is_usable));
        if self.certificates.len() == before {
            return Err(unreadable("it holds no certificate in PEM form".to_owned()));
        }
        Ok(self)
    }

    #[cfg(feature = "hyper")]
    pub(crate) fn into_tls(self) -> Result<rustls::ClientConfig, TransportError> {
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TransportError::Tls { why: error.to_string() })?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.certificates);
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn into_certificates(self) -> Vec<CertificateDer<'static>> {
        self.certificates
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} trust anchors", self.certificates.len())
    }
}

/// Systems keep certificates that no modern verifier can read.
fn is_usable(certificate: &CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}
