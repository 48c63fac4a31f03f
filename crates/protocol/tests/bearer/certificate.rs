use countersign_protocol::bearer::certificate::matches_certificate;
use countersign_protocol::jose::{base64url, digest};

const DER: &[u8] = b"\x30\x82 a certificate";

#[test]
fn the_certificate_that_a_token_names_is_known() {
    let print = base64url::encode(&digest::sha256(DER));
    assert!(matches_certificate(DER, &print));
}

#[test]
fn another_certificate_is_refused() {
    let print = base64url::encode(&digest::sha256(b"\x30\x82 another"));
    assert!(!matches_certificate(DER, &print));
    assert!(!matches_certificate(b"", &print));
}

#[test]
fn another_spelling_of_the_digest_is_refused() {
    let digest = digest::sha256(DER);
    let print = base64url::encode(&digest);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    for text in ["", &print[..42], &format!("{print}="), &format!(" {print}"), &hex] {
        assert!(!matches_certificate(DER, text), "{text}");
    }
}
