//! Everything that a login touches, shown in every way, holds no secret.

#[expect(dead_code, unused_imports, reason = "shared with the other tests")]
mod support;

use std::fmt::Debug;
use std::io::Write;
use std::sync::{Arc, Mutex};

use countersign::protocol::jose::KeySet;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{
    LoginOptions, LogoutOptions, Provider, RegistrationRequest, RelyingParty, ResourceServer,
    Secret, TokenAsk, TokenClient, TokenExchange, TokenType, TrustedIssuer, danger,
};
use serde_json::json;

use crate::support::{World, answer, client, discovered, ready, redirect_uri};

/// Where secrets must not turn up.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Vec<u8>>>);

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Shown {
    fn add(&mut self, thing: &dyn Debug) {
        write!(self, "{thing:?}\n{thing:#?}\n").unwrap();
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn traced(shown: &Shown, act: impl FnOnce(&mut Shown)) {
    let writer = shown.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let mut shown = shown.clone();
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    tracing::subscriber::with_default(subscriber, || act(&mut shown));
}

#[test]
fn neither_debug_nor_log_shows_a_secret() {
    let shown = Shown::default();
    let mut secrets = vec!["hush".to_owned()];
    traced(&shown, |shown| {
        let world = World::new();
        let request = RegistrationRequest::new([redirect_uri()])
            .initial_access_token(Secret::from("iat-hush"));
        let registering = RelyingParty::registering(discovered(), request, redirect_uri());
        shown.add(&registering);
        shown.add(&world.builder());
        for rp in [registering.build(world.outside()).unwrap(), world.rp()] {
            let options = LoginOptions::new();
            shown.add(&options);
            let (url, pending) = ready(rp.begin(options)).unwrap();
            let record = serde_json::to_value(&pending).unwrap();
            for secret in [&record["verifier"], &record["state"], &record["expected"]["nonce"]] {
                secrets.push(secret.as_str().unwrap().to_owned());
            }
            shown.add(&pending);
            let callback = world.authorize(&url);
            shown.add(&callback);
            let session = ready(rp.complete(pending, callback)).unwrap();
            let session = ready(rp.refresh(&session)).unwrap();
            shown.add(&session);
            shown.add(&session.principal());
            shown.add(session.identity());
            shown.add(&session.silent_login(LoginOptions::new()));
            shown.add(&ready(rp.client()).unwrap());
            shown.add(&rp);
            secrets.push(session.identity().raw().expose().to_owned());
            secrets.push(session.identity().raw().expose().rsplit('.').next().unwrap().to_owned());
            let _ = ready(rp.logout_url(Some(&session), LogoutOptions::new())).unwrap();
        }
        world.requests().iter().for_each(|request| shown.add(request));
    });
    let text = shown.text();
    assert!(text.contains("the provider answered") && text.contains("Session"), "{text}");
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret} in {text}");
    }
}

#[test]
fn no_error_of_a_login_shows_a_secret() {
    let shown = Shown::default();
    traced(&shown, |shown| {
        let mut codes = std::collections::HashSet::new();
        let endpoints = [Endpoint::Token, Endpoint::UserInfo, Endpoint::Keys, Endpoint::Discovery];
        let bodies = [
            json!({}),
            json!({"access_token": "hush", "token_type": "hush", "id_token": "hush.hush.hush"}),
            json!({"access_token": "hush", "token_type": "Bearer", "id_token": "hush"}),
            json!({"access_token": "hush", "token_type": "Bearer", "scope": 1, "id_token": "hush"}),
            json!({"keys": [{"kty": "oct", "k": "hush"}]}),
            json!({"sub": "hush"}),
            json!(["hush"]),
        ];
        for endpoint in endpoints {
            for status in [200, 302, 400, 401, 503] {
                for body in &bodies {
                    let world = World::new();
                    world.op().instead.insert(endpoint, answer(status, body));
                    if let Err(error) = world.log_in(&world.rp()) {
                        codes.insert(error.code());
                        shown.add(&error);
                        shown.add(error.kind());
                        writeln!(shown, "{error} {}", error.kind()).unwrap();
                    }
                }
            }
        }
        for member in ["iss", "aud", "azp", "exp", "nonce", "at_hash", "c_hash", "sub"] {
            let world = World::new();
            world.op().change_id_token = Box::new(move |claims| {
                claims.insert(member.to_owned(), json!("other"));
            });
            let error = world.log_in(&world.rp());
            if let Err(error) = error {
                codes.insert(error.code());
                shown.add(&error);
                shown.add(error.kind());
            }
        }
        assert!(codes.len() > 10, "{codes:?}");
    });
    assert!(!shown.text().contains("hush"), "{}", shown.text());
}

#[test]
fn no_call_onward_shows_a_token_whether_it_succeeds_or_not() {
    let shown = Shown::default();
    traced(&shown, |shown| {
        let mut codes = std::collections::HashSet::new();
        let bodies = [
            json!({}),
            json!({"access_token": "hush", "token_type": "hush"}),
            json!({"access_token": "hush", "token_type": "Bearer", "expires_in": "hush"}),
            json!({"access_token": "hush", "token_type": "Bearer", "issued_token_type": 1}),
            json!(["hush"]),
        ];
        let refusals = ["client-secret-hush", "subject-hush-1234567890", "actor-hush-1234567890"]
            .map(|secret| json!({"error": "invalid_request", "error_description": secret}));
        for endpoint in [None, Some(Endpoint::Token), Some(Endpoint::Revocation)] {
            for status in [200, 302, 400, 401, 503] {
                for (number, body) in refusals.iter().chain(&bodies).enumerate() {
                    let world = World::new();
                    if let Some(endpoint) = endpoint {
                        world.op().instead.insert(endpoint, answer(status, body));
                    }
                    let builder = TokenClient::builder(discovered(), client());
                    shown.add(&builder);
                    let tokens = builder.build(world.outside()).unwrap();
                    shown.add(&tokens);
                    let came = Secret::from(world.op().access_token_of("alice"));
                    let subject = if endpoint.is_none() {
                        came
                    } else {
                        Secret::from("subject-hush-1234567890")
                    };
                    let exchange = TokenExchange::new(subject.clone())
                        .actor(Secret::from("actor-hush-1234567890"), TokenType::AccessToken);
                    shown.add(&exchange);
                    // Each question may be refused with its own secrets in the provider's words.
                    let mut results = Vec::new();
                    if !(1..=2).contains(&number) {
                        results.push(ready(tokens.client_credentials(&TokenAsk::new())).map(Some));
                    }
                    if number != 0 {
                        results.push(ready(tokens.exchange_with(exchange)).map(Some));
                    }
                    if number > 2 || number == 1 {
                        results.push(ready(tokens.revoke(&subject, None)).map(|()| None));
                    }
                    for result in results {
                        match result {
                            Ok(grant) => shown.add(&grant),
                            Err(error) => {
                                codes.insert(error.code());
                                shown.add(&error);
                                shown.add(error.kind());
                                writeln!(shown, "{error} {}", error.kind()).unwrap();
                            }
                        }
                    }
                    world.requests().iter().for_each(|request| shown.add(request));
                }
            }
        }
        assert!(codes.len() > 5, "{codes:?}");
    });
    let text = shown.text();
    assert!(text.contains("AccessGrant") && text.contains("TokenExchange"), "{text}");
    assert!(!text.contains("hush"), "{text}");
}

/// It stands here since it, too, listens to the log.
#[test]
fn every_builder_tells_that_plain_http_is_allowed() {
    let provider = || {
        danger::plain_http(Provider::with_keys(
            danger::plain_http_issuer("http://op.internal").unwrap(),
            KeySet::empty(),
        ))
    };
    let world = World::new();
    type Build<'a> = &'a dyn Fn();
    let builds: [(&str, Build<'_>); 3] = [
        ("relying party", &|| {
            let builder = RelyingParty::builder(provider(), client(), redirect_uri());
            builder.build(world.outside()).unwrap();
        }),
        ("token client", &|| {
            TokenClient::builder(provider(), client()).build(world.outside()).unwrap();
        }),
        ("resource server", &|| {
            let issuer = TrustedIssuer::new(provider());
            ResourceServer::builder(["api"]).issuer(issuer).build(world.outside()).unwrap();
        }),
    ];
    for (name, build) in builds {
        let shown = Shown::default();
        traced(&shown, |_| build());
        assert_eq!(shown.text().matches("danger: plain http").count(), 1, "{name}");
    }
}
