//! countersign's axum face as its example shows it: sealed-cookie session, PKCE, UserInfo.

use anyhow::Result;
use axum::Router;
use axum::routing::get;
use countersign::outside::{Outside, Transport};
use countersign::{Client, Issuer, Provider, RelyingParty, Secret};
use countersign_axum::web::{KeyRing, PublicAddress, Site};
use countersign_axum::{Countersign, Principal};
use countersign_transport::HyperTransport;

use crate::provider::{CLIENT_ID, CLIENT_SECRET};

pub fn router(issuer: &str, address: &str) -> Result<Router> {
    let countersign = countersign(issuer, address, HyperTransport::new()?)?;
    Ok(Router::new()
        .route("/", get(async |person: Principal| person.subject().to_owned()))
        .layer(countersign.layer())
        .merge(countersign.routes()))
}

pub fn countersign(
    issuer: &str,
    address: &str,
    transport: impl Transport + 'static,
) -> Result<Countersign> {
    let address = PublicAddress::new(address)?;
    let provider = Provider::discover(Issuer::parse(issuer)?);
    let client = Client::with_secret(CLIENT_ID, Secret::from(CLIENT_SECRET));
    let redirect_uri = address.url("/auth/callback");
    let relying_party =
        RelyingParty::builder(provider, client, redirect_uri).build(Outside::new(transport))?;
    let key_ring = KeyRing::random(relying_party.random()?);
    Ok(Countersign::new(Site::builder(relying_party, address, key_ring).build()?))
}
