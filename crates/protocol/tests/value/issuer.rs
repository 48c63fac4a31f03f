use countersign_protocol::value::issuer::{IssuerIdentity, difference};
use countersign_protocol::{Issuer, IssuerTemplate, danger};
use serde_json::json;

use crate::support::object;

#[test]
fn an_issuer_is_kept_byte_for_byte() {
    for text in [
        "https://op.example",
        "https://op.example/",
        "https://OP.example:443/realms/A%20b",
        "http://127.0.0.1:9000",
        "http://[::1]:9000",
        "http://localhost",
        "http://op.localhost:1",
    ] {
        assert_eq!(Issuer::parse(text).unwrap().as_str(), text);
    }
}

#[test]
fn what_is_no_issuer_is_refused() {
    for text in [
        "",
        "op.example",
        "//op.example",
        "ftp://op.example",
        "mailto:op@example",
        "https://",
        "https://op.example?tenant=a",
        "https://op.example/?",
        "https://op.example#top",
        "https://user@op.example",
        "https://user:pass@op.example",
        " https://op.example",
        "https://op.example\n",
        "https://op.ex\tample",
        "https:\\\\op.example",
        "https://op.example/a b",
    ] {
        let error = Issuer::parse(text).unwrap_err();
        assert_eq!(error.entry().code, "setup.issuer", "{text:?}");
        assert!(danger::plain_http_issuer(text).is_err(), "{text:?}");
    }
}

#[test]
fn plain_http_is_refused_beyond_the_loopback() {
    for text in [
        "http://op.example",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://10.0.0.1",
        "http://[::2]",
        "http://0.0.0.0",
    ] {
        let error = Issuer::parse(text).unwrap_err();
        assert!(error.to_string().contains("plain http"), "{error}");
        assert!(danger::plain_http_issuer(text).is_ok(), "{text}");
        assert!(serde_json::from_value::<Issuer>(json!(text)).is_err(), "{text}");
    }
}

#[test]
fn the_discovery_address_is_read_as_its_issuer() {
    let issuer = Issuer::parse("https://op.example/a/.well-known/openid-configuration").unwrap();
    assert_eq!(issuer.as_str(), "https://op.example/a");
}

#[test]
fn the_address_of_oauth_metadata_is_read_as_its_issuer() {
    for (text, expected) in [
        ("https://op.example/.well-known/oauth-authorization-server", "https://op.example"),
        ("https://op.example/a/.well-known/oauth-authorization-server", "https://op.example/a"),
        ("https://op.example/.well-known/oauth-authorization-server/a/b", "https://op.example/a/b"),
        ("https://op.example/.well-known/oauth-authorization-server/", "https://op.example/"),
        (
            "https://op.example/.well-known/oauth-authorization-servers",
            "https://op.example/.well-known/oauth-authorization-servers",
        ),
        (
            "https://op.example/x/.well-known/oauth-authorization-server/a",
            "https://op.example/x/.well-known/oauth-authorization-server/a",
        ),
    ] {
        assert_eq!(Issuer::parse(text).unwrap().as_str(), expected);
    }
}

#[test]
fn oauth_metadata_stand_between_host_and_path() {
    let path = "/.well-known/oauth-authorization-server";
    for (text, expected) in [
        ("https://op.example", format!("https://op.example{path}")),
        ("https://op.example/", format!("https://op.example{path}")),
        ("https://op.example/a/b/", format!("https://op.example{path}/a/b")),
        ("http://localhost:9000/a", format!("http://localhost:9000{path}/a")),
    ] {
        assert_eq!(Issuer::parse(text).unwrap().oauth_metadata_url().as_str(), expected);
    }
}

#[test]
fn an_issuer_that_was_kept_is_read_as_the_same() {
    let (path, oauth) =
        ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server");
    for text in [
        format!("https://op.example{path}{path}"),
        format!("https://op.example{oauth}{oauth}/a{path}{oauth}"),
        format!("https://op.example{path}{oauth}{path}"),
    ] {
        let issuer = Issuer::parse(&text).unwrap();
        let kept = serde_json::to_string(&issuer).unwrap();
        assert_eq!(serde_json::from_str::<Issuer>(&kept).unwrap(), issuer);
    }
}

#[test]
fn one_slash_stands_between_issuer_and_well_known() {
    for (text, expected) in [
        ("https://op.example", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/a/", "https://op.example/a/.well-known/openid-configuration"),
    ] {
        assert_eq!(Issuer::parse(text).unwrap().discovery_url().as_str(), expected);
    }
}

#[test]
fn a_difference_names_the_character() {
    assert!(
        difference("https://op.example", "https://op.example/")
            .ends_with("they differ at character 19: the end against '/'")
    );
    assert!(difference("abc", "aXc").ends_with("they differ at character 2: 'b' against 'X'"));
}

#[test]
fn a_difference_beyond_what_is_shown_is_still_named() {
    let long = "x".repeat(500);
    let text = difference(&format!("{long}a"), &format!("{long}b"));
    assert!(text.ends_with("they differ at character 501: 'a' against 'b'"), "{text}");
    assert!(text.len() < 700);
}

#[test]
fn a_difference_can_not_write_lines_or_end_its_quotation() {
    let text = difference("https://op.example", "x\"\r\nERROR forged\u{202e}\u{7}");
    assert!(!text.contains(['\r', '\n', '\u{7}', '\u{202e}']), "{text}");
    assert!(text.contains("x\\\"\\r\\nERROR"), "{text}");
}

fn template() -> IssuerTemplate {
    IssuerTemplate::new("https://login.example/{tid}/v2.0", "tid", ["contoso", "0f1e-2d"]).unwrap()
}

#[test]
fn a_listed_tenant_has_exactly_one_issuer() {
    let claims = object(json!({"tid": "contoso"}));
    assert_eq!(template().expected(&claims).unwrap(), "https://login.example/contoso/v2.0");
    assert!(template().covers("https://login.example/0f1e-2d/v2.0"));
}

#[test]
fn a_tenant_that_is_not_listed_is_refused() {
    for tenant in [
        "fabrikam",
        "Contoso",
        "contoso ",
        "",
        ".",
        "..",
        "../contoso",
        "contoso/..",
        "contoso/x",
        "{tid}",
        "contoso%2f",
        "contoso\u{0}",
    ] {
        let claims = object(json!({"tid": tenant}));
        let error = template().expected(&claims).unwrap_err();
        assert_eq!(error.entry().code, "id_token.tenant", "{tenant:?}");
        assert!(!template().covers(&format!("https://login.example/{tenant}/v2.0")), "{tenant:?}");
    }
}

#[test]
fn a_tenant_claim_that_is_absent_or_no_string_is_refused() {
    for claims in [json!({}), json!({"tid": null}), json!({"tid": 1}), json!({"tid": ["contoso"]})]
    {
        assert!(template().expected(&object(claims.clone())).is_err(), "{claims}");
    }
}

#[test]
fn an_incomplete_template_is_refused() {
    let none: [&str; 0] = [];
    assert!(IssuerTemplate::new("https://a.example/{t}", "tid", none).is_err());
    for (text, claim, tenant) in [
        ("https://a.example/", "tid", "a"),
        ("https://a.example/{t}/{t}", "tid", "a"),
        ("https://a.example/}t{", "tid", "a"),
        ("https://a.example/{t", "tid", "a"),
        ("http://a.example/{t}", "tid", "a"),
        ("https://a.example/{t}?x", "tid", "a"),
        ("https://a.example/{t}", "", "a"),
        ("https://a.example/{t}", "tid", ""),
        ("https://a.example/{t}", "tid", "a/b"),
        ("https://a.example/{t}", "tid", ".."),
        ("https://a.example/{t}", "tid", "a b"),
        ("https://a.example/{t}", "tid", "ä"),
    ] {
        let error = IssuerTemplate::new(text, claim, [tenant]).unwrap_err();
        assert_eq!(error.entry().code, "setup.issuer_template", "{text} {claim} {tenant}");
    }
}

#[test]
fn one_issuer_accepts_its_own_name_only() {
    let identity = IssuerIdentity::One(Issuer::parse("https://op.example").unwrap());
    assert!(identity.accepts("https://op.example"));
    for other in ["https://op.example/", "https://OP.example", "https://op.example:443", ""] {
        assert!(!identity.accepts(other), "{other}");
    }
}
