//! Private JWKs (RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2), for signing.

use super::error::KeyError;
use super::rsa::significant;
use super::{KeyType, ec, member, oct, okp};
use crate::algorithm::Algorithm;
use crate::backend::{RsaNumbers, Signer};
use crate::error::{SigningError, cut};
use crate::json::Object;

/// The key, the algorithm it is for and its name.
pub(crate) fn read(jwk: &Object) -> Result<(Signer, Algorithm, Option<String>), SigningError> {
    let signer = match member::required(jwk, "kty")? {
        "RSA" => rsa(jwk)?,
        "EC" => {
            let curve = ec::curve(jwk)?;
            let d = member::exact(jwk, "d", curve.bytes())?;
            Signer::ec(curve, &d, &ec::point(jwk, curve)?)
                .ok_or(KeyError::Invalid { kty: KeyType::Ec })?
        }
        "OKP" => {
            okp::curve(jwk)?;
            let d = member::exact(jwk, "d", okp::LENGTH)?;
            let x = member::exact(jwk, "x", okp::LENGTH)?;
            Signer::ed25519(&d, &x).ok_or(KeyError::Invalid { kty: KeyType::Okp })?
        }
        "oct" => Signer::mac(&oct::secret(jwk)?),
        other => return Err(KeyError::UnknownType { kty: cut(other) }.into()),
    };
    if let Some(usage) = member::text(jwk, "use")?
        && usage != "sig"
    {
        return Err(KeyError::Usage { usage: cut(usage) }.into());
    }
    let algorithm = super::algorithm(jwk)?.unwrap_or_else(|| signer.natural_algorithm());
    let kid = member::text(jwk, "kid")?.map(str::to_owned);
    Ok((signer, algorithm, kid))
}

fn rsa(jwk: &Object) -> Result<Signer, KeyError> {
    // The library is content with smaller numbers than the public half must have.
    super::rsa::public(jwk, super::rsa::MIN_BITS)?;
    let (n, e) = (member::bytes(jwk, "n")?, member::bytes(jwk, "e")?);
    let numbers = RsaNumbers {
        n: significant(&n),
        e: significant(&e),
        d: &member::bytes(jwk, "d")?,
        p: &member::bytes(jwk, "p")?,
        q: &member::bytes(jwk, "q")?,
        dp: &member::bytes(jwk, "dp")?,
        dq: &member::bytes(jwk, "dq")?,
        qi: &member::bytes(jwk, "qi")?,
    };
    Signer::rsa(&numbers).ok_or(KeyError::Invalid { kty: KeyType::Rsa })
}
