use countersign_protocol::Client;
use countersign_protocol::login::{Begin, LoginOptions, OptionError, ResponseMode};

use crate::support::{NOW, issuer, metadata, randomness, url};

fn refused(options: LoginOptions) -> OptionError {
    let (provider, identity, client) = (metadata(), issuer(), Client::public("web"));
    let redirect_uri = url("https://app.example/cb");
    let begin = Begin {
        provider: &provider,
        identity: &identity,
        client: &client,
        redirect_uri: &redirect_uri,
        scope: "openid",
    };
    begin.login(options, &randomness(), NOW).unwrap_err()
}

#[test]
fn a_parameter_of_ours_can_not_be_added() {
    for name in [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "prompt",
        "max_age",
        "login_hint",
        "acr_values",
        "ui_locales",
        "claims",
        "id_token_hint",
        "request",
        "request_uri",
    ] {
        let error = refused(LoginOptions::new().extra("audience", "api").extra(name, "x"));
        assert_eq!(error, OptionError::Reserved { name: name.to_owned() });
    }
}

#[test]
fn prompt_none_stands_alone() {
    for prompt in ["none login", "login none", "consent none select_account"] {
        assert_eq!(refused(LoginOptions::new().prompt(prompt)), OptionError::PromptNone);
    }
}

#[test]
fn a_value_beyond_2048_bytes_is_refused() {
    let long = "x".repeat(2049);
    for options in [
        LoginOptions::new().login_hint(&long),
        LoginOptions::new().prompt(&long),
        LoginOptions::new().ui_locales(&long),
        LoginOptions::new().scope(&long),
    ] {
        assert!(matches!(refused(options), OptionError::TooLong { .. }));
    }
}

#[test]
fn a_response_mode_that_a_server_can_not_read_is_refused() {
    for mode in [ResponseMode::Query, ResponseMode::FormPost] {
        assert_eq!(mode.name().parse(), Ok(mode));
    }
    for name in ["fragment", "web_message", "query.jwt", "", "Query"] {
        assert_eq!(name.parse::<ResponseMode>(), Err(OptionError::ResponseMode), "{name}");
    }
}

#[test]
fn a_redirect_uri_that_is_no_web_address_is_refused() {
    for uri in ["https://app.example/cb#x", "javascript:alert(1)", "myapp:/cb", "data:,x"] {
        let error = refused(LoginOptions::new().redirect_uri(url(uri)));
        assert_eq!(error, OptionError::RedirectUri, "{uri}");
    }
}
