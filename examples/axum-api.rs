//! An API for programs with access tokens: `ISSUER=… AUDIENCE=… cargo run -p countersign-examples --bin axum-api`.
//! The audience is what the provider writes into `aud` of tokens for this API.

use std::env::var;

use axum::{Router, routing::get};
use countersign::{Issuer, Provider, Requirement, ResourceServer, TrustedIssuer, outside::Outside};
use countersign_axum::{Api, Rejection, Token};
use countersign_transport::HyperTransport;

async fn notes(token: Token) -> String {
    format!("The notes of {}.\n", token.subject().unwrap_or("nobody"))
}

async fn drafts(token: Token) -> Result<String, Rejection> {
    token.require(&Requirement::new().any_role(["editor", "admin"]))?;
    Ok(format!("The drafts of everybody; admin: {}.\n", token.has_role("admin")))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provider = Provider::discover(Issuer::parse(&var("ISSUER")?)?);
    let server = ResourceServer::builder([var("AUDIENCE")?])
        .issuer(TrustedIssuer::new(provider))
        .build(Outside::new(HyperTransport::new()?))?;
    let api = Api::from(server);

    let app = Router::new()
        .route("/notes", get(notes).layer(api.require(Requirement::new().scope("notes:read"))))
        .route("/drafts", get(drafts).layer(api.require(Requirement::new())));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:4000").await?, app).await?;
    Ok(())
}
