//! Requests that carry their token in a wrong way, or none.

use super::{
    Api, Ask, MALFORMED, MISSING, Method, Problems, Refused, World, challenges, code, good, invalid,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_brings_no_token_is_told_so_and_gets_no_error_code() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let token = good(&world);
    let asked = |value: &str| Ask::get("/api/me").authorization(value);
    let mut problems = Problems::of("no token");
    for (case, ask) in [
        ("nothing", Ask::get("/api/me")),
        ("an empty header", asked("")),
        ("a password", asked("Basic YWxpY2U6cGFzc3dvcmQ=")),
        ("a digest", asked("Digest username=\"alice\"")),
        ("a scheme of nobody", asked(&format!("Token {token}"))),
        ("a scheme that begins alike", asked(&format!("BearerX {token}"))),
        ("no scheme", asked(&token)),
        ("a tab instead of a space", Ask::get("/api/me").header("authorization", b"Bearer\tabc")),
        ("a cookie", Ask::get("/api/me").header("cookie", format!("token={token}").as_bytes())),
        ("the query", Ask::get(&format!("/api/me?access_token={token}"))),
        ("a form", Ask::new(Method::POST, "/api/form").form(&format!("access_token={token}"))),
        ("another header", Ask::get("/api/me").header("x-access-token", token.as_bytes())),
    ] {
        MISSING.check(&mut problems, case, &api.ask(ask).await);
    }
    api.aftermath(&mut problems, &token).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_request_gets_400() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let token = good(&world);
    let asked = |value: &[u8]| Ask::get("/api/me").header("authorization", value);
    let twice =
        |first: &str, second: &str| Ask::get("/api/me").authorization(first).authorization(second);
    let bearer = format!("Bearer {token}");
    let mut problems = Problems::of("malformed requests");
    for (case, ask) in [
        ("nothing after the scheme", asked(b"Bearer")),
        ("a space after the scheme", asked(b"bearer ")),
        ("two tokens in one header", asked(format!("{bearer} {token}").as_bytes())),
        ("two tokens with a comma", asked(format!("{bearer},{bearer}").as_bytes())),
        ("quotes", asked(format!("Bearer \"{token}\"").as_bytes())),
        ("a parameter", asked(format!("Bearer token={token}").as_bytes())),
        ("nothing but =", asked(b"Bearer ====")),
        ("a letter beyond ASCII", asked("Bearer caf\u{e9}".as_bytes())),
        ("bytes that are no text", asked(b"Bearer \xff\xfe\xfd")),
        ("a tab inside", asked(b"Bearer abc\tdef")),
        ("the same header twice", twice(&bearer, &bearer)),
        ("two schemes", twice("Basic YTpi", &bearer)),
        ("two schemes the other way", twice(&bearer, "Basic YTpi")),
        (
            "header and query",
            Ask::get(&format!("/api/me?access_token={token}")).authorization(&bearer),
        ),
        (
            "twice in the query",
            Ask::get(&format!("/api/me?access_token={token}&access_token={token}")),
        ),
        ("DPoP and Bearer", twice(&bearer, &format!("DPoP {token}"))),
        ("64 KiB and one", asked(format!("Bearer {}", "a".repeat(64 * 1024 + 1)).as_bytes())),
        ("300 kB", asked(format!("Bearer {}", "A".repeat(300_000)).as_bytes())),
    ] {
        MALFORMED.check(&mut problems, case, &api.ask(ask).await);
    }
    assert_eq!(api.server.cached(), 0);
    api.aftermath(&mut problems, &token).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn megabytes_are_refused_and_others_are_served_meanwhile() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let token = good(&world);
    let mut problems = Problems::of("megabytes");
    for size in [1, 4, 16] {
        let huge = format!("Bearer {}", "a".repeat(size << 20));
        let (answer, other) = tokio::join!(
            api.try_ask(Ask::get("/api/me").authorization(&huge)),
            api.bearer("/api/me", &token),
        );
        // The server may hang up before it was sent.
        let status = answer.map_or(431, |answer| answer.status.as_u16());
        problems.expect([400, 431].contains(&status), format!("{size} MiB: {status}"));
        problems.expect(other.status == 200, format!("meanwhile: {}", other.name()));
    }
    assert_eq!(api.server.cached(), 1, "the good one");
    api.aftermath(&mut problems, &token).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scheme_counts_in_any_case() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let token = good(&world);
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  "] {
        let ask = Ask::get("/api/me").authorization(&format!("{scheme} {token}"));
        assert_eq!(api.ask(ask).await.status, 200, "{scheme}");
    }
    let mut problems = Problems::of("garbage under any case");
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let ask = Ask::get("/api/me").authorization(&format!("{scheme} garbage"));
        invalid("jws.malformed").check(&mut problems, scheme, &api.ask(ask).await);
    }
    api.aftermath(&mut problems, &token).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_is_refused() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let mut problems = Problems::of("garbage");
    for (garbage, code) in [
        ("x", "jws.malformed"),
        ("a.b", "jws.malformed"),
        ("a.b.c", "jws.malformed"),
        ("...", "jws.malformed"),
        ("..", "jws.malformed"),
        ("a.b.c.d.e", "jws.encrypted"),
        ("eyJhbGciOiJFUzI1NiJ9", "jws.malformed"),
        ("eyJhbGciOiJFUzI1NiJ9..", "jws.signature"),
        ("bnVsbA.bnVsbA.AAAA", "jws.malformed"),
        ("W10.W10.AAAA", "jws.malformed"),
        ("e30.e30.AAAA", "jws.malformed"),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "jws.malformed"),
        ("../etc/passwd", "jws.malformed"),
        ("~~~~++++////====", "jws.malformed"),
    ] {
        let answer = api.ask(Ask::get("/api/me").authorization(&format!("Bearer {garbage}"))).await;
        invalid(code).check(&mut problems, garbage, &answer);
    }
    api.aftermath(&mut problems, &good(&world)).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cors_preflight_passes_untouched() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let preflight = || {
        Ask::new(Method::OPTIONS, "/api/notes")
            .header("origin", b"https://spa.example")
            .header("access-control-request-method", b"GET")
            .header("access-control-request-headers", b"authorization")
    };
    for ask in [preflight(), preflight().authorization("Bearer garbage")] {
        let answer = api.ask(ask).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.headers["access-control-allow-origin"], "https://spa.example");
        assert!(challenges(&answer).is_empty());
    }
    let mut problems = Problems::of("what is no preflight");
    for (case, ask) in [
        ("OPTIONS alone", Ask::new(Method::OPTIONS, "/api/notes")),
        (
            "no method is asked for",
            Ask::new(Method::OPTIONS, "/api/notes").header("origin", b"https://spa.example"),
        ),
        (
            "GET with the headers of one",
            Ask::get("/api/notes")
                .header("origin", b"https://spa.example")
                .header("access-control-request-method", b"GET"),
        ),
    ] {
        MISSING.check(&mut problems, case, &api.ask(ask).await);
    }
    api.aftermath(&mut problems, &good(&world)).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_request_needs_a_token_as_well() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let answer = api.ask(Ask::new(Method::HEAD, "/api/me")).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (401, ""));
    assert_eq!(challenges(&answer).len(), 2);
    let answer = api.ask(Ask::new(Method::HEAD, "/api/me").bearer(&good(&world))).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_token_is_optional_a_bad_one_is_refused_all_the_same() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    assert_eq!(api.ask(Ask::get("/api/open")).await.body, "nobody");
    assert_eq!(api.bearer("/api/open", &good(&world)).await.body, "alice");
    let mut problems = Problems::of("optional tokens");
    let answer = api.ask(Ask::get("/api/open").authorization("Bearer garbage")).await;
    invalid("jws.malformed").check(&mut problems, "garbage", &answer);
    let answer = api.ask(Ask::get("/api/open").authorization("Bearer a b")).await;
    MALFORMED.check(&mut problems, "two words", &answer);
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_bad_requests_on_one_line_leave_nothing_behind() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let token = good(&world);
    assert_eq!(api.bearer("/api/me", &token).await.status, 200);
    let mut line = crate::harness::wire::Line::open(api.address()).await;
    let expected: [Refused; 3] = [MISSING, MALFORMED, invalid("jws.malformed")];
    for count in 0..1000 {
        let value = ["", "Bearer a b", &format!("Bearer garbage-{count}")][count % 3].to_owned();
        let request = http::Request::get("/api/me").header("authorization", value);
        let request = request.header("host", api.address().to_string());
        let response = line.send(request.body(bytes::Bytes::new()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), expected[count % 3].status);
    }
    assert_eq!(api.server.cached(), 1, "the good one");
    assert_eq!(code(&api.bearer("/api/me", "garbage").await), "jws.malformed");
    assert_eq!(api.bearer("/api/me", &token).await.status, 200);
}
