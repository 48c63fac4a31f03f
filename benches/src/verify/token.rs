//! The token that is checked and the key set that it is checked with.

use anyhow::{Context, Result};
use countersign_jose::{Algorithm, KeySet, Object, SigningKey};
use serde_json::json;

pub struct Sample {
    pub token: String,
    pub keys: KeySet,
    pub key: Object,
    pub algorithm: Algorithm,
}

impl Sample {
    /// A token signed with a new key, which is the last of five in its set.
    pub fn new(algorithm: Algorithm) -> Result<Self> {
        let mut jwks = Vec::new();
        for other in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
            jwks.push(SigningKey::generate(other)?.public_jwk());
        }
        let signing = SigningKey::generate(algorithm)?;
        let key = signing.public_jwk();
        jwks.push(key.clone());
        let header = json!({ "typ": "JWT" }).as_object().cloned().context("an object")?;
        let token = signing.sign(&header, claims().as_bytes())?;
        Ok(Self { token, keys: KeySet::from_jwks(jwks), key, algorithm })
    }

    /// The token with a signature that is well-formed and wrong: that of the token with other claims.
    pub fn forged(&self) -> String {
        let (signed, signature) = self.token.rsplit_once('.').unwrap_or_default();
        let mut signature = signature.to_owned().into_bytes();
        // Away from both ends: neither the size nor unused bits change.
        let middle = signature.len() / 2;
        if let Some(letter) = signature.get_mut(middle) {
            *letter = if *letter == b'A' { b'B' } else { b'A' };
        }
        format!("{signed}.{}", String::from_utf8_lossy(&signature))
    }
}

fn claims() -> String {
    json!({
        "exp": 4_102_444_800_u64,
        "iat": 1_767_225_600,
        "jti": "5c6a2b1e-8f27-4d55-9a5e-0c7d5b3f1e90",
        "iss": "https://login.example.test/realms/company",
        "aud": ["orders-api", "account"],
        "sub": "9f8b2f66-1d0a-4a35-bf0e-9c2a4f6d7e11",
        "typ": "Bearer",
        "azp": "orders-web",
        "sid": "e7b1c9aa-3b52-4b0c-8f2f-7f1d2c3b4a59",
        "acr": "1",
        "realm_access": { "roles": ["offline_access", "uma_authorization", "reader"] },
        "resource_access": {
            "orders-api": { "roles": ["orders:read", "orders:write"] },
            "account": { "roles": ["manage-account", "view-profile"] },
        },
        "scope": "openid profile email",
        "email_verified": true,
        "name": "Ada Example",
        "preferred_username": "ada",
        "email": "ada@example.test",
    })
    .to_string()
}
