use countersign_protocol::Client;
use countersign_protocol::logout::{LogoutOptions, end_session_url};

use crate::support::{document, metadata, metadata_of, pairs, secret, url, value_of};

#[test]
fn the_address_names_client_hint_and_return() {
    let options = LogoutOptions::new()
        .post_logout_redirect_uri(url("https://app.example/auth/logged-out"))
        .state("s 1")
        .ui_locales("de fr")
        .extra("revoke_tokens", "1");
    let client = Client::public("web");
    let address = end_session_url(&metadata(), &client, Some(&secret("a.b.c")), &options);
    let expected = "https://op.example/logout?id_token_hint=a.b.c&client_id=web\
        &post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fauth%2Flogged-out&state=s+1\
        &ui_locales=de+fr&revoke_tokens=1";
    assert_eq!(address.unwrap().unwrap().as_str(), expected);
}

#[test]
fn a_provider_without_the_endpoint_is_left_alone() {
    let mut lacking = document();
    lacking.remove("end_session_endpoint").unwrap();
    let options = LogoutOptions::new();
    let address = end_session_url(&metadata_of(lacking), &Client::public("web"), None, &options);
    assert_eq!(address.unwrap(), None);
}

#[test]
fn a_hint_that_would_make_the_address_too_long_is_left_out() {
    let client = Client::public("web");
    for (length, there) in [(4096, true), (4097, false)] {
        let hint = secret(&"h".repeat(length));
        let address = end_session_url(&metadata(), &client, Some(&hint), &LogoutOptions::new());
        let address = address.unwrap().unwrap();
        let query = pairs(address.query().unwrap());
        assert_eq!(value_of(&query, "id_token_hint").is_some(), there);
        assert_eq!(value_of(&query, "client_id").as_deref(), Some("web"));
    }
}

#[test]
fn a_parameter_of_ours_can_not_be_added() {
    for name in ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"] {
        let options = LogoutOptions::new().extra(name, "x");
        let error =
            end_session_url(&metadata(), &Client::public("web"), None, &options).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}
