//! The few ASN.1 structures that confused tokens need.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_jose::base64url;
use countersign_jose::json::Object;

/// A public JWK as `SubjectPublicKeyInfo` (RFC 5280 section 4.1); empty for unknown kinds.
pub(super) fn public_key(jwk: &Object) -> Vec<u8> {
    let text = |name: &str| jwk.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    let bytes = |name: &str| base64url::decode(text(name)).unwrap_or_default();
    let (algorithm, key) = match (text("kty"), text("crv")) {
        ("RSA", _) => {
            let key = sequence(&[integer(&bytes("n")), integer(&bytes("e"))]);
            (sequence(&[oid(&RSA), vec![0x05, 0x00]]), key)
        }
        ("EC", curve) => {
            let curve = match curve {
                "P-256" => oid(&P256),
                "P-384" => oid(&P384),
                _ => oid(&P521),
            };
            let point = [vec![0x04], bytes("x"), bytes("y")].concat();
            (sequence(&[oid(&EC), curve]), point)
        }
        ("OKP", _) => (sequence(&[oid(&ED25519)]), bytes("x")),
        _ => return Vec::new(),
    };
    let bits = tagged(0x03, &[vec![0x00], key].concat());
    sequence(&[algorithm, bits])
}

/// The same as PEM text.
pub(super) fn pem(jwk: &Object) -> String {
    let encoded = STANDARD.encode(public_key(jwk));
    let mut text = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text + "-----END PUBLIC KEY-----\n"
}

/// An ECDSA signature of RFC 7518 section 3.4 (r and s side by side) as `Ecdsa-Sig-Value`.
pub(super) fn ecdsa(joined: &[u8]) -> Vec<u8> {
    let (r, s) = joined.split_at(joined.len() / 2);
    sequence(&[integer(r), integer(s)])
}

fn sequence(members: &[Vec<u8>]) -> Vec<u8> {
    tagged(0x30, &members.concat())
}

fn oid(encoded: &[u8]) -> Vec<u8> {
    tagged(0x06, encoded)
}

fn integer(unsigned: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = unsigned.iter().copied().skip_while(|byte| *byte == 0).collect();
    if bytes.first().is_none_or(|byte| *byte >= 0x80) {
        bytes.insert(0, 0);
    }
    tagged(0x02, &bytes)
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let long: Vec<u8> =
                length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            bytes.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            bytes.extend(long);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: [u8; 5] = [0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: [u8; 5] = [0x2b, 0x81, 0x04, 0x00, 0x23];
const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];
