//! Access tokens as Keycloak writes them, about 1.2 kB with RS256, and the API that takes them.

use std::sync::Arc;

use anyhow::{Context, Result};
use countersign::outside::{BoxFuture, Failure, Limits, Outside, Transport};
use countersign::protocol;
use countersign::{Issuer, Provider, ResourceServer, Roles, TrustedIssuer};
use countersign_jose::{Algorithm, KeySet, Object, SigningKey};
use serde_json::{Value, json};

/// Who signs them: the last of five keys in its set.
pub struct Signer {
    key: SigningKey,
    jwks: Vec<Object>,
}

impl Signer {
    pub fn new(algorithm: Algorithm) -> Result<Self> {
        let mut jwks = Vec::new();
        for other in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
            jwks.push(SigningKey::generate(other)?.public_jwk());
        }
        let key = SigningKey::generate(algorithm)?;
        jwks.push(key.public_jwk());
        Ok(Self { key, jwks })
    }

    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// The public half of the key that signs.
    pub fn jwk(&self) -> Object {
        self.key.public_jwk()
    }

    pub fn keys(&self) -> KeySet {
        KeySet::from_jwks(self.jwks.iter().cloned())
    }

    /// A good token; each number has its own.
    pub fn token(&self, number: usize) -> Result<String> {
        self.sign(number, 4_102_444_800)
    }

    /// So many good tokens.
    pub fn tokens(&self, many: usize) -> Result<Arc<[String]>> {
        (0..many).map(|number| self.token(number)).collect()
    }

    /// One whose time was over long ago.
    pub fn expired(&self) -> Result<String> {
        self.sign(0, 1_767_225_900)
    }

    fn sign(&self, number: usize, exp: u64) -> Result<String> {
        let header = json!({ "typ": "JWT" }).as_object().cloned().context("an object")?;
        Ok(self.key.sign(&header, claims(number, exp).to_string().as_bytes())?)
    }

    /// An API that takes its tokens and remembers at most so many bytes of them.
    pub fn api(&self, cache_bytes: usize) -> Result<ResourceServer> {
        let provider = Provider::with_keys(Issuer::parse(ISSUER)?, self.keys());
        let issuer = TrustedIssuer::new(provider).roles(Roles::keycloak_client(AUDIENCE));
        let api = ResourceServer::builder([AUDIENCE]).issuer(issuer).cache_bytes(cache_bytes);
        Ok(api.build(Outside::new(Nowhere))?)
    }
}

/// The token with a signature that is well-formed and wrong.
pub fn forged(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
    let mut signature = signature.to_owned().into_bytes();
    // Away from both ends: neither the size nor unused bits change.
    let middle = signature.len() / 2;
    if let Some(letter) = signature.get_mut(middle) {
        *letter = if *letter == b'A' { b'B' } else { b'A' };
    }
    format!("{signed}.{}", String::from_utf8_lossy(&signature))
}

fn claims(number: usize, exp: u64) -> Value {
    json!({
        "exp": exp,
        "iat": 1_767_225_600,
        "jti": format!("5c6a2b1e-8f27-4d55-9a5e-{number:012x}"),
        "iss": ISSUER,
        "aud": [AUDIENCE, "account"],
        "sub": "9f8b2f66-1d0a-4a35-bf0e-9c2a4f6d7e11",
        "typ": "Bearer",
        "azp": "orders-web",
        "sid": "e7b1c9aa-3b52-4b0c-8f2f-7f1d2c3b4a59",
        "acr": "1",
        "realm_access": { "roles": ["offline_access", "uma_authorization", "reader"] },
        "resource_access": {
            AUDIENCE: { "roles": ["orders:read", "orders:write"] },
            "account": { "roles": ["manage-account", "view-profile"] },
        },
        "scope": "openid profile email",
        "email_verified": true,
        "name": "Ada Example",
        "preferred_username": "ada",
        "email": "ada@example.test",
    })
}

/// Nothing is fetched in these figures.
struct Nowhere;

impl Transport for Nowhere {
    fn send(
        &self,
        _: protocol::Request,
        _: Limits,
    ) -> BoxFuture<'_, Result<protocol::Response, Failure>> {
        Box::pin(async { Err(Failure::Unreachable { why: "no network is set up".to_owned() }) })
    }
}

pub const ISSUER: &str = "https://login.example.test/realms/company";
pub const AUDIENCE: &str = "orders-api";
/// What the routes require, which every token has.
pub const SCOPE: &str = "profile";
pub const ROLE: &str = "orders:write";
