//! A resource server that knows nothing but what the issuer answers.

use std::sync::Arc;

use countersign::outside::{BoxFuture, Clock, Failure, Limits, Outside, Transport};
use countersign::protocol::bearer::Scheme;
use countersign::protocol::{Request, Response};
use countersign::{
    Client, Credentials, Introspection, Presented, Provider, Requirement, ResourceServer, Secret,
    TrustedIssuer, UnixTime,
};
use countersign_test_kit::{Broken, DpopKey, TestIssuer};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

struct Network(Arc<TestIssuer>);

impl Transport for Network {
    fn send(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        let answer = self.0.answer(&request);
        Box::pin(async move { Ok(answer) })
    }
}

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> UnixTime {
        NOW
    }
}

fn server(
    change: impl FnOnce(TrustedIssuer) -> TrustedIssuer,
) -> (Arc<TestIssuer>, ResourceServer) {
    let issuer = Arc::new(TestIssuer::new("https://issuer.test/realms/a").at(NOW));
    let trusted = change(TrustedIssuer::new(Provider::discover(issuer.issuer())));
    let outside = Outside::new(Network(Arc::clone(&issuer))).clock(Stopped);
    let server = ResourceServer::builder(["api"]).issuer(trusted).build(outside).unwrap();
    (issuer, server)
}

async fn judged(server: &ResourceServer, token: &str) -> Result<(), &'static str> {
    let presented = Presented::new(Credentials::new(Scheme::Bearer, token).unwrap());
    let requirement = Requirement::new().scope("notes:read").role("editor");
    let checked = server.check(&presented, &requirement).await;
    checked.map(drop).map_err(|error| error.code())
}

#[tokio::test]
async fn every_broken_token_is_refused_with_its_code() {
    let (issuer, server) = server(|issuer| issuer);
    let good = issuer.token("alice").scope("notes:read").role("editor");
    assert_eq!(judged(&server, &good.sign()).await, Ok(()));
    for broken in Broken::ALL {
        let token = good.clone().broken(broken).sign();
        assert_eq!(judged(&server, &token).await, Err(broken.code()), "{broken}");
    }
    let bound = good.bound_to(&DpopKey::generate()).sign();
    assert_eq!(judged(&server, &bound).await, Err("access_token.confirmation"));
}

#[tokio::test]
async fn a_rotated_key_is_found_by_whoever_asks() {
    let (issuer, server) = server(|issuer| issuer);
    let good =
        |issuer: &TestIssuer| issuer.token("alice").scope("notes:read").role("editor").sign();
    assert_eq!(judged(&server, &good(&issuer)).await, Ok(()));
    issuer.rotate();
    assert_eq!(judged(&server, &good(&issuer)).await, Ok(()));
}

#[tokio::test]
async fn an_opaque_token_means_what_the_issuer_says() {
    let client = || Client::with_secret("api", Secret::from("secret"));
    let (issuer, server) = server(|issuer| issuer.introspection_only(Introspection::new(client())));
    let good = issuer.token("alice").scope("notes:read").role("editor");
    assert_eq!(judged(&server, &good.opaque()).await, Ok(()));
    assert_eq!(judged(&server, &good.sign()).await, Ok(()));
    for token in [
        "unknown".to_owned(),
        good.clone().broken(Broken::WrongKey).sign(),
        good.clone().broken(Broken::Expired).sign(),
    ] {
        assert_eq!(judged(&server, &token).await, Err("access_token.inactive"));
    }
    let revoked = good.opaque();
    issuer.revoke(&revoked);
    assert_eq!(judged(&server, &revoked).await, Err("access_token.inactive"));
    for broken in [
        Broken::Expired,
        Broken::NotYetValid,
        Broken::WrongAudience,
        Broken::NoAudience,
        Broken::WrongIssuer,
        Broken::ExpiryAsText,
        Broken::ScopeOfWrongType,
        Broken::RolesOfWrongType,
        Broken::ConfirmationUnknown,
    ] {
        let token = good.clone().broken(broken).opaque();
        assert_eq!(judged(&server, &token).await, Err(broken.code()), "{broken}");
    }
}

#[test]
#[should_panic(expected = "an opaque token can't be wrong_signature")]
fn an_opaque_token_has_no_signature_to_break() {
    let _ =
        TestIssuer::new("https://issuer.test").token("a").broken(Broken::WrongSignature).opaque();
}
