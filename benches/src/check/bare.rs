//! The cryptographic library alone: its key parsed once, signing input and signature at hand.

use anyhow::{Context, Result, bail};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
};
use countersign_jose::{Algorithm, base64url};

use crate::tokens::Signer;

pub struct Bare {
    key: ParsedPublicKey,
}

/// What a signature is over, and the signature.
pub struct Parts {
    input: Vec<u8>,
    signature: Vec<u8>,
}

impl Bare {
    pub fn new(signer: &Signer) -> Result<Self> {
        let jwk = signer.jwk();
        let member = |name: &str| -> Result<Vec<u8>> {
            let text = jwk.get(name).and_then(|value| value.as_str());
            Ok(base64url::decode(text.context("a member of the key")?)?)
        };
        let key = match signer.algorithm() {
            Algorithm::Rs256 => PublicKeyComponents { n: member("n")?, e: member("e")? }
                .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)?,
            Algorithm::Es256 => {
                let point = [vec![4], member("x")?, member("y")?].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)?
            }
            Algorithm::EdDsa => ParsedPublicKey::new(&ED25519, member("x")?)?,
            other => bail!("no baseline for {other}"),
        };
        Ok(Self { key })
    }

    pub fn parts(&self, token: &str) -> Parts {
        let (input, signature) = token.rsplit_once('.').unwrap_or_default();
        let signature = base64url::decode(signature).unwrap_or_default();
        Parts { input: input.as_bytes().to_vec(), signature }
    }

    pub fn verify(&self, parts: &Parts) -> bool {
        self.key.verify_sig(&parts.input, &parts.signature).is_ok()
    }

    pub fn holds(&self, token: &str) -> bool {
        self.verify(&self.parts(token))
    }
}
