//! A public and a protected page: `ISSUER=… CLIENT_ID=… CLIENT_SECRET=… cargo run -p countersign-examples --bin axum-login`.
//! Register the redirect URI `http://127.0.0.1:3000/auth/callback` with the provider.

use std::env::var;

use axum::{Router, routing::get};
use countersign::{Client, Issuer, Provider, RelyingParty, Secret, outside::Outside};
use countersign_axum::web::{KeyRing, PublicAddress, Site};
use countersign_axum::{Countersign, Principal};
use countersign_transport::HyperTransport;

async fn home(person: Option<Principal>) -> String {
    person.map_or("Nobody is here.".into(), |person| format!("{} is here.", person.subject()))
}

async fn profile(person: Principal) -> String {
    format!("{:#?}", person.claims())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = PublicAddress::new("http://127.0.0.1:3000")?;
    let provider = Provider::discover(Issuer::parse(&var("ISSUER")?)?);
    let client = Client::with_secret(var("CLIENT_ID")?, Secret::from(var("CLIENT_SECRET")?));
    let relying_party = RelyingParty::builder(provider, client, address.url("/auth/callback"))
        .build(Outside::new(HyperTransport::new()?))?;
    let key_ring = KeyRing::random(relying_party.random()?);
    let countersign = Countersign::new(Site::builder(relying_party, address, key_ring).build()?);

    let app = Router::new()
        .route("/", get(home))
        .route("/profile", get(profile))
        .layer(countersign.layer())
        .merge(countersign.routes());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}
