//! Tokens that are bound to the client's TLS certificate (RFC 8705 section 3).

use countersign_jose::{base64url, constant_time_eq, digest};

/// Whether this certificate is the one that a token's `cnf` names as `x5t#S256`: the SHA-256 of
/// its DER form in base64url (RFC 8705 section 3.1).
///
/// The certificate must be the one of the connection that the token came over, as whoever ended TLS
/// knows it. A header says so only where a proxy sets it and takes out what a client wrote.
///
/// ```
/// use countersign_protocol::bearer::certificate::matches_certificate;
/// use countersign_protocol::jose::{base64url, digest};
///
/// let der = b"the certificate's bytes";
/// let named = base64url::encode(&digest::sha256(der));
/// assert!(matches_certificate(der, &named));
/// assert!(!matches_certificate(b"another's", &named));
/// ```
#[must_use]
pub fn matches_certificate(der: &[u8], x5t_s256: &str) -> bool {
    let print = base64url::encode(&digest::sha256(der));
    constant_time_eq(print.as_bytes(), x5t_s256.as_bytes())
}
