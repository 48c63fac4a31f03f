//! Keys that check.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    ParsedPublicKey, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    VerificationAlgorithm,
};
use aws_lc_rs::{hmac, rsa};

use super::Curve;
use crate::algorithm::Algorithm;

/// What a key checks, ready for each of its algorithms.
#[derive(Clone)]
pub(crate) struct Verifier {
    checks: Vec<(Algorithm, Check)>,
}

#[derive(Clone)]
enum Check {
    Signature(ParsedPublicKey),
    Mac(Box<hmac::Key>),
}

impl Verifier {
    /// The caller has settled the sizes of both numbers, and that they are odd.
    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Option<Self> {
        let numbers: RsaPublicKeyComponents<&[u8]> = rsa::PublicKeyComponents { n, e };
        let checks = RSA
            .iter()
            .map(|(algorithm, parameters)| {
                let key = numbers.to_parsed_public_key(parameters).ok()?;
                Some((*algorithm, Check::Signature(key)))
            })
            .collect::<Option<_>>()?;
        Some(Self { checks })
    }

    /// Below the size that any algorithm allows, for RS256 alone.
    pub(crate) fn small_rsa(n: &[u8], e: &[u8]) -> Option<Self> {
        let numbers: RsaPublicKeyComponents<&[u8]> = rsa::PublicKeyComponents { n, e };
        let library = &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
        let key = numbers.to_parsed_public_key(library).ok()?;
        Some(Self { checks: vec![(Algorithm::Rs256, Check::Signature(key))] })
    }

    /// Of an uncompressed point; `None` if it is not on the curve.
    pub(crate) fn ec(curve: Curve, point: &[u8]) -> Option<Self> {
        let (algorithm, library): (_, &'static dyn VerificationAlgorithm) = match curve {
            Curve::P256 => (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED),
            Curve::P384 => (Algorithm::Es384, &ECDSA_P384_SHA384_FIXED),
            Curve::P521 => (Algorithm::Es512, &ECDSA_P521_SHA512_FIXED),
        };
        Self::single(algorithm, library, point)
    }

    pub(crate) fn ed25519(point: &[u8]) -> Option<Self> {
        Self::single(Algorithm::EdDsa, &ED25519, point)
    }

    pub(crate) fn mac(secret: &[u8]) -> Self {
        let check = |(algorithm, library): &(Algorithm, hmac::Algorithm)| {
            (*algorithm, Check::Mac(Box::new(hmac::Key::new(*library, secret))))
        };
        Self { checks: MAC.iter().map(check).collect() }
    }

    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Algorithm> + '_ {
        self.checks.iter().map(|(algorithm, _)| *algorithm)
    }

    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.algorithms().any(|own| own == algorithm)
    }

    /// Leaves this algorithm only; `false` if the key never had it.
    pub(crate) fn restrict(&mut self, algorithm: Algorithm) -> bool {
        self.checks.retain(|(own, _)| *own == algorithm);
        !self.checks.is_empty()
    }

    /// Whether the key made this signature. Lengths and ranges (RFC 7518 §3.4: r and s as two
    /// numbers of fixed length) are the library's to check.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let check = self.checks.iter().find(|(own, _)| *own == algorithm);
        match check {
            Some((_, Check::Signature(key))) => key.verify_sig(message, signature).is_ok(),
            Some((_, Check::Mac(key))) => hmac::verify(key, message, signature).is_ok(),
            None => false,
        }
    }

    fn single(
        algorithm: Algorithm,
        library: &'static dyn VerificationAlgorithm,
        point: &[u8],
    ) -> Option<Self> {
        let key = ParsedPublicKey::new(library, point).ok()?;
        Some(Self { checks: vec![(algorithm, Check::Signature(key))] })
    }
}

static RSA: &[(Algorithm, &RsaParameters)] = &[
    (Algorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256),
    (Algorithm::Rs384, &RSA_PKCS1_2048_8192_SHA384),
    (Algorithm::Rs512, &RSA_PKCS1_2048_8192_SHA512),
    // The salt is as long as the digest (RFC 7518 §3.5), which is the library's default.
    (Algorithm::Ps256, &RSA_PSS_2048_8192_SHA256),
    (Algorithm::Ps384, &RSA_PSS_2048_8192_SHA384),
    (Algorithm::Ps512, &RSA_PSS_2048_8192_SHA512),
];

static MAC: &[(Algorithm, hmac::Algorithm)] = &[
    (Algorithm::Hs256, hmac::HMAC_SHA256),
    (Algorithm::Hs384, hmac::HMAC_SHA384),
    (Algorithm::Hs512, hmac::HMAC_SHA512),
];
