//! Keys that everybody knows: those of the specifications' examples, and one made for this.

use countersign_jose::{Algorithm, SigningKey, json};

/// RFC 8037, appendix A.1.
#[must_use]
pub fn ed25519() -> SigningKey {
    jwk(br#"{"kty":"OKP","crv":"Ed25519","kid":"ed",
        "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)
}

/// RFC 7515, appendix A.3.1.
#[must_use]
pub fn p256() -> SigningKey {
    jwk(br#"{"kty":"EC","crv":"P-256","kid":"ec",
        "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#)
}

/// 2048 bits, made for this corpus.
#[must_use]
pub fn rsa() -> SigningKey {
    SigningKey::from_pem(include_str!("../../corpus/private_key/good-rsa-pkcs8.pem"))
        .expect("the file holds a key")
        .with_kid("rsa")
}

/// The shared secret, for HS256.
#[must_use]
pub fn secret() -> SigningKey {
    SigningKey::from_secret(SECRET, Algorithm::Hs256).expect("it has bytes")
}

fn jwk(text: &[u8]) -> SigningKey {
    let jwk = json::object(text).expect("the example is JSON");
    SigningKey::from_jwk(&jwk).expect("the example is a key")
}

/// The secret's bytes.
pub const SECRET: &[u8] = b"a secret of the fuzz targets, known to all";
