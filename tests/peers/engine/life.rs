//! After the login: renewal and logout.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use countersign::{LoginOptions, LogoutOptions};
use serde_json::json;

use crate::support::node_provider::NodeProvider;
use crate::support::party::Party;
use crate::support::person::{Arrival, Person};

/// `prompt=consent`, since the peer gives `offline_access` only together with it.
fn offline() -> LoginOptions {
    LoginOptions::new().scope("openid email offline_access").prompt("consent")
}

#[test]
fn a_session_is_renewed_by_its_refresh_token() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "client_secret_basic");
    let first = party.log_in(&Person::new("ada"), offline()).unwrap();
    let second = party.wait(party.rp.refresh(&first)).unwrap();
    assert_eq!((second.subject(), second.refreshed()), ("ada", 1));
    assert_ne!(first.access_token(), second.access_token());
    assert_ne!(first.refresh_token(), second.refresh_token());
    let third = party.wait(party.rp.refresh(&second)).unwrap();
    assert_eq!(third.refreshed(), 2);
}

#[test]
fn many_who_wait_ask_once_and_latecomers_get_the_same() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "client_secret_basic");
    let session = party.log_in(&Person::new("ada"), offline()).unwrap();
    let before = provider.requests("POST /token");
    let renewed = party.wait(async {
        let all = (0..50).map(|_| {
            let (rp, session) = (party.rp.clone(), session.clone());
            tokio::spawn(async move { rp.refresh(&session).await })
        });
        let mut renewed = Vec::new();
        for one in all.collect::<Vec<_>>() {
            renewed.push(one.await.unwrap().unwrap());
        }
        renewed
    });
    let late = party.wait(party.rp.refresh(&session)).unwrap();
    assert!(renewed.iter().all(|one| one.access_token() == late.access_token()));
    assert_eq!(provider.requests("POST /token"), before + 1);
}

#[test]
fn a_refresh_token_that_was_used_elsewhere_ends_the_session() {
    let provider = NodeProvider::start(&json!({}));
    let (here, elsewhere) =
        (Party::of(&provider, "client_secret_basic"), Party::of(&provider, "client_secret_basic"));
    let session = here.log_in(&Person::new("ada"), offline()).unwrap();
    elsewhere.wait(elsewhere.rp.refresh(&session)).unwrap();
    let error = here.wait(here.rp.refresh(&session)).unwrap_err();
    assert_eq!(error.code(), "refresh.refused", "{error}");
}

#[test]
fn logout_ends_the_session_at_the_provider_and_comes_back() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    let ada = Person::new("ada");
    let session = party.log_in(&ada, LoginOptions::new()).unwrap();
    let options = LogoutOptions::new()
        .post_logout_redirect_uri("http://127.0.0.1:3000/auth/logged-out".parse().unwrap())
        .state("where from");
    let url = party.wait(party.rp.logout_url(Some(&session), options)).unwrap();
    let arrival = ada.log_out(url.expect("the peer has an end_session_endpoint").as_str());
    assert!(matches!(&arrival, Arrival::Redirect(url) if url.path() == "/auth/logged-out"));
    assert_eq!(arrival.parameter("state").as_deref(), Some("where from"));

    let error = party.log_in(&ada, session.silent_login(LoginOptions::new())).unwrap_err();
    assert_eq!(error.provider_says().unwrap().error, "login_required");
}

#[test]
fn the_peer_tells_of_a_logout_behind_the_browsers_back() {
    let ear = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/auth/backchannel-logout", ear.local_addr().unwrap());
    let provider = NodeProvider::start(&json!({ "backchannelLogoutUri": uri }));
    let party = Party::of(&provider, "client_secret_basic");
    let ada = Person::new("ada");
    let session = party.log_in(&ada, LoginOptions::new()).unwrap();
    let options = LogoutOptions::new()
        .post_logout_redirect_uri("http://127.0.0.1:3000/auth/logged-out".parse().unwrap());
    let url = party.wait(party.rp.logout_url(Some(&session), options)).unwrap();
    let heard = std::thread::spawn(move || posted(&ear));
    ada.log_out(url.unwrap().as_str());
    let form = heard.join().unwrap();
    let (name, token) = url::form_urlencoded::parse(form.as_bytes()).next().unwrap();
    assert_eq!(name, "logout_token");
    let told = party.wait(party.rp.logout_token(&token)).unwrap();
    assert_eq!(told.issuer(), session.issuer());
    assert!(told.session_id().is_some());
    assert_eq!(told.session_id(), session.session_id());
    assert_eq!(told.subject(), Some("ada"));
    let again = party.wait(party.rp.logout_token(&token)).unwrap_err();
    assert_eq!(again.code(), "logout_token.replay");
}

/// The form that one POST brings.
fn posted(ear: &TcpListener) -> String {
    let (mut stream, _) = ear.accept().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut form = vec![0; length];
    reader.read_exact(&mut form).unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    String::from_utf8(form).unwrap()
}

#[test]
fn a_silent_login_confirms_the_session_for_the_same_person_only() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    let (ada, bob) = (Person::new("ada"), Person::new("bob"));
    let session = party.log_in(&ada, LoginOptions::new()).unwrap();
    let again = party.log_in(&ada, session.silent_login(LoginOptions::new())).unwrap();
    assert_eq!(again.subject(), "ada");
    party.log_in(&bob, LoginOptions::new()).unwrap();
    // Bob's browser is asked about Ada.
    let error = party.log_in(&bob, session.silent_login(LoginOptions::new())).unwrap_err();
    assert!(error.provider_says().is_some() || error.code() == "id_token.subject", "{error}");
}
