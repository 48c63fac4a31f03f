//! Requests to an API, and what they are answered.

use countersign::{Dpop, ProtectedResource, Requirement, ResourceServerBuilder, danger};
use countersign_test_kit::{Broken, DpopKey};
use countersign_web::{Admission, Api, BODY_LIMIT, PublicAddress, Reply, WebRequest};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use serde_json::json;

use crate::support::api::ApiWorld;
use crate::support::{Answer, block_on};

/// One request.
struct Call {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
    peer: Option<&'static str>,
    certificate: Option<Vec<u8>>,
}

impl Call {
    fn get(uri: &str) -> Self {
        let uri = uri.parse().unwrap();
        let (headers, body) = (HeaderMap::new(), Vec::new());
        Self { method: Method::GET, uri, headers, body, peer: None, certificate: None }
    }

    fn form(uri: &str, body: impl Into<Vec<u8>>) -> Self {
        let call = Self { method: Method::POST, body: body.into(), ..Self::get(uri) };
        call.with("content-type", "application/x-www-form-urlencoded")
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers.append(name, HeaderValue::from_str(value).unwrap());
        self
    }

    fn bearer(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    fn peer(self, peer: &'static str) -> Self {
        Self { peer: Some(peer), ..self }
    }

    fn request(&self) -> WebRequest<'_> {
        WebRequest::new(&self.method, &self.uri, &self.headers)
            .peer(self.peer.map(|peer| peer.parse().unwrap()))
            .certificate(self.certificate.as_deref())
            .body(&self.body)
    }

    fn at(&self, api: &Api) -> Admission {
        self.asking(api, &Requirement::new())
    }

    fn asking(&self, api: &Api, requirement: &Requirement) -> Admission {
        block_on(api.admit(&self.request(), requirement))
    }
}

fn world(settings: impl FnOnce(ResourceServerBuilder) -> ResourceServerBuilder) -> (ApiWorld, Api) {
    let world = ApiWorld::new();
    let api = Api::new(world.server(settings));
    (world, api)
}

fn token(world: &ApiWorld) -> String {
    world.issuer.token("alice").sign()
}

fn passes(admission: &Admission) -> bool {
    matches!(admission, Admission::Pass(_))
}

fn answer(admission: Admission) -> Answer {
    match admission {
        Admission::Anonymous(reply) | Admission::Answer(reply) => Answer::from(*reply),
        other => panic!("it is no answer: {other:?}"),
    }
}

/// Status, code and the challenges, after a look at what all answers have in common.
fn told(admission: Admission) -> (u16, String, Vec<String>) {
    let answer = answer(admission);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("vary"), "Authorization");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.headers.get("set-cookie").is_none() && answer.headers.get("location").is_none());
    let challenges = answer.headers.get_all("www-authenticate").iter();
    let challenges = challenges.map(|value| value.to_str().unwrap().to_owned()).collect();
    (answer.status, answer.json()["code"].as_str().unwrap().to_owned(), challenges)
}

fn bearer(error: &str, description: &str) -> Vec<String> {
    vec![format!("Bearer error=\"{error}\", error_description=\"{description}\"")]
}

#[test]
fn a_good_token_passes() {
    let (world, api) = world(|api| api);
    let admission = Call::get("/notes").bearer(&token(&world)).at(&api);
    let Admission::Pass(token) = admission else { panic!("{admission:?}") };
    assert_eq!(token.subject(), Some("alice"));
}

#[test]
fn without_a_token_the_challenge_names_no_error() {
    let (_world, api) = world(|api| api);
    for call in [
        Call::get("/notes"),
        Call::get("/notes").with("authorization", "Basic dTpw"),
        Call::get("/notes").with("cookie", "access_token=abc"),
        Call::get("/notes?access_token=abc"),
        Call::form("/notes", "access_token=abc"),
    ] {
        let admission = call.at(&api);
        assert!(matches!(admission, Admission::Anonymous(_)), "{}", call.uri);
        let (status, code, challenges) = told(admission);
        assert_eq!((status, code.as_str()), (401, "bearer.missing"));
        assert_eq!(challenges, ["Bearer"]);
    }
}

#[test]
fn every_refusal_has_its_status_and_its_challenge() {
    let (world, api) = world(|api| api);
    let at = |call: Call, requirement: Requirement| told(call.asking(&api, &requirement));
    let bare = || token(&world);
    let wrong = "The request carries its access token in a wrong way.";
    for call in [
        Call::get("/").bearer(&bare()).bearer(&bare()),
        Call::get("/").bearer("a b"),
        Call::get("/").with("authorization", "Bearer"),
        Call::get("/").bearer(&"a".repeat(70_000)),
        Call::get("/?access_token=abc").bearer(&bare()),
    ] {
        // Not even where a token is optional does it pass.
        assert!(matches!(call.at(&api), Admission::Answer(_)), "{}", call.uri);
        let told = at(call, Requirement::new());
        assert_eq!(told, (400, "bearer.request".to_owned(), bearer("invalid_request", wrong)));
    }

    let expired = world.issuer.token("alice").broken(Broken::Expired).sign();
    assert_eq!(
        at(Call::get("/").bearer(&expired), Requirement::new()),
        (
            401,
            "access_token.expired".to_owned(),
            bearer("invalid_token", "The access token has expired.")
        )
    );

    let needed = Requirement::new().scope("notes:read").any_scope(["a", "b"]);
    let scope = format!(
        "{}, scope=\"notes:read a b\"",
        bearer("insufficient_scope", "The access token lacks a scope that is needed here.")[0]
    );
    assert_eq!(
        at(Call::get("/").bearer(&bare()), needed),
        (403, "bearer.scope".to_owned(), vec![scope])
    );

    assert_eq!(
        at(Call::get("/").bearer(&bare()), Requirement::new().role("editor")),
        (
            403,
            "bearer.role".to_owned(),
            bearer("insufficient_scope", "You lack a role that is needed here.")
        )
    );

    let odd = world.issuer.token("alice").claim("roles", 7).sign();
    let (status, code, _) = at(Call::get("/").bearer(&odd), Requirement::new().role("editor"));
    assert_eq!((status, code.as_str()), (403, "bearer.role"));

    let step_up = Requirement::new().acr_values(["gold"]).max_age(300);
    let challenge = format!(
        "{}, acr_values=\"gold\", max_age=\"300\"",
        bearer(
            "insufficient_user_authentication",
            "You have to sign in again, or more strongly, for this."
        )[0]
    );
    assert_eq!(
        at(Call::get("/").bearer(&bare()), step_up),
        (401, "bearer.step_up".to_owned(), vec![challenge])
    );
}

#[test]
fn no_bad_token_makes_more_than_a_401_of_itself() {
    let (world, api) = world(|api| api);
    for broken in Broken::ALL {
        let raw = world.issuer.token("alice").role("editor").broken(broken).sign();
        let (status, code, challenges) =
            told(Call::get("/").bearer(&raw).asking(&api, &Requirement::new().role("editor")));
        assert_eq!(code, broken.code(), "{broken:?}");
        let expected = if code.starts_with("bearer.") { 403 } else { 401 };
        assert_eq!(status, expected, "{broken:?}");
        assert_eq!(challenges.len(), 1);
    }
    for garbage in ["a", "a.b", "a.b.c", "a.b.c.d.e", "....", "e30.e30.e30", &"a.".repeat(30_000)] {
        let (status, ..) = told(Call::get("/").bearer(garbage).at(&api));
        assert_eq!(status, 401, "{}", garbage.len());
    }
    assert!(world.asked("/jwks") <= 5, "{}", world.asked("/jwks"));
}

#[test]
fn the_body_says_what_the_challenge_says() {
    let (world, api) = world(|api| api);
    let body =
        |call: Call, requirement: &Requirement| answer(call.asking(&api, requirement)).json();
    assert_eq!(
        body(Call::get("/"), &Requirement::new()),
        json!({"error": "bearer.missing", "code": "bearer.missing",
            "error_description": "An access token is needed for this."})
    );
    let raw = token(&world);
    assert_eq!(
        body(Call::get("/").bearer(&raw), &Requirement::new().scope("x")),
        json!({"error": "insufficient_scope", "code": "bearer.scope",
            "error_description": "The access token lacks a scope that is needed here."})
    );
}

#[test]
fn nothing_of_the_token_is_in_the_answer() {
    let (world, api) = world(|api| api);
    let raw = world.issuer.token("hush-alice").audience("hush-api").role("hush-role").sign();
    let answer = answer(Call::get("/").bearer(&raw).at(&api));
    let all = format!("{:?} {}", answer.headers, answer.text());
    assert!(!all.contains("hush") && !all.contains(&raw[..20]), "{all}");
}

#[test]
fn realm_and_metadata_stand_in_every_challenge() {
    let resource = ProtectedResource::new("https://api.example/notes").unwrap();
    let (world, api) = world(|api| api.realm("notes").resource(resource));
    let at = "https://api.example/.well-known/oauth-protected-resource/notes";
    let (.., challenges) = told(Call::get("/").at(&api));
    assert_eq!(challenges, [format!(r#"Bearer realm="notes", resource_metadata="{at}""#)]);
    let (.., challenges) =
        told(Call::get("/").bearer(&token(&world)).asking(&api, &Requirement::new().scope("x")));
    assert!(challenges[0].starts_with(r#"Bearer realm="notes", error="insufficient_scope""#));
    assert!(challenges[0].ends_with(&format!(r#", scope="x", resource_metadata="{at}""#)));

    assert_eq!(api.metadata_path().as_deref(), Some("/.well-known/oauth-protected-resource/notes"));
    let metadata = Answer::from(api.metadata().unwrap());
    assert_eq!(metadata.status, 200);
    assert_eq!(metadata.header("access-control-allow-origin"), "*");
    assert_eq!(metadata.header("content-type"), "application/json");
    assert_eq!(
        metadata.json(),
        json!({"resource": "https://api.example/notes",
            "authorization_servers": ["https://op.example"],
            "bearer_methods_supported": ["header"]})
    );
}

#[test]
fn an_api_without_an_address_has_no_metadata() {
    let (_world, api) = world(|api| api);
    assert!(api.metadata().is_none() && api.metadata_path().is_none());
}

#[test]
fn an_own_view_keeps_status_and_challenge() {
    let (world, api) = world(|api| api);
    let api = api.show_refusal(|view| {
        let text = format!("{} {:?} {}", view.code(), view.error(), view.status().as_u16());
        let own = Reply::html(StatusCode::OK, text);
        Some(own.header(http::header::WWW_AUTHENTICATE, "Basic realm=\"own\""))
    });
    for (call, requirement, status, text, challenge) in [
        (Call::get("/"), Requirement::new(), 401, "bearer.missing None 401", "Bearer"),
        (
            Call::get("/").bearer(&token(&world)),
            Requirement::new().role("x"),
            403,
            "bearer.role Some(\"insufficient_scope\") 403",
            "Bearer error=\"insufficient_scope\", error_description=\"You lack a role that is needed here.\"",
        ),
    ] {
        let answer = answer(call.asking(&api, &requirement));
        assert_eq!((answer.status, answer.text().as_str()), (status, text));
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-store");
        let challenges: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
        assert_eq!(challenges, [challenge]);
    }
    let silent = api.show_refusal(|_| None);
    assert_eq!(answer(Call::get("/").at(&silent)).json()["code"], "bearer.missing");
}

#[test]
fn a_preflight_goes_on_untouched() {
    let (world, api) = world(|api| api);
    let preflight = || {
        Call::get("/notes")
            .method(Method::OPTIONS)
            .with("origin", "https://other.example")
            .with("access-control-request-method", "PUT")
    };
    for call in [
        preflight(),
        preflight().with("access-control-request-headers", "authorization"),
        preflight().bearer("garbage of somebody"),
    ] {
        let admission = call.asking(&api, &Requirement::new().scope("x"));
        assert!(matches!(admission, Admission::Preflight));
        let now = api.admit_now(&call.request(), &Requirement::new().scope("x"));
        assert!(matches!(now, Some(Admission::Preflight)));
    }
    assert!(world.wire().asked.is_empty());
}

#[test]
fn what_only_resembles_a_preflight_needs_a_token() {
    let (world, api) = world(|api| api);
    let asks = "access-control-request-method";
    for call in [
        Call::get("/").method(Method::OPTIONS),
        Call::get("/").method(Method::OPTIONS).with("origin", "https://other.example"),
        Call::get("/").method(Method::OPTIONS).with(asks, "PUT"),
        Call::get("/").with("origin", "https://other.example").with(asks, "PUT"),
        Call::get("/").method(Method::POST).with("origin", "https://x.example").with(asks, "PUT"),
    ] {
        assert_eq!(told(call.at(&api)).0, 401, "{} {:?}", call.method, call.headers);
    }
    let options = Call::get("/").method(Method::OPTIONS).bearer(&token(&world));
    assert!(passes(&options.at(&api)));
}

#[test]
fn every_method_needs_a_token() {
    let (world, api) = world(|api| api);
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY", "TRACE"] {
        let call = || Call::get("/").method(Method::from_bytes(method.as_bytes()).unwrap());
        assert_eq!(told(call().at(&api)).0, 401, "{method}");
        assert!(passes(&call().bearer(&token(&world)).at(&api)), "{method}");
    }
}

#[test]
fn nobody_passes_while_the_provider_is_down_and_everybody_when_it_is_back() {
    let (world, api) = world(|api| api);
    let raw = token(&world);
    world.wire().down = true;
    let call = || Call::get("/").bearer(&raw);
    assert!(api.admit_now(&call().request(), &Requirement::new()).is_none());
    let (status, code, challenges) = told(call().at(&api));
    assert_eq!(status, 503, "{code}");
    assert_eq!(challenges, [""; 0], "another token would not help");
    let wait: u64 = answer(call().at(&api)).header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    world.wire().down = false;
    world.seconds(wait);
    assert!(passes(&call().at(&api)));
    world.wire().down = true;
    assert!(passes(&call().at(&api)), "its keys are at hand now");
    assert!(api.admit_now(&call().request(), &Requirement::new()).is_some());
}

/// Without a provider, what needs none is answered all the same.
#[test]
fn a_bad_request_is_told_so_while_the_provider_is_down() {
    let (world, api) = world(|api| api);
    world.wire().down = true;
    assert_eq!(told(Call::get("/").at(&api)).0, 401);
    assert_eq!(told(Call::get("/").bearer("a b").at(&api)).0, 400);
    assert_eq!(told(Call::get("/").bearer("garbage").at(&api)).0, 401);
}

mod places {
    use super::*;

    #[test]
    fn a_form_or_a_query_counts_only_within_danger() {
        let (plain, api) = world(|api| api);
        let raw = token(&plain);
        let form = format!("a=b&access_token={raw}");
        let query = format!("/notes?access_token={raw}");
        assert_eq!(told(Call::form("/notes", form.clone()).at(&api)).1, "bearer.missing");
        assert_eq!(told(Call::get(&query).at(&api)).1, "bearer.missing");
        assert!(!api.reads_body(&Call::form("/notes", "").request()));

        let forms = Api::new(plain.server(danger::token_in_form));
        assert!(passes(&Call::form("/notes", form.clone()).at(&forms)));
        assert_eq!(told(Call::get(&query).at(&forms)).1, "bearer.missing");
        let queries = Api::new(plain.server(danger::token_in_query));
        assert!(passes(&Call::get(&query).at(&queries)));
        assert_eq!(told(Call::form("/notes", form).at(&queries)).1, "bearer.missing");
    }

    #[test]
    fn a_form_is_one_only_by_its_type_and_its_method() {
        let (world, api) = world(danger::token_in_form);
        let form = format!("access_token={}", token(&world));
        let typed = |kind: &str| {
            let call = Call { body: form.clone().into(), ..Call::get("/") };
            call.method(Method::POST).with("content-type", kind)
        };
        for kind in [
            "application/x-www-form-urlencoded; charset=utf-8",
            "Application/X-WWW-Form-URLEncoded",
        ] {
            assert!(api.reads_body(&typed(kind).request()), "{kind}");
            assert!(passes(&typed(kind).at(&api)), "{kind}");
        }
        for kind in [
            "text/plain",
            "application/json",
            "multipart/form-data; boundary=x",
            "",
            "x; application/x-www-form-urlencoded",
        ] {
            assert!(!api.reads_body(&typed(kind).request()), "{kind}");
            assert_eq!(told(typed(kind).at(&api)).1, "bearer.missing", "{kind}");
        }
        for (method, read) in [
            ("POST", true),
            ("PUT", true),
            ("PATCH", true),
            ("GET", false),
            ("HEAD", false),
            ("DELETE", false),
            ("OPTIONS", false),
        ] {
            let call = Call::form("/", form.clone());
            let call = call.method(Method::from_bytes(method.as_bytes()).unwrap());
            assert_eq!(api.reads_body(&call.request()), read, "{method}");
            assert_eq!(passes(&call.at(&api)), read, "{method}");
        }
    }

    #[test]
    fn two_tokens_are_refused_wherever_they_stand() {
        let (world, api) = world(|api| danger::token_in_query(danger::token_in_form(api)));
        let raw = token(&world);
        for call in [
            Call::get(&format!("/?access_token={raw}")).bearer(&raw),
            Call::get(&format!("/?access_token={raw}&access_token={raw}")),
            Call::form("/", format!("access_token={raw}")).bearer(&raw),
            Call::form("/", format!("access_token={raw}&access_token=")),
            Call::form(&format!("/?access_token={raw}"), format!("access_token={raw}")),
        ] {
            assert_eq!(told(call.at(&api)).1, "bearer.request", "{}", call.uri);
        }
    }

    #[test]
    fn an_odd_form_is_no_token_and_no_crash() {
        let (_world, api) = world(danger::token_in_form);
        for (body, code) in [
            (b"access_token=".to_vec(), "bearer.request"),
            (b"access_token".to_vec(), "bearer.request"),
            (b"access_token=a%20b".to_vec(), "bearer.request"),
            (b"access_token=%ff".to_vec(), "bearer.request"),
            (b"access_token=\xff\xfe".to_vec(), "bearer.missing"),
            (b"%".to_vec(), "bearer.missing"),
            (vec![b'&'; BODY_LIMIT], "bearer.missing"),
            (b"ACCESS_TOKEN=abc".to_vec(), "bearer.missing"),
        ] {
            assert_eq!(told(Call::form("/", body.clone()).at(&api)).1, code, "{body:?}");
        }
    }
}

mod dpop {
    use super::*;

    struct Bound {
        world: ApiWorld,
        key: DpopKey,
        raw: String,
    }

    fn bound() -> Bound {
        let (world, key) = (ApiWorld::new(), DpopKey::generate());
        let raw = world.issuer.token("alice").bound_to(&key).sign();
        Bound { world, key, raw }
    }

    impl Bound {
        fn api(&self) -> Api {
            Api::new(self.world.server(|api| api.dpop(Dpop::new())))
        }

        /// A request to this path with a proof for that address.
        fn call(&self, path: &str, method: &str, proven: &str) -> Call {
            let now = self.world.issuer.now();
            let proof = self.key.proof(method, proven).for_token(&self.raw).at(now).sign();
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            Call::get(path)
                .method(method)
                .with("authorization", &format!("DPoP {}", self.raw))
                .with("dpop", &proof)
        }
    }

    fn address(url: &str) -> PublicAddress {
        PublicAddress::new(url).unwrap()
    }

    #[test]
    fn a_proof_is_for_the_public_address_and_the_method() {
        let bound = bound();
        let api = bound.api().address(address("https://api.example"));
        let call = |path, method, proven| bound.call(path, method, proven).at(&api);
        assert!(passes(&call("/notes", "GET", "https://api.example/notes")));
        assert!(passes(&call("/notes?page=2", "PUT", "https://api.example/notes")));
        for proven in [
            "https://api.example/other",
            "https://other.example/notes",
            "http://api.example/notes",
            "https://api.example:8443/notes",
            "/notes",
        ] {
            let (status, code, challenges) = told(call("/notes", "GET", proven));
            assert_eq!(status, 401, "{proven} {code}");
            assert!(challenges[0].starts_with("DPoP error=\"invalid_dpop_proof\""), "{proven}");
            assert_eq!(challenges[1], "Bearer");
        }
        let other = bound.call("/notes", "GET", "https://api.example/notes").method(Method::POST);
        assert_eq!(told(other.at(&api)).1, "dpop.htm");
    }

    #[test]
    fn the_host_that_a_request_names_decides_nothing() {
        let bound = bound();
        let api = bound.api().address(address("https://api.example"));
        let evil = bound.call("/notes", "GET", "https://evil.example/notes");
        let evil = evil.with("host", "evil.example").with("x-forwarded-host", "evil.example");
        assert_eq!(told(evil.at(&api)).1, "dpop.htu");
    }

    #[test]
    fn behind_a_trusted_proxy_the_address_is_the_one_that_it_passes_on() {
        let bound = bound();
        let addresses = address("https://api.example").also("https://other.example").unwrap();
        let api = bound.api().address(addresses.trust_proxies(["10.0.0.0/8"]).unwrap());
        let call = || {
            let call = bound.call("/notes", "GET", "https://other.example/notes");
            call.with("host", "backend:8000").with("x-forwarded-host", "other.example")
        };
        assert!(passes(&call().peer("10.1.2.3").at(&api)));
        assert_eq!(told(call().peer("192.0.2.1").at(&api)).1, "dpop.htu", "a stranger's word");
        assert_eq!(told(call().at(&api)).1, "dpop.htu", "an unknown peer's word");
    }

    #[test]
    fn a_path_prefix_belongs_to_the_address_whether_or_not_a_proxy_took_it_off() {
        let bound = bound();
        let api = bound.api().address(address("https://api.example/v1"));
        for path in ["/v1/notes", "/notes"] {
            let call = bound.call(path, "GET", "https://api.example/v1/notes");
            assert!(passes(&call.at(&api)), "{path}");
        }
        let call = bound.call("/notes", "GET", "https://api.example/notes");
        assert_eq!(told(call.at(&api)).1, "dpop.htu");
    }

    #[test]
    fn without_an_address_that_of_the_metadata_is_taken() {
        let bound = bound();
        let resource = ProtectedResource::new("https://api.example/notes");
        let server = bound.world.server(|api| api.dpop(Dpop::new()).resource(resource.unwrap()));
        let api = Api::new(server);
        assert!(passes(&bound.call("/notes/7?a=b", "GET", "https://api.example/notes/7").at(&api)));
        let call = bound.call("/notes/7", "GET", "https://api.example/notes");
        assert_eq!(told(call.at(&api)).1, "dpop.htu");
    }

    /// A mistake in the application, and no token passes by it.
    #[test]
    fn without_any_address_no_bound_token_passes() {
        let bound = bound();
        let (status, code, _) =
            told(bound.call("/notes", "GET", "https://api.example/notes").at(&bound.api()));
        assert_eq!(status, 500, "{code}");
        assert!(code.starts_with("setup."), "{code}");
    }

    #[test]
    fn a_proof_passes_once() {
        let bound = bound();
        let api = bound.api().address(address("https://api.example"));
        let call = bound.call("/notes", "GET", "https://api.example/notes");
        assert!(passes(&call.at(&api)));
        let (status, code, _) = told(call.at(&api));
        assert_eq!((status, code.as_str()), (401, "dpop.replay"));
    }

    #[test]
    fn a_token_that_passed_at_an_outer_layer_is_asked_only_for_the_rest() {
        let bound = bound();
        let api = bound.api().address(address("https://api.example"));
        let call = bound.call("/notes", "GET", "https://api.example/notes");
        let Admission::Pass(token) = call.at(&api) else { panic!("it is good") };
        assert!(passes(&api.admit_again(&token, &Requirement::new())));
        let refused = api.admit_again(&token, &Requirement::new().scope("x"));
        assert_eq!(told(refused).1, "bearer.scope");
    }

    #[test]
    fn a_bound_token_never_passes_as_a_plain_one() {
        let bound = bound();
        let api = bound.api().address(address("https://api.example"));
        let (status, code, challenges) = told(Call::get("/").bearer(&bound.raw).at(&api));
        assert_eq!((status, code.as_str()), (401, "access_token.confirmation"));
        assert!(challenges[0].starts_with("Bearer error=\"invalid_token\""), "{challenges:?}");
        assert!(challenges[1].starts_with("DPoP algs="), "{challenges:?}");
        let off = Api::new(bound.world.server(|api| api)).address(address("https://api.example"));
        assert_eq!(told(Call::get("/").bearer(&bound.raw).at(&off)).1, "access_token.confirmation");
        let call = bound.call("/", "GET", "https://api.example/");
        assert_eq!(told(call.at(&off)).1, "access_token.confirmation");
    }

    #[test]
    fn a_plain_token_does_not_pass_under_dpop() {
        let bound = bound();
        let api = bound.api().address(address("https://api.example"));
        let plain = token(&bound.world);
        let call = Call::get("/").with("authorization", &format!("DPoP {plain}"));
        assert_eq!(told(call.at(&api)).1, "access_token.confirmation");
    }

    #[test]
    fn a_nonce_is_handed_out_with_the_refusal_that_wants_it_and_then_accepted() {
        let bound = bound();
        let server = bound.world.server(|api| api.dpop(Dpop::new().nonces()));
        let api = Api::new(server).address(address("https://api.example"));
        let refused = answer(bound.call("/notes", "GET", "https://api.example/notes").at(&api));
        assert_eq!(refused.status, 401);
        assert!(refused.header("www-authenticate").contains("error=\"use_dpop_nonce\""));
        let nonce = refused.header("dpop-nonce");
        let proof = bound.key.proof("GET", "https://api.example/notes").for_token(&bound.raw);
        let proof = proof.at(bound.world.issuer.now()).nonce(nonce).sign();
        let call = Call::get("/notes").with("authorization", &format!("DPoP {}", bound.raw));
        assert!(passes(&call.with("dpop", &proof).at(&api)));
        let missing = answer(Call::get("/notes").at(&api));
        assert_eq!(missing.header("dpop-nonce"), "", "nobody asked for one");
    }

    #[test]
    fn a_full_memory_of_proofs_is_told_as_a_wait() {
        let bound = bound();
        let memory = std::sync::Arc::new(countersign::ReplayMemory::new(1));
        let server = bound.world.server(|api| api.dpop(Dpop::new().memory(memory)));
        let api = Api::new(server).address(address("https://api.example"));
        let call = || bound.call("/notes", "GET", "https://api.example/notes").at(&api);
        let refused = (0..200).map(|_| call()).find(|admission| !passes(admission));
        let refused = answer(refused.expect("the memory is bounded"));
        assert_eq!((refused.status, refused.json()["code"].as_str()), (503, Some("dpop.busy")));
        assert!(refused.header("retry-after").parse::<u64>().is_ok());
        assert_eq!(refused.header("www-authenticate"), "");
    }
}

mod certificate {
    use super::*;

    #[test]
    fn a_token_bound_to_a_certificate_passes_with_that_one_only() {
        let (world, api) = world(|api| api);
        let raw = world.issuer.token("alice").bound_to_certificate(b"der").sign();
        let call = |certificate: Option<&[u8]>| {
            let certificate = certificate.map(<[u8]>::to_vec);
            Call { certificate, ..Call::get("/") }.bearer(&raw).at(&api)
        };
        assert!(passes(&call(Some(b"der"))));
        for other in [None, Some(b"other".as_slice()), Some(b"")] {
            let (status, code, challenges) = told(call(other));
            assert_eq!((status, code.as_str()), (401, "access_token.confirmation"));
            assert!(challenges[0].starts_with("Bearer error=\"invalid_token\""));
        }
    }

    /// The scheme would say that a proof came along, which nobody would look at.
    #[test]
    fn a_token_bound_to_a_certificate_does_not_pass_under_dpop() {
        let (world, api) = world(|api| api.dpop(Dpop::new()));
        let raw = world.issuer.token("alice").bound_to_certificate(b"der").sign();
        let call = Call { certificate: Some(b"der".to_vec()), ..Call::get("/") };
        let call = call.with("authorization", &format!("DPoP {raw}"));
        let (status, code, challenges) = told(call.at(&api));
        assert_eq!((status, code.as_str()), (401, "access_token.confirmation"));
        assert!(challenges[0].starts_with("DPoP error=\"invalid_token\""));
    }
}
