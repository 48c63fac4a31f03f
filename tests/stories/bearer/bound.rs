//! Tokens that are bound to a key of their bearer (RFC 9449).

use countersign_test_kit::{BrokenProof, DpopKey};

use super::{Answer, Api, Ask, Problems, Setup, World, challenges, code, kit};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_token_passes_with_a_proof_of_its_key_once() {
    let world = World::small().await;
    let (kit, issuer) = kit();
    let api = Api::with(&world, Setup::of([issuer])).await;
    let key = DpopKey::generate();
    let token = kit.token("alice").bound_to(&key).sign();
    let url = api.base.join("/api/me").unwrap();
    let proof = || key.proof("GET", url.as_str()).for_token(&token).sign();
    let once = proof();
    assert_eq!(bound(&api, &token, Some(&once)).await.status, 200);
    assert_eq!(bound(&api, &token, Some(&proof())).await.status, 200);

    let mut problems = Problems::of("bound tokens");
    let post = key.proof("POST", url.as_str()).for_token(&token).sign();
    let elsewhere = key.proof("GET", "https://api.test/api/me").for_token(&token).sign();
    for (case, proof, code) in [
        ("the same proof again", Some(once), "dpop.replay"),
        ("no proof", None, "dpop.missing"),
        ("a proof that is none", Some("garbage".to_owned()), "dpop.malformed"),
        ("another method", Some(post), "dpop.htm"),
        ("another address", Some(elsewhere), "dpop.htu"),
    ] {
        refused(&mut problems, case, &bound(&api, &token, proof.as_deref()).await, code);
    }
    for broken in BrokenProof::ALL {
        let proof = key.proof("GET", url.as_str()).for_token(&token).broken(broken).sign();
        let answer = bound(&api, &token, Some(&proof)).await;
        refused(&mut problems, &format!("{broken:?}"), &answer, broken.code());
    }
    let two = Ask::get("/api/me").authorization(&format!("DPoP {token}")).secret(&token);
    let two = two.header("dpop", proof().as_bytes()).header("dpop", proof().as_bytes());
    refused(&mut problems, "two proofs", &api.ask(two).await, "dpop.several");
    api.aftermath(&mut problems, &kit.token("alice").sign()).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_token_is_never_taken_as_a_plain_one() {
    let world = World::small().await;
    let (kit, issuer) = kit();
    let api = Api::with(&world, Setup::of([issuer])).await;
    let key = DpopKey::generate();
    let token = kit.token("alice").bound_to(&key).sign();
    let mut problems = Problems::of("bound tokens under Bearer");
    let proof = key.proof("GET", api.base.join("/api/me").unwrap().as_str()).for_token(&token);
    let with_proof = Ask::get("/api/me").bearer(&token).header("dpop", proof.sign().as_bytes());
    for (case, ask) in [("alone", Ask::get("/api/me").bearer(&token)), ("with a proof", with_proof)]
    {
        let answer = api.ask(ask).await;
        let lines = challenges(&answer);
        let right = answer.status == 401 && code(&answer) == "access_token.confirmation";
        problems.expect(right, format!("{case}: {}", answer.body));
        // RFC 9449 section 7.2: the error stands with the scheme that was used.
        let [bearer, dpop] = lines.as_slice() else { panic!("{lines:?}") };
        let said = bearer.starts_with("Bearer error=\"invalid_token\"");
        problems.expect(said && dpop.starts_with("DPoP algs="), format!("{case}: {lines:?}"));
    }
    // Nor is a plain one a bound one, nor one bound to a certificate that nobody shows.
    let plain = kit.token("alice").sign();
    let answer = bound(&api, &plain, Some(&proof.sign())).await;
    problems.expect(code(&answer) == "access_token.confirmation", answer.body);
    let certified = kit.token("alice").bound_to_certificate(b"der").sign();
    let answer = api.bearer("/api/me", &certified).await;
    problems.expect(code(&answer) == "access_token.confirmation", answer.body);
    api.aftermath(&mut problems, &plain).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nonce_is_handed_out_to_whoever_lacks_it() {
    let world = World::small().await;
    let (kit, issuer) = kit();
    let setup =
        Setup::of([issuer]).builder(|builder| builder.dpop(countersign::Dpop::new().nonces()));
    let api = Api::with(&world, setup).await;
    let key = DpopKey::generate();
    let token = kit.token("alice").bound_to(&key).sign();
    let url = api.base.join("/api/me").unwrap();
    let proof = || key.proof("GET", url.as_str()).for_token(&token);
    let answer = bound(&api, &token, Some(&proof().sign())).await;
    assert_eq!((answer.status.as_u16(), &*code(&answer)), (401, "dpop.nonce"));
    assert!(challenges(&answer)[0].contains("error=\"use_dpop_nonce\""));
    let nonce = answer.headers["dpop-nonce"].to_str().unwrap().to_owned();
    assert_eq!(bound(&api, &token, Some(&proof().nonce(&nonce).sign())).await.status, 200);
    let own = bound(&api, &token, Some(&proof().nonce("my-own").sign())).await;
    assert_eq!(code(&own), "dpop.nonce");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_made_long_ago_is_refused() {
    let world = World::small().await;
    let (kit, issuer) = kit();
    let api = Api::with(&world, Setup::of([issuer])).await;
    let key = DpopKey::generate();
    let token = kit.token("alice").bound_to(&key).sign();
    let proof = key.proof("GET", api.base.join("/api/me").unwrap().as_str()).for_token(&token);
    let proof = proof.sign();
    world.wait(300);
    assert_eq!(code(&bound(&api, &token, Some(&proof)).await), "dpop.iat");
}

async fn bound(api: &Api, token: &str, proof: Option<&str>) -> Answer {
    let ask = Ask::get("/api/me").authorization(&format!("DPoP {token}")).secret(token);
    let ask = match proof {
        Some(proof) => ask.header("dpop", proof.as_bytes()),
        None => ask,
    };
    api.ask(ask).await
}

fn refused(problems: &mut Problems, case: &str, answer: &Answer, expected: &str) {
    let got = (answer.status.as_u16(), code(answer));
    let right = got == (401, expected.to_owned());
    problems.expect(right, format!("{case}: expected 401 {expected}, got {got:?}"));
    let lines = challenges(answer);
    let first = lines.first().map(String::as_str).unwrap_or_default();
    let said = first.starts_with("DPoP ") && first.contains("error=\"invalid_dpop_proof\"");
    problems.expect(said, format!("{case}: {lines:?}"));
}
