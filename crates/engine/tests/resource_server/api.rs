//! What the tests of this folder share: an issuer that writes tokens, and an API that judges them.

use countersign::protocol::bearer::Scheme;
use countersign::{
    CheckError, Credentials, Outcome, Presented, Provider, Requirement, ResourceServer,
    ResourceServerBuilder, Token, TrustedIssuer,
};
use countersign_test_kit::TestIssuer;

use crate::support::{ISSUER, START, World, discovered, ready};

pub(super) const AUDIENCE: &str = "api";

/// An issuer whose tokens are good at the start of the world.
pub(super) fn issuer(name: &str) -> TestIssuer {
    TestIssuer::new(name).at(START)
}

/// Tokens as the provider of the world would sign them now.
pub(super) fn of(world: &World) -> TestIssuer {
    let key = world.op().signer.clone();
    TestIssuer::new(ISSUER).with_key(key).at(now(world))
}

pub(super) fn now(world: &World) -> countersign::UnixTime {
    world.outside().now()
}

/// Settings of an API that knows the issuer's keys from the beginning.
pub(super) fn knowing(issuer: &TestIssuer) -> ResourceServerBuilder {
    let provider = Provider::with_keys(issuer.issuer(), issuer.keys());
    ResourceServer::builder([AUDIENCE]).issuer(TrustedIssuer::new(provider))
}

/// An API that asks the provider of the world for its keys.
pub(super) fn asking(world: &World) -> ResourceServer {
    let builder = ResourceServer::builder([AUDIENCE]).issuer(TrustedIssuer::new(discovered()));
    builder.build(world.outside()).unwrap()
}

/// The answer that needs no network.
pub(super) fn at_once(
    api: &ResourceServer,
    raw: &str,
    requirement: &Requirement,
) -> Result<Token, CheckError> {
    match api.check_now(&presented(raw), requirement) {
        Outcome::Settled(settled) => settled,
        Outcome::NeedsNetwork => panic!("the network is needed"),
    }
}

/// The answer, whomever that takes to be asked.
pub(super) fn check(api: &ResourceServer, raw: &str) -> Result<Token, CheckError> {
    ready(api.check(&presented(raw), &Requirement::new()))
}

pub(super) fn presented(raw: &str) -> Presented<'_> {
    Presented::new(Credentials::new(Scheme::Bearer, raw).unwrap())
}

pub(super) fn api(builder: ResourceServerBuilder) -> (ResourceServer, World) {
    let world = World::new();
    (builder.build(world.outside()).unwrap(), world)
}

/// The code with which somebody is refused.
pub(super) fn code(refused: Result<Token, CheckError>) -> &'static str {
    refused.expect_err("it passes").code()
}
