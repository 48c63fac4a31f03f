//! An API behind axum, called by a client library that nobody here wrote.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use axum::Router;
use axum::routing::get;
use countersign::outside::Outside;
use countersign::{Dpop, ProtectedResource, Requirement, ResourceServer};
use countersign_axum::{Api, Token};
use countersign_transport::HyperTransport;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use url::Url;

use crate::support::api::trusted;
use crate::support::node_provider::NodeProvider;

#[test]
fn a_client_library_finds_its_way_and_understands_every_refusal() {
    let provider = NodeProvider::start(&json!({ "dpopNonce": true }));
    let said = call(&provider);

    assert_eq!(said.metadata["authorization_servers"], json!([provider.issuer]));
    assert_eq!(said.metadata["scopes_supported"], json!(["notes:read", "notes:write"]));
    let algs = said.metadata["dpop_signing_alg_values_supported"].as_array().unwrap();
    assert!(algs.contains(&json!("ES256")), "{algs:?}");

    let client = json!(provider.client("client_secret_post").client_id);
    for (name, asked) in [("bearer", None), ("bound", Some(2)), ("bound, again", None)] {
        let call = &said.calls[name];
        assert_eq!((call.status, &call.body), (200, &client), "{name}");
        // A nonce has to be fetched for the first call, and serves for the next.
        assert_eq!(call.asked, asked, "{name}");
    }
    for (name, status, error) in [
        ("garbage", 401, "invalid_token"),
        ("bearer beyond its scope", 403, "insufficient_scope"),
        ("bearer too weak", 401, "insufficient_user_authentication"),
        ("bound as a bearer", 401, "invalid_token"),
        ("bound beyond its scope", 403, "insufficient_scope"),
        ("bearer as a bound one", 401, "invalid_token"),
    ] {
        let call = &said.calls[name];
        assert_eq!(call.status, status, "{name}: {call:?}");
        let mut schemes: Vec<_> = call.challenges.iter().map(|one| one.scheme.as_str()).collect();
        schemes.sort_unstable();
        assert_eq!(schemes, ["bearer", "dpop"], "{name}: {call:?}");
        let mut errors = call.challenges.iter().filter_map(|one| one.parameters.get("error"));
        assert_eq!(
            (errors.next().map(String::as_str), errors.next()),
            (Some(error), None),
            "{name}"
        );
        for challenge in &call.challenges {
            let metadata: Url = challenge.parameters["resource_metadata"].parse().unwrap();
            assert_eq!(metadata.path(), "/.well-known/oauth-protected-resource/api", "{name}");
        }
    }
    let challenge = |name: &str| &said.calls[name].challenges[0].parameters;
    assert_eq!(challenge("bearer beyond its scope")["scope"], "notes:read notes:write");
    assert_eq!(challenge("bearer too weak")["acr_values"], "urn:countersign:gold");
    // Nothing that the client could get anew would help.
    assert_eq!(said.calls["bearer without a role"].status, 403);
}

/// What the library says of an API that takes this provider's tokens.
fn call(provider: &NodeProvider) -> Said {
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let resource = format!("http://{}/api", listener.local_addr().unwrap());
    let described = ProtectedResource::new(&resource).unwrap();
    let server = ResourceServer::builder([&resource])
        .issuer(trusted(&provider.issuer))
        .resource(described.scopes(["notes:read", "notes:write"]))
        .dpop(Dpop::new().nonces())
        .build(Outside::new(HyperTransport::new().unwrap()))
        .unwrap();
    let api = Api::new(countersign_web::Api::new(server));
    let read = Requirement::new().scope("notes:read");
    let route = |requirement: Requirement| get(who).layer(api.require(requirement));
    let app = Router::new()
        .route("/api/notes", route(read.clone()))
        .route("/api/notes/write", route(read.clone().scope("notes:write")))
        .route("/api/notes/edit", route(read.clone().role("editor")))
        .route("/api/notes/gold", route(read.acr_values(["urn:countersign:gold"])))
        .merge(api.routes());
    runtime.spawn(async move { axum::serve(listener, app).await.unwrap() });

    let client = provider.client("client_secret_post");
    let wanted = json!({
        "resource": resource,
        "client": { "client_id": client.client_id, "client_secret": client.client_secret },
    });
    let mut node = Command::new("node");
    node.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/node"));
    let output = node.args(["caller.mjs", &wanted.to_string()]).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "oauth4webapi is not content: {words}");
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn who(token: Token) -> String {
    token.subject().unwrap_or_default().to_owned()
}

#[derive(Debug, Deserialize)]
struct Said {
    metadata: Value,
    calls: BTreeMap<String, Call>,
}

#[derive(Debug, Deserialize)]
struct Call {
    status: u16,
    body: Value,
    challenges: Vec<Challenge>,
    asked: Option<u8>,
}

#[derive(Debug, Deserialize)]
struct Challenge {
    scheme: String,
    parameters: BTreeMap<String, String>,
}
