//! The codes of `countersign-jose`, which stands below this table and knows nothing of it.
//!
//! Those of refused tokens stand in [`crate::error`]. These say why a key was skipped or refused
//! and why a JSON text can't be read: they appear in logs and in `countersign discover`.

crate::codes! {
    JSON_ENCODING = "json.encoding", Provider, "A JSON text is not UTF-8.", "RFC 8259 section 8.1 knows no other encoding.";
    JSON_SYNTAX = "json.syntax", Provider, "A JSON text breaks the grammar.", "The message names the place.";
    JSON_NOT_AN_OBJECT = "json.not_an_object", Provider, "A JSON text is something else than an object.", "An object in braces is expected.";
    JSON_DUPLICATE_MEMBER = "json.duplicate_member", Provider, "A JSON object names a member twice.", "Two readers could take it differently, so it is refused.";
    JSON_TOO_DEEP = "json.too_deep", Provider, "A JSON text is nested too deeply.", "32 levels are read.";
    JSON_TOO_MANY = "json.too_many", Provider, "A JSON text has too many values.", "50,000 values are read.";
    JSON_TOO_LONG = "json.too_long", Provider, "A JSON text is too long.", "16 MiB are read.";
    JSON_RESERVED_MEMBER = "json.reserved_member", Provider, "A JSON object has a member whose name some readers use for themselves.", "Choose another name; the message does not repeat it.";
    KEYS_MALFORMED = "keys.malformed", Provider, "A key set is none.", "It is a JSON object with a `keys` array (RFC 7517 section 5).";
    KEYS_TOO_LARGE = "keys.too_large", Provider, "A key set is too large.", "512 KiB are read.";
    KEYS_TOO_MANY = "keys.too_many", Provider, "A key set has too many keys.", "64 keys are read.";
    KEYS_SECRET_EMPTY = "keys.secret_empty", Setup, "A secret is empty.", "HS256 to HS512 need the client secret.";
    KEY_NOT_AN_OBJECT = "key.not_an_object", Provider, "A key is something else than a JSON object.", "RFC 7517 section 4 describes one.";
    KEY_MISSING = "key.missing", Provider, "A key lacks a member.", "The message names it (RFC 7518 section 6).";
    KEY_MALFORMED = "key.malformed", Provider, "A member of a key has a wrong form.", "The message names it (RFC 7518 section 6).";
    KEY_TYPE = "key.type", Provider, "A key is of an unknown type.", "RSA, EC and OKP are known.";
    KEY_CURVE = "key.curve", Provider, "A key lies on an unknown curve.", "P-256, P-384, P-521 and Ed25519 are known.";
    KEY_ALGORITHM = "key.algorithm", Provider, "A key is for an unknown algorithm.", "RS, PS and ES 256 to 512 and EdDSA are known.";
    KEY_ALGORITHM_MISMATCH = "key.algorithm_mismatch", Provider, "The algorithm of a key does not go with its type.", "An EC key's curve fixes its algorithm (RFC 7518 section 3.4).";
    KEY_SYMMETRIC = "key.symmetric", Provider, "A public key set holds a secret key.", "Such a key is never used: everybody can read it. The provider should take it out at once.";
    KEY_PRIVATE = "key.private", Provider, "A private key stands where a public one belongs.", "Leave its private members out (RFC 7518 section 6), and take the key out of use: whoever saw it can sign.";
    KEY_USE = "key.use", Provider, "A key is for something else than signatures.", "`use` is `sig` or absent.";
    KEY_OPERATIONS = "key.operations", Provider, "A key may not check signatures.", "`key_ops` holds `verify` or is absent.";
    KEY_RSA_SIZE = "key.rsa_size", Provider, "An RSA key is too small or too large.", "2,048 to 8,192 bits are accepted.";
    KEY_RSA_EXPONENT = "key.rsa_exponent", Provider, "The public exponent of an RSA key is weak.", "It is odd, at least 3 and at most 33 bits long.";
    KEY_INVALID = "key.invalid", Provider, "A key is none.", "Its numbers don't form a key, such as a point that is not on its curve.";
    SIGNING_PEM = "signing.pem", Setup, "A private key can't be read.", "PEM with PRIVATE KEY (PKCS #8), RSA PRIVATE KEY or EC PRIVATE KEY.";
    SIGNING_PEM_ENCRYPTED = "signing.pem_encrypted", Setup, "A private key is encrypted.", "Decrypt it first, for example with `openssl pkey`.";
    SIGNING_KEY_REJECTED = "signing.key_rejected", Setup, "A private key can't be used.", "RSA from 2,048 bits, P-256, P-384, P-521 or Ed25519.";
    SIGNING_SECRET_EMPTY = "signing.secret_empty", Setup, "A secret to sign with is empty.", "client_secret_jwt needs the client secret.";
    SIGNING_ALGORITHM = "signing.algorithm", Setup, "A key can't sign with that algorithm.", "An RSA key signs RS and PS, a P-256 key ES256, and so on.";
    SIGNING_HEADER = "signing.header", Bug, "A header sets what the signer sets.", "`alg`, `kid`, `crit` and `b64` are not for the caller.";
    SIGNING_LIBRARY = "signing.library", Bug, "The crypto library refused to sign.", "Please report it.";
    SETUP_ALGORITHMS_EMPTY = "setup.algorithms_empty", Setup, "No algorithm is allowed.", "Allow at least one.";
    SETUP_ALGORITHMS_MIXED = "setup.algorithms_mixed", Setup, "Secrets and signatures are allowed together.", "Allow either HS256 to HS512 or the asymmetric algorithms: a public key must never serve as a secret.";
}
