use countersign_jose::{Algorithm, SigningError, SigningKey};

use crate::support::{public, set, text, thumb, verify};

#[test]
fn keys_of_another_implementation_are_read() {
    for (file, kid, algorithm) in [
        ("rsa_pkcs8.pem", "rsa", Algorithm::Rs256),
        ("rsa_pkcs1.pem", "rsa", Algorithm::Rs256),
        ("p256_pkcs8.pem", "p256", Algorithm::Es256),
        ("p256_sec1.pem", "p256", Algorithm::Es256),
        ("p384_pkcs8.pem", "p384", Algorithm::Es384),
        ("p384_sec1.pem", "p384", Algorithm::Es384),
        ("p521_pkcs8.pem", "p521", Algorithm::Es512),
        ("p521_sec1.pem", "p521", Algorithm::Es512),
        ("ed25519_pkcs8.pem", "ed25519", Algorithm::EdDsa),
    ] {
        let key = SigningKey::from_pem(&text(file)).unwrap();
        assert_eq!(key.algorithm(), algorithm, "{file}");
        assert_eq!(key.kid(), Some(&*thumb(kid)), "{file}");
        let token = key.with_kid(kid).sign(&Default::default(), b"{}").unwrap();
        assert!(verify(&token, &set([public(kid)])).is_ok(), "{file}");
    }
}

#[test]
fn other_line_ends_and_text_around_are_read() {
    let pem = text("ed25519_pkcs8.pem").replace('\n', "\r\n");
    assert!(SigningKey::from_pem(&format!("subject=test\n{pem}trailing")).is_ok());
}

#[test]
fn an_encrypted_key_is_named_as_such() {
    for file in ["encrypted_pkcs8.pem", "encrypted_pkcs1.pem"] {
        let error = SigningKey::from_pem(&text(file)).unwrap_err();
        assert_eq!(error, SigningError::EncryptedPem, "{file}");
        assert_eq!(error.code(), "signing.pem_encrypted");
    }
}

#[test]
fn what_has_no_private_key_is_named() {
    for (pem, got) in [
        (String::new(), "no PEM block at all"),
        ("-----BEGIN PRIVATE KEY-----\nMC4C".to_owned(), "no PEM block at all"),
        (text("rsa_public.pem"), "a public key"),
        (
            "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----".to_owned(),
            "a certificate",
        ),
    ] {
        assert_eq!(SigningKey::from_pem(&pem).unwrap_err(), SigningError::Pem { got });
    }
}

#[test]
fn another_curve_is_refused() {
    let error = SigningKey::from_pem(&text("secp256k1_pkcs8.pem")).unwrap_err();
    assert_eq!(error, SigningError::Rejected);
}

#[test]
fn a_spoiled_key_is_refused() {
    for body in ["", "!!!!", "AAAA", "MC4CAQAwBQYDK2VwBCIEIA=="] {
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        assert_eq!(SigningKey::from_pem(&pem).unwrap_err(), SigningError::Rejected, "{body}");
    }
}

#[test]
fn a_key_under_another_label_is_refused() {
    let pem = text("rsa_pkcs8.pem").replace("PRIVATE KEY", "EC PRIVATE KEY");
    assert_eq!(SigningKey::from_pem(&pem).unwrap_err(), SigningError::Rejected);
}
