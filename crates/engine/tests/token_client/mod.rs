mod exchange;
mod own;
mod refresh;
mod revoke;

use std::collections::HashMap;

use countersign::{Provider, TokenClient};

use crate::support::{World, client, discovered};

fn tokens(world: &World) -> TokenClient {
    TokenClient::builder(discovered(), client()).build(world.outside()).unwrap()
}

/// The form of the last request.
fn form(world: &World) -> HashMap<String, String> {
    let request = world.requests().pop().unwrap();
    url::form_urlencoded::parse(request.body()).into_owned().collect()
}

#[test]
fn debug_shows_who_asks_whom_and_no_secret() {
    let shown = format!("{:#?}", tokens(&World::new()));
    assert!(shown.contains("https://op.example") && shown.contains("web"), "{shown}");
    assert!(!shown.contains("hush"), "{shown}");
}

#[test]
fn a_provider_by_plain_http_is_refused() {
    let issuer = countersign::danger::plain_http_issuer("http://op.internal").unwrap();
    let provider = Provider::discover(issuer);
    let built = TokenClient::builder(provider.clone(), client()).build(World::new().outside());
    assert_eq!(built.unwrap_err().code(), "setup.option");
    let provider = countersign::danger::plain_http(provider);
    assert!(TokenClient::builder(provider, client()).build(World::new().outside()).is_ok());
}
