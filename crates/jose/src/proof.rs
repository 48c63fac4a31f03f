//! Tokens that bring the key that checks them (RFC 9449 §4.2): proof that the sender holds a
//! private key, and of nothing else. Who that is follows from where else the thumbprint stands.

use crate::algorithm::Allowed;
use crate::compact::Jws;
use crate::error::SignatureError;
use crate::header::shown;
use crate::json::Object;
use crate::key::{Key, KeyError};
use crate::thumbprint;
use crate::verify::Payload;

/// A token that was signed with the key in its own header.
///
/// ```compile_fail
/// # use countersign_jose::proof::SelfSigned;
/// fn forge(proof: SelfSigned) -> SelfSigned {
///     SelfSigned { thumbprint: "another".to_owned(), ..proof }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct SelfSigned {
    /// What was signed.
    pub payload: Payload,
    /// The public key, as it stands in the header.
    pub jwk: Object,
    /// The key's SHA-256 thumbprint (RFC 7638), as `cnf.jkt` has it (RFC 9449 §6.1).
    pub thumbprint: String,
}

/// Checks a token's signature with the public key in its own header, as a DPoP proof asks for.
///
/// Anybody can make such a token. It takes a token of another kind, checked with a provider's keys,
/// to give the thumbprint a meaning. Of `allowed` only signatures count, as a shared secret proves
/// nothing here.
///
/// ```
/// use countersign_jose::{Algorithm, Allowed, Object, SigningKey, proof, thumbprint};
///
/// let key = SigningKey::generate(Algorithm::Es256)?;
/// let mut header = Object::new();
/// header.insert("typ".into(), "dpop+jwt".into());
/// header.insert("jwk".into(), key.public_jwk().into());
/// let token = key.sign(&header, br#"{"htm":"GET"}"#)?;
///
/// let proof = proof::verify(&token, &Allowed::asymmetric())?;
/// assert!(proof.payload.typ_is("dpop+jwt"));
/// assert_eq!(proof.thumbprint, thumbprint(&key.public_jwk())?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`Jws::parse`]; an algorithm that is not allowed; no `jwk` in the header, one that is no
/// usable public key, or one with private members (RFC 9449 §4.3); a signature by another key.
pub fn verify(token: &str, allowed: &Allowed) -> Result<SelfSigned, SignatureError> {
    let jws = Jws::parse(token)?;
    let alg = jws.algorithm();
    if alg.is_mac() || !allowed.contains(alg) {
        return Err(SignatureError::AlgorithmNotAllowed { got: alg, allowed: *allowed });
    }
    let jwk = jws.own_key()?.ok_or(SignatureError::NoOwnKey)?;
    let (key, thumbprint) = public(&jwk).map_err(SignatureError::OwnKey)?;
    if !key.fits(alg) {
        return Err(SignatureError::OwnKey(KeyError::AlgorithmMismatch { alg, kty: key.kty() }));
    }
    if !key.verifies(alg, jws.signing_input(), jws.signature()) {
        return Err(SignatureError::BadSignature { kid: shown(jws.kid()), alg });
    }
    Ok(SelfSigned { payload: jws.signed_by(&key)?, jwk, thumbprint })
}

fn public(jwk: &Object) -> Result<(Key, String), KeyError> {
    if let Some(member) = PRIVATE.into_iter().find(|member| jwk.contains_key(*member)) {
        return Err(KeyError::Private { member });
    }
    Ok((Key::from_jwk(jwk)?, thumbprint(jwk)?))
}

/// RFC 7518 §6.2.2, §6.3.2 and §6.4.1, RFC 8037 §2.
const PRIVATE: [&str; 8] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];
