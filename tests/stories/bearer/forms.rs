//! Tokens in form and query: only within `danger`.

use countersign::danger;

use super::{Api, Ask, MALFORMED, MISSING, Method, Problems, Setup, World, good, invalid};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_in_the_query_counts_only_within_danger() {
    let world = World::small().await;
    let setup = Setup::new(&world).builder(danger::token_in_query);
    let api = Api::with(&world, setup).await;
    let token = good(&world);
    let path = format!("/api/me?a=b&access_token={token}");
    assert_eq!(api.ask(Ask::get(&path)).await.status, 200);
    assert_eq!(api.bearer("/api/me", &token).await.status, 200);
    let mut problems = Problems::of("tokens in the query");
    let bearer = format!("Bearer {token}");
    for (case, ask, refused) in [
        ("nothing", Ask::get("/api/me?a=b"), MISSING),
        ("under another name", Ask::get(&format!("/api/me?token={token}")), MISSING),
        ("in a form", form(&format!("access_token={token}")), MISSING),
        ("empty", Ask::get("/api/me?access_token="), MALFORMED),
        ("odd letters", Ask::get("/api/me?access_token=a%20b"), MALFORMED),
        ("twice", Ask::get(&format!("{path}&access_token={token}")), MALFORMED),
        ("in the header too", Ask::get(&path).authorization(&bearer), MALFORMED),
        ("garbage", Ask::get("/api/me?access_token=garbage"), invalid("jws.malformed")),
    ] {
        refused.check(&mut problems, case, &api.ask(ask).await);
    }
    api.aftermath(&mut problems, &token).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_in_a_form_counts_only_within_danger() {
    let world = World::small().await;
    let setup = Setup::new(&world).builder(danger::token_in_form);
    let api = Api::with(&world, setup).await;
    let token = good(&world);
    let body = format!("text=milk&access_token={token}");
    let answer = api.ask(form(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["bytes"], body.len(), "the handler reads the body too");
    let large = format!("text={}&access_token={token}", "x".repeat(70_000));
    let bearer = format!("Bearer {token}");
    let json = Ask::new(Method::POST, "/api/form").header("content-type", b"application/json");
    let mut problems = Problems::of("tokens in forms");
    for (case, ask, refused) in [
        ("nothing", form("text=milk"), MISSING),
        ("in the query", Ask::get(&format!("/api/me?access_token={token}")), MISSING),
        ("a GET with a body", Ask::get("/api/me").form(&body), MISSING),
        ("no form", json, MISSING),
        ("beyond what is read", form(&large), MISSING),
        ("empty", form("access_token="), MALFORMED),
        ("twice", form(&format!("{body}&access_token={token}")), MALFORMED),
        ("in the header too", form(&body).authorization(&bearer), MALFORMED),
        ("garbage", form("access_token=garbage"), invalid("jws.malformed")),
    ] {
        refused.check(&mut problems, case, &api.ask(ask).await);
    }
    api.aftermath(&mut problems, &token).await;
    problems.done();
}

fn form(body: &str) -> Ask {
    Ask::new(Method::POST, "/api/form").form(body)
}
