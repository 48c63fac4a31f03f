//! What the tests of this folder share: an issuer that writes tokens, and an API that judges them.

use countersign::protocol::bearer::Scheme;
use countersign::{
    CheckError, Credentials, Outcome, Presented, Provider, Requirement, ResourceServer,
    ResourceServerBuilder, Token, TrustedIssuer,
};
use countersign_test_kit::TestIssuer;

use crate::support::{START, World};

pub(super) const AUDIENCE: &str = "api";

/// An issuer whose tokens are good at the start of the world.
pub(super) fn issuer(name: &str) -> TestIssuer {
    TestIssuer::new(name).at(START)
}

/// Settings of an API that knows the issuer's keys from the beginning.
pub(super) fn knowing(issuer: &TestIssuer) -> ResourceServerBuilder {
    let provider = Provider::with_keys(issuer.issuer(), issuer.keys());
    ResourceServer::builder([AUDIENCE]).issuer(TrustedIssuer::new(provider))
}

/// The answer that needs no network.
pub(super) fn at_once(
    api: &ResourceServer,
    raw: &str,
    requirement: &Requirement,
) -> Result<Token, CheckError> {
    let credentials = Credentials::new(Scheme::Bearer, raw).unwrap();
    match api.check_now(&Presented::new(credentials), requirement) {
        Outcome::Settled(settled) => settled,
        Outcome::NeedsNetwork => panic!("the network is needed"),
    }
}

pub(super) fn api(builder: ResourceServerBuilder) -> (ResourceServer, World) {
    let world = World::new();
    (builder.build(world.outside()).unwrap(), world)
}
