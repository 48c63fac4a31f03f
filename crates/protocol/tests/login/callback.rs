use countersign_protocol::login::{Callback, CallbackError};

#[test]
fn a_code_with_its_state_and_issuer_is_read() {
    let form = "code=a%2Fb&state=s+1&iss=https%3A%2F%2Fop.example&session_state=x&scope=openid";
    match Callback::parse(form).unwrap() {
        Callback::Code { code, state, iss, .. } => {
            assert_eq!(code.expose(), "a/b");
            assert_eq!(state.as_deref(), Some("s 1"));
            assert_eq!(iss.as_deref(), Some("https://op.example"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refusal_keeps_the_providers_words() {
    let callback = Callback::parse("error=access_denied&error_description=no+way&state=s").unwrap();
    assert_eq!(callback.state(), Some("s"));
    match callback {
        Callback::Refused { says, .. } => assert_eq!(says.to_string(), "access_denied: no way"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_script_in_the_description_is_cut_to_allowed_characters() {
    let form =
        "error=x&error_description=%3Cscript%3Ealert(%22hi%22)%3C/script%3E%0D%0ASet-Cookie:%00a";
    match Callback::parse(form).unwrap() {
        Callback::Refused { says, .. } => {
            let expected = "<script>alert(hi)</script>Set-Cookie:a";
            assert_eq!(says.description.as_deref(), Some(expected));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_parameter_that_comes_twice_is_refused() {
    for name in ["code", "error", "error_description", "state", "iss", "response"] {
        for form in [
            format!("{name}=a&{name}=b"),
            format!("{name}=a&x=1&{name}=a"),
            format!("{name}&{name}"),
        ] {
            let error = Callback::parse(&format!("code=c&state=s&{form}")).unwrap_err();
            let twice = matches!(error, CallbackError::Doubled { .. });
            assert!(twice, "{form}: {error}");
            assert_eq!(error.entry().code, "login.malformed");
        }
    }
}

#[test]
fn a_parameter_doubled_in_another_spelling_is_refused() {
    let error = Callback::parse("code=a&c%6Fde=b&state=s").unwrap_err();
    assert_eq!(error, CallbackError::Doubled { name: "code" });
}

#[test]
fn code_and_error_together_are_refused() {
    assert_eq!(Callback::parse("code=a&error=b&state=s").unwrap_err(), CallbackError::Both);
}

#[test]
fn neither_code_nor_error_is_refused() {
    for form in
        ["", "state=s", "code=&state=s", "error=&state=s", "Code=a", "%00", "&&&=", "#code=a"]
    {
        assert_eq!(Callback::parse(form).unwrap_err(), CallbackError::Neither, "{form}");
    }
}

#[test]
fn a_signed_response_is_refused() {
    let error = Callback::parse("response=a.b.c&state=s").unwrap_err();
    assert_eq!(error, CallbackError::Signed);
}

#[test]
fn a_callback_has_at_most_64_kib() {
    let form = |length: usize| format!("code={}", "a".repeat(length - 5));
    assert!(Callback::parse(&form(65_536)).is_ok());
    assert_eq!(Callback::parse(&form(65_537)).unwrap_err(), CallbackError::TooLong);
}

#[test]
fn a_callback_shows_neither_code_nor_state() {
    let shown = format!("{:?}", Callback::parse("code=hush&state=hush&iss=x").unwrap());
    assert!(!shown.contains("hush"), "{shown}");
    let shown = format!("{:?}", Callback::parse("error=no&state=hush").unwrap());
    assert!(!shown.contains("hush") && shown.contains("no"), "{shown}");
}
