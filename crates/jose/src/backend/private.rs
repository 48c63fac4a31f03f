//! Keys that sign.

use aws_lc_rs::encoding::{AsBigEndian, EcPublicKeyUncompressedBin};
use aws_lc_rs::rand::SecureRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{hmac, rsa};
use serde_json::Value;
use zeroize::Zeroizing;

use super::Curve;
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::json::Object;

pub(crate) enum Signer {
    Rsa(RsaKeyPair),
    Ec(Curve, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Mac(Zeroizing<Vec<u8>>),
}

/// Big-endian, named as RFC 7518 §6.3 names them.
pub(crate) struct RsaNumbers<'n> {
    pub(crate) n: &'n [u8],
    pub(crate) e: &'n [u8],
    pub(crate) d: &'n [u8],
    pub(crate) p: &'n [u8],
    pub(crate) q: &'n [u8],
    pub(crate) dp: &'n [u8],
    pub(crate) dq: &'n [u8],
    pub(crate) qi: &'n [u8],
}

impl Signer {
    /// A new key pair; `None` for MACs, or if the library fails.
    pub(crate) fn generate(algorithm: Algorithm) -> Option<Self> {
        let curve = match algorithm {
            Algorithm::Es256 => Curve::P256,
            Algorithm::Es384 => Curve::P384,
            Algorithm::Es512 => Curve::P521,
            Algorithm::EdDsa => return Ed25519KeyPair::generate().ok().map(Self::Ed25519),
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => return None,
            _ => return RsaKeyPair::generate(rsa::KeySize::Rsa2048).ok().map(Self::Rsa),
        };
        let pair = EcdsaKeyPair::generate(curve.signing()).ok()?;
        Some(Self::Ec(curve, pair))
    }

    /// PKCS#8 (RFC 5958), of any supported kind.
    pub(crate) fn pkcs8(der: &[u8]) -> Option<Self> {
        let rsa = || RsaKeyPair::from_pkcs8(der).ok().map(Self::Rsa);
        let ec = |curve: Curve| {
            let pair = EcdsaKeyPair::from_pkcs8(curve.signing(), der).ok()?;
            Some(Self::Ec(curve, pair))
        };
        let ed25519 = || Ed25519KeyPair::from_pkcs8(der).ok().map(Self::Ed25519);
        rsa().or_else(|| CURVES.into_iter().find_map(ec)).or_else(ed25519)
    }

    /// `RSAPrivateKey` (RFC 8017, appendix A.1.2).
    pub(crate) fn pkcs1(der: &[u8]) -> Option<Self> {
        RsaKeyPair::from_der(der).ok().map(Self::Rsa)
    }

    /// `ECPrivateKey` (RFC 5915).
    pub(crate) fn sec1(der: &[u8]) -> Option<Self> {
        CURVES.into_iter().find_map(|curve| {
            let pair = EcdsaKeyPair::from_private_key_der(curve.signing(), der).ok()?;
            Some(Self::Ec(curve, pair))
        })
    }

    /// The library checks that the numbers belong together.
    pub(crate) fn rsa(numbers: &RsaNumbers<'_>) -> Option<Self> {
        let components = rsa::KeyPairComponents {
            public_key: rsa::PublicKeyComponents { n: numbers.n, e: numbers.e },
            d: numbers.d,
            p: numbers.p,
            q: numbers.q,
            dP: numbers.dp,
            dQ: numbers.dq,
            qInv: numbers.qi,
        };
        RsaKeyPair::from_components(&components).ok().map(Self::Rsa)
    }

    /// The library checks that the point belongs to the number.
    pub(crate) fn ec(curve: Curve, number: &[u8], point: &[u8]) -> Option<Self> {
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(curve.signing(), number, point).ok()?;
        Some(Self::Ec(curve, pair))
    }

    /// The library checks that the point belongs to the seed.
    pub(crate) fn ed25519(seed: &[u8], point: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_seed_and_public_key(seed, point).ok().map(Self::Ed25519)
    }

    pub(crate) fn mac(secret: &[u8]) -> Self {
        Self::Mac(Zeroizing::new(secret.to_vec()))
    }

    /// What the key signs with unless told otherwise.
    pub(crate) const fn natural_algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rs256,
            Self::Ec(Curve::P256, _) => Algorithm::Es256,
            Self::Ec(Curve::P384, _) => Algorithm::Es384,
            Self::Ec(Curve::P521, _) => Algorithm::Es512,
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::Mac(_) => Algorithm::Hs256,
        }
    }

    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa(_) => rsa_encoding(algorithm).is_some(),
            Self::Mac(_) => algorithm.is_mac(),
            _ => self.natural_algorithm() == algorithm,
        }
    }

    /// `None` if the algorithm does not fit, or if the library fails.
    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(pair) => {
                let encoding = rsa_encoding(algorithm)?;
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &library_random(), message, &mut signature).ok()?;
                Some(signature)
            }
            Self::Ec(_, pair) => {
                let signature = pair.sign(&library_random(), message).ok()?;
                Some(signature.as_ref().to_vec())
            }
            Self::Ed25519(pair) => Some(pair.try_sign(message).ok()?.as_ref().to_vec()),
            Self::Mac(secret) => {
                let key = hmac::Key::new(mac(algorithm)?, secret);
                Some(hmac::sign(&key, message).as_ref().to_vec())
            }
        }
    }

    /// The members that make the public key, without `k` of a shared secret.
    pub(crate) fn public_members(&self) -> Object {
        let text = |bytes: &[u8]| Value::String(base64url::encode(bytes));
        match self {
            Self::Rsa(pair) => {
                let public = pair.public_key();
                members([
                    ("kty", "RSA".into()),
                    ("n", text(public.modulus().big_endian_without_leading_zero())),
                    ("e", text(public.exponent().big_endian_without_leading_zero())),
                ])
            }
            Self::Ec(curve, pair) => {
                let point: EcPublicKeyUncompressedBin<'_> =
                    pair.public_key().as_be_bytes().expect("the pair holds its point in this form");
                let coordinates = point.as_ref().get(1..).unwrap_or_default();
                let (x, y) = coordinates.split_at(coordinates.len() / 2);
                members([
                    ("kty", "EC".into()),
                    ("crv", curve.name().into()),
                    ("x", text(x)),
                    ("y", text(y)),
                ])
            }
            Self::Ed25519(pair) => members([
                ("kty", "OKP".into()),
                ("crv", "Ed25519".into()),
                ("x", text(pair.public_key().as_ref())),
            ]),
            Self::Mac(_) => members([("kty", "oct".into())]),
        }
    }
}

impl Curve {
    const fn signing(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_FIXED_SIGNING,
        }
    }
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Object {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn rsa_encoding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    Some(match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &RSA_PSS_SHA256,
        Algorithm::Ps384 => &RSA_PSS_SHA384,
        Algorithm::Ps512 => &RSA_PSS_SHA512,
        _ => return None,
    })
}

const fn mac(algorithm: Algorithm) -> Option<hmac::Algorithm> {
    Some(match algorithm {
        Algorithm::Hs256 => hmac::HMAC_SHA256,
        Algorithm::Hs384 => hmac::HMAC_SHA384,
        Algorithm::Hs512 => hmac::HMAC_SHA512,
        _ => return None,
    })
}

/// The signing calls ask for a source of randomness and then use the library's own.
#[expect(
    clippy::disallowed_types,
    reason = "nonces of signatures are the library's affair; nothing else is drawn from here"
)]
fn library_random() -> impl SecureRandom {
    aws_lc_rs::rand::SystemRandom::new()
}

const CURVES: [Curve; 3] = [Curve::P256, Curve::P384, Curve::P521];
