//! Tokens that are bound to a key or a certificate never pass as plain bearer tokens.

use countersign::protocol::bearer::Scheme;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{
    CheckError, Client, Credentials, Dpop, Introspection, Presented, Requirement, ResourceServer,
    Secret, Token, TrustedIssuer,
};
use countersign_test_kit::{BrokenProof, DpopKey, TestIssuer};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::json;
use url::Url;

use super::api::{AUDIENCE, api, check, code, issuer, knowing};
use crate::support::{ISSUER, START, Task, World, answer, discovered, ready, secs};

const URL: &str = "https://api.example/notes";

struct Bound {
    api: ResourceServer,
    world: World,
    issuer: TestIssuer,
    key: DpopKey,
    raw: String,
}

fn bound(dpop: Dpop) -> Bound {
    let (issuer, key) = (issuer("https://op.example"), DpopKey::generate());
    let (api, world) = api(knowing(&issuer).dpop(dpop));
    let raw = issuer.token("alice").audience(AUDIENCE).bound_to(&key).sign();
    Bound { api, world, issuer, key, raw }
}

impl Bound {
    fn proof(&self) -> String {
        self.key.proof("GET", URL).for_token(&self.raw).at(super::api::now(&self.world)).sign()
    }

    fn show(&self, raw: &str, proofs: &[&str]) -> Result<Token, CheckError> {
        let mut headers = HeaderMap::new();
        for proof in proofs {
            headers.append("dpop", HeaderValue::from_str(proof).unwrap());
        }
        headers.insert("authorization", HeaderValue::from_str(&format!("DPoP {raw}")).unwrap());
        let url = Url::parse(URL).unwrap();
        let presented = Presented::from_headers(&headers).unwrap().request(&Method::GET, &url);
        ready(self.api.check(&presented, &Requirement::new()))
    }
}

#[test]
fn a_bound_token_passes_with_its_proof_and_each_proof_once() {
    let bound = bound(Dpop::new());
    let proof = bound.proof();
    assert_eq!(bound.show(&bound.raw, &[&proof]).unwrap().subject(), Some("alice"));
    assert_eq!(code(bound.show(&bound.raw, &[&proof])), "dpop.replay");
    bound.show(&bound.raw, &[&bound.proof()]).unwrap();
}

#[test]
fn a_bound_token_is_no_plain_bearer_token() {
    let bound = bound(Dpop::new());
    assert_eq!(code(check(&bound.api, &bound.raw)), "access_token.confirmation");
    assert_eq!(code(bound.show(&bound.raw, &[])), "dpop.missing");
    let proof = bound.proof();
    assert_eq!(code(bound.show(&bound.raw, &[&proof, &proof])), "dpop.several");
}

#[test]
fn a_plain_token_does_not_pass_as_a_bound_one() {
    let bound = bound(Dpop::new());
    let plain = bound.issuer.token("alice").audience(AUDIENCE).sign();
    let proof = bound.key.proof("GET", URL).for_token(&plain).at(START).sign();
    assert_eq!(code(bound.show(&plain, &[&proof])), "access_token.confirmation");
}

#[test]
fn a_bound_token_is_refused_where_dpop_is_off() {
    let (issuer, key) = (issuer("https://op.example"), DpopKey::generate());
    let (api, world) = api(knowing(&issuer));
    let raw = issuer.token("alice").audience(AUDIENCE).bound_to(&key).sign();
    let bound = Bound { api, world, issuer, key, raw };
    assert_eq!(code(bound.show(&bound.raw, &[&bound.proof()])), "access_token.confirmation");
    assert_eq!(code(check(&bound.api, &bound.raw)), "access_token.confirmation");
}

#[test]
fn every_broken_proof_is_refused_with_its_code() {
    for broken in BrokenProof::ALL {
        let bound = bound(Dpop::new());
        let proof =
            bound.key.proof("GET", URL).for_token(&bound.raw).at(START).broken(broken).sign();
        assert_eq!(code(bound.show(&bound.raw, &[&proof])), broken.code(), "{broken:?}");
        bound.show(&bound.raw, &[&bound.proof()]).unwrap();
    }
}

#[test]
fn a_nonce_is_demanded_and_the_refusal_carries_one() {
    let bound = bound(Dpop::new().nonces());
    let refused = bound.show(&bound.raw, &[&bound.proof()]).unwrap_err();
    assert_eq!(refused.code(), "dpop.nonce");
    let CheckError::Refused(refusal) = refused else { panic!("{refused}") };
    let challenge = bound.api.challenge(&refusal, Scheme::Dpop);
    assert_eq!(challenge.error, Some("use_dpop_nonce"));
    let nonce = bound.api.dpop_nonce(&refusal).unwrap().unwrap();
    let with = |nonce: &str| {
        bound
            .key
            .proof("GET", URL)
            .for_token(&bound.raw)
            .at(super::api::now(&bound.world))
            .nonce(nonce)
            .sign()
    };
    bound.show(&bound.raw, &[&with(&nonce)]).unwrap();
    assert_eq!(code(bound.show(&bound.raw, &[&with("invented")])), "dpop.nonce");
    bound.world.forward(secs(301));
    assert_eq!(code(bound.show(&bound.raw, &[&with(&nonce)])), "dpop.nonce");
}

#[test]
fn a_certificate_bound_token_passes_over_its_own_connection_only() {
    let issuer = issuer("https://op.example");
    let (api, _) = api(knowing(&issuer));
    let der: &[u8] = b"a certificate in DER";
    let raw = issuer.token("alice").audience(AUDIENCE).bound_to_certificate(der).sign();
    let show = |certificate: Option<&[u8]>| {
        let presented = Presented::new(Credentials::new(Scheme::Bearer, &raw).unwrap());
        let presented = match certificate {
            Some(der) => presented.certificate(der),
            None => presented,
        };
        ready(api.check(&presented, &Requirement::new()))
    };
    show(Some(der)).unwrap();
    assert_eq!(code(show(None)), "access_token.confirmation");
    assert_eq!(code(show(Some(b"another certificate"))), "access_token.confirmation");
}

#[test]
fn a_proof_does_not_come_again_by_waiting_until_it_is_forgotten() {
    let (world, key) = (World::new(), DpopKey::generate());
    world
        .op()
        .document
        .insert("introspection_endpoint".into(), json!(format!("{ISSUER}/introspect")));
    let asking = Introspection::new(Client::with_secret("api", Secret::from("api-hush")));
    let issuer = TrustedIssuer::new(discovered()).introspection(asking);
    let builder = ResourceServer::builder([AUDIENCE]).issuer(issuer).dpop(Dpop::new());
    let api = builder.build(world.outside()).unwrap();
    let says = json!({"active": true, "aud": AUDIENCE, "cnf": {"jkt": key.thumbprint()}});
    world.op().instead.insert(Endpoint::Introspection, answer(200, &says));
    let url = Url::parse(URL).unwrap();
    let headers = |raw: &str, proof: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("dpop", HeaderValue::from_str(proof).unwrap());
        headers.insert("authorization", HeaderValue::from_str(&format!("DPoP {raw}")).unwrap());
        headers
    };
    let shows = |headers: &HeaderMap| {
        let presented = Presented::from_headers(headers).unwrap().request(&Method::GET, &url);
        ready(api.check(&presented, &Requirement::new()))
    };
    let proof = |raw: &str| {
        let proof = key.proof("GET", URL).for_token(raw).at(super::api::now(&world)).sign();
        headers(raw, &proof)
    };
    let first = proof("one");
    shows(&first).unwrap();
    world.forward(secs(58));
    shows(&proof("two")).unwrap();
    // The same proof once more, while it is good, with a token whose issuer takes long to answer.
    world.close(Endpoint::Introspection);
    let presented = Presented::from_headers(&first).unwrap().request(&Method::GET, &url);
    let requirement = Requirement::new();
    let mut waiting = Task::new(api.check(&presented, &requirement));
    assert!(waiting.poll().is_none());
    world.forward(secs(5));
    shows(&proof("two")).unwrap();
    world.open();
    assert_eq!(code(waiting.poll().unwrap()), "dpop.iat");
}

#[test]
fn a_token_that_ends_while_its_issuer_is_asked_does_not_pass() {
    let world = World::new();
    let api = super::api::asking(&world);
    let ended = START.as_secs() - 55; // and the skew is 60 s
    let raw = super::api::of(&world).token("alice").audience(AUDIENCE).claim("exp", ended).sign();
    world.close(Endpoint::Keys);
    let presented = super::api::presented(&raw);
    let requirement = Requirement::new();
    let mut waiting = Task::new(api.check(&presented, &requirement));
    assert!(waiting.poll().is_none());
    world.forward(secs(5));
    world.open();
    assert_eq!(code(waiting.poll().unwrap()), "access_token.expired");
}
