//! PEM (RFC 7468), as far as private keys need it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::backend::Signer;
use crate::error::SigningError;

/// The first private key among the blocks. Others may stand before it: OpenSSL writes the curve
/// of an EC key into one of its own, and files often hold certificates beside the key.
pub(crate) fn private_key(text: &str) -> Result<Signer, SigningError> {
    let mut got = "no PEM block at all";
    let mut rest = text;
    while let Some((label, body, after)) = block(rest) {
        let read = match label {
            "PRIVATE KEY" => Signer::pkcs8,
            "RSA PRIVATE KEY" => Signer::pkcs1,
            "EC PRIVATE KEY" => Signer::sec1,
            "ENCRYPTED PRIVATE KEY" => return Err(SigningError::EncryptedPem),
            "PUBLIC KEY" | "RSA PUBLIC KEY" => {
                (got, rest) = ("a public key", after);
                continue;
            }
            "CERTIFICATE" => {
                (got, rest) = ("a certificate", after);
                continue;
            }
            _ => {
                (got, rest) = ("another kind of PEM block", after);
                continue;
            }
        };
        // RFC 1421 §4.6: the old way to encrypt, with headers inside the block.
        if body.contains("Proc-Type:") {
            return Err(SigningError::EncryptedPem);
        }
        return decode(body).and_then(|der| read(&der)).ok_or(SigningError::Rejected);
    }
    Err(SigningError::Pem { got })
}

/// Label, body and what follows.
fn block(text: &str) -> Option<(&str, &str, &str)> {
    let (_, begun) = text.split_once("-----BEGIN ")?;
    let (label, begun) = begun.split_once("-----")?;
    let (body, ended) = begun.split_once("-----END ")?;
    let (_, after) = ended.split_once("-----")?;
    Some((label, body, after))
}

fn decode(body: &str) -> Option<Zeroizing<Vec<u8>>> {
    let packed: Zeroizing<Vec<u8>> =
        Zeroizing::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    STANDARD.decode(&*packed).ok().map(Zeroizing::new)
}
