use countersign_jose::{Algorithm, Allowed, AllowedError};

#[test]
fn every_name_reads_back_as_itself() {
    for algorithm in Algorithm::ASYMMETRIC.iter().chain(Algorithm::MAC) {
        assert_eq!(algorithm.to_string().parse(), Ok(*algorithm));
    }
    assert_eq!(Algorithm::ASYMMETRIC.len() + Algorithm::MAC.len(), 13);
}

#[test]
fn both_spellings_of_ed25519_are_one_algorithm() {
    assert_eq!("EdDSA".parse(), Ok(Algorithm::EdDsa));
    assert_eq!("Ed25519".parse(), Ok(Algorithm::EdDsa));
}

#[test]
fn none_is_no_algorithm_in_any_case() {
    for name in ["none", "None", "NONE", "nOnE", "", " none"] {
        assert!(name.parse::<Algorithm>().is_err(), "{name}");
    }
}

#[test]
fn names_are_case_sensitive() {
    for name in ["rs256", "Rs256", "RS256 ", "eddsa", "ed25519", "HS1", "RS1", "ES256K", "Ed448"] {
        assert!(name.parse::<Algorithm>().is_err(), "{name}");
    }
}

#[test]
fn an_unknown_name_is_cut_and_cleaned_for_messages() {
    let error = "x\u{1b}[31m\n\"\u{202e}".repeat(99).parse::<Algorithm>().unwrap_err();
    assert_eq!(error.alg.len(), 32);
    assert!(error.alg.chars().all(|c| c.is_ascii_graphic() || c == ' '), "{}", error.alg);
}

#[test]
fn nothing_allowed_is_refused() {
    assert_eq!(Allowed::new([]), Err(AllowedError::Empty));
}

#[test]
fn a_mac_beside_a_signature_is_refused() {
    for mac in Algorithm::MAC {
        for signature in Algorithm::ASYMMETRIC {
            let error = Allowed::new([*signature, *mac]).unwrap_err();
            assert_eq!(error, AllowedError::Mixed { mac: *mac, signature: *signature });
            assert!(Allowed::new([*mac, *signature]).is_err());
        }
    }
}

#[test]
fn only_what_was_named_is_allowed() {
    let allowed = Allowed::new([Algorithm::Es256, Algorithm::Rs256, Algorithm::Es256]).unwrap();
    assert_eq!(allowed.iter().collect::<Vec<_>>(), [Algorithm::Rs256, Algorithm::Es256]);
    assert!(!allowed.contains(Algorithm::Rs384));
    assert_eq!(allowed.to_string(), "RS256, ES256");
}

#[test]
fn asymmetric_has_no_mac() {
    let allowed = Allowed::asymmetric();
    assert!(Algorithm::ASYMMETRIC.iter().all(|algorithm| allowed.contains(*algorithm)));
    assert!(!Algorithm::MAC.iter().any(|algorithm| allowed.contains(*algorithm)));
}
