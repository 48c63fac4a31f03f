//! A resource server that knows nothing but what the issuer answers.

use std::sync::Arc;

use countersign::outside::{BoxFuture, Clock, Failure, Limits, NoNetwork, Outside, Transport};
use countersign::protocol::bearer::Scheme;
use countersign::protocol::{Request, Response};
use countersign::{
    Client, Credentials, Dpop, Introspection, Presented, Provider, Requirement, ResourceServer,
    Secret, TrustedIssuer, UnixTime,
};
use countersign_test_kit::{Broken, BrokenProof, DpopKey, TestIssuer};
use http::{HeaderMap, Method};

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

const URL: &str = "https://api.test/notes";

async fn proven(
    server: &ResourceServer,
    token: &str,
    proofs: &[String],
) -> Result<(), &'static str> {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("DPoP {token}").parse().unwrap());
    for proof in proofs {
        headers.append("dpop", proof.parse().unwrap());
    }
    let (method, url) = (Method::GET, URL.parse().unwrap());
    let presented = Presented::from_headers(&headers).map_err(|refusal| refusal.code())?;
    let presented = presented.request(&method, &url);
    let checked = server.check(&presented, &Requirement::new()).await;
    checked.map(drop).map_err(|error| error.code())
}

fn with_dpop() -> (Arc<TestIssuer>, ResourceServer) {
    let issuer = Arc::new(TestIssuer::new("https://issuer.test").at(NOW));
    let trusted = TrustedIssuer::new(Provider::with_keys(issuer.issuer(), issuer.keys()));
    let outside = Outside::new(NoNetwork).clock(Stopped);
    let server = ResourceServer::builder(["api"]).issuer(trusted).dpop(Dpop::new());
    (issuer, server.build(outside).unwrap())
}

#[tokio::test]
async fn a_bound_token_passes_with_a_fresh_proof_by_its_key_alone() {
    let (issuer, server) = with_dpop();
    let key = DpopKey::generate();
    let token = issuer.token("alice").bound_to(&key).sign();
    let good = key.proof("GET", URL).for_token(&token).at(NOW);
    let once = [good.sign()];
    assert_eq!(proven(&server, &token, &once).await, Ok(()));
    assert_eq!(proven(&server, &token, &once).await, Err("dpop.replay"));
    assert_eq!(proven(&server, &token, &[]).await, Err("dpop.missing"));
    assert_eq!(proven(&server, &token, &[good.sign(), good.sign()]).await, Err("dpop.several"));
    for broken in BrokenProof::ALL {
        let proof = [good.clone().broken(broken).sign()];
        assert_eq!(proven(&server, &token, &proof).await, Err(broken.code()), "{broken}");
    }
    let plain = issuer.token("alice").sign();
    let proof = [key.proof("GET", URL).for_token(&plain).at(NOW).sign()];
    assert_eq!(proven(&server, &plain, &proof).await, Err("access_token.confirmation"));
}

#[tokio::test]
async fn a_token_bound_to_a_certificate_passes_with_that_certificate_alone() {
    let (issuer, server) = with_dpop();
    let token = issuer.token("alice").bound_to_certificate(b"the certificate").sign();
    let presented = Presented::new(Credentials::new(Scheme::Bearer, &token).unwrap());
    let requirement = Requirement::new();
    assert!(server.check(&presented.certificate(b"the certificate"), &requirement).await.is_ok());
    for other in [presented, presented.certificate(b"another one")] {
        let refused = server.check(&other, &requirement).await.unwrap_err();
        assert_eq!(refused.code(), "access_token.confirmation");
    }
}
