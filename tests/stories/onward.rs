//! Services that call each other: tokens in a service's own name or in somebody else's, kept,
//! renewed, revoked, and shown to another API.

use countersign::outside::Outside;
use countersign::{
    CheckError, Client, Introspection, Issuer, Presented, Provider, Requirement, ResourceServer,
    Secret, Token, TokenAsk, TokenClient, TokenHint, TrustedIssuer,
};
use countersign_dev_provider::Endpoint;
use countersign_dev_provider::{AccessTokens, Client as DevClient, Mischief};
use http::{HeaderMap, HeaderValue};

use crate::harness::World;

const BILLING: &str = "https://billing.example";
const SECRET: &str = "notes-secret";

/// A provider that knows the service `notes`, and gives it JWTs or opaque tokens.
async fn world(kind: AccessTokens) -> World {
    let notes = DevClient::confidential("notes", SECRET).access_tokens(kind);
    World::with(|provider| provider.client(notes).scope("invoices").scope("mail")).await
}

fn jwts() -> AccessTokens {
    AccessTokens::Jwt { audience: "https://nobody.example".to_owned() }
}

fn provider(world: &World) -> Provider {
    Provider::discover(Issuer::parse(world.provider.issuer()).unwrap())
}

fn client() -> Client {
    Client::with_secret("notes", Secret::from(SECRET))
}

fn outside(world: &World) -> Outside {
    Outside::new(world.tap.clone()).clock(world.clock.clone())
}

fn tokens(world: &World) -> TokenClient {
    TokenClient::builder(provider(world), client()).build(outside(world)).unwrap()
}

/// The other API, which checks signatures or asks the provider.
fn billing(world: &World, introspection: Option<Introspection>) -> ResourceServer {
    let issuer = TrustedIssuer::new(provider(world));
    let issuer = match introspection {
        Some(introspection) => issuer.introspection_only(introspection),
        None => issuer,
    };
    ResourceServer::builder([BILLING]).issuer(issuer).build(outside(world)).unwrap()
}

async fn shown(api: &ResourceServer, token: &Secret) -> Result<Token, CheckError> {
    let mut headers = HeaderMap::new();
    let value = format!("Bearer {}", token.expose());
    headers.insert("authorization", HeaderValue::from_str(&value).unwrap());
    let requirement = Requirement::new().scope("invoices");
    api.check(&Presented::from_headers(&headers).unwrap(), &requirement).await
}

fn invoices() -> TokenAsk {
    TokenAsk::new().scope("invoices").resource(BILLING)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_calls_another_in_its_own_name() {
    let world = world(jwts()).await;
    let (tokens, billing) = (tokens(&world), billing(&world, None));
    let grant = tokens.client_credentials(&invoices()).await.unwrap();
    let token = shown(&billing, &grant.token).await.unwrap();
    assert_eq!(token.subject(), Some("notes"));
    assert_eq!(grant.scope, "invoices");

    // Kept while it is good, new before it ends.
    let before = world.provider.requests().count(Endpoint::Token);
    for _ in 0..10 {
        let again = tokens.client_credentials(&invoices()).await.unwrap();
        assert_eq!(again.token, grant.token);
    }
    assert_eq!(world.provider.requests().count(Endpoint::Token), before);
    let left = grant.expires_at.unwrap().since(tokens.now()).as_secs();
    world.wait(left - 20);
    let next = tokens.client_credentials(&invoices()).await.unwrap();
    assert_ne!(next.token, grant.token);
    assert!(shown(&billing, &next.token).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_for_one_api_is_exchanged_for_one_for_another() {
    let world = world(jwts()).await;
    let (tokens, billing) = (tokens(&world), billing(&world, None));
    let ask = TokenAsk::new().scope("invoices mail").resource("https://notes.example");
    let came = tokens.client_credentials(&ask).await.unwrap().token;
    assert_eq!(shown(&billing, &came).await.unwrap_err().code(), "access_token.audience");

    let narrow = tokens.exchange(&came, &invoices()).await.unwrap();
    assert_eq!(narrow.scope, "invoices");
    let token = shown(&billing, &narrow.token).await.unwrap();
    assert!(token.has_scope("invoices") && !token.has_scope("mail"));
    assert_eq!(tokens.exchange(&came, &invoices()).await.unwrap().token, narrow.token);

    // More than came in is not to be had.
    let more = TokenAsk::new().scope("invoices mail profile").resource(BILLING);
    let error = tokens.exchange(&came, &more).await.unwrap_err();
    assert_eq!(error.code(), "token.not_granted");
    assert_eq!(error.provider_says().unwrap().error, "invalid_scope");
    let stranger = Secret::from("not-a-token-of-theirs");
    let error = tokens.exchange(&stranger, &invoices()).await.unwrap_err();
    assert_eq!(error.code(), "token.not_granted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_is_told_to_be_inactive_in_every_form_of_asking() {
    let ways = [
        Introspection::new(client()),
        Introspection::new(client()).signed(),
        Introspection::new(client()).bearer(),
    ];
    for way in ways {
        let world = world(AccessTokens::Opaque).await;
        let tokens = tokens(&world);
        let grant = tokens.client_credentials(&invoices()).await.unwrap();
        let token = shown(&billing(&world, Some(way.clone())), &grant.token).await.unwrap();
        assert!(token.has_scope("invoices"), "{way:?}");

        tokens.revoke(&grant.token, Some(TokenHint::AccessToken)).await.unwrap();
        let error = shown(&billing(&world, Some(way)), &grant.token).await.unwrap_err();
        assert_eq!(error.code(), "access_token.inactive");
        let next = tokens.client_credentials(&invoices()).await.unwrap();
        assert_ne!(next.token, grant.token, "a revoked token was handed out again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_answers_nonsense_gives_no_token() {
    let world = world(jwts()).await;
    let tokens = tokens(&world);
    let instead = |status: u16, headers: &[(&str, &str)], body: &str| Mischief::Answer {
        endpoint: Endpoint::Token,
        status: Some(status),
        headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: Some(body.to_owned()),
    };
    let html = ("content-type", "text/html");
    let json = ("content-type", "application/json");
    let cases = [
        (instead(302, &[("location", "http://127.0.0.1:1/")], ""), "provider.redirect"),
        (instead(500, &[html], "<html>"), "provider.status"),
        (instead(200, &[html], "<html>"), "provider.not_json"),
        (instead(200, &[json], "{"), "provider.not_json"),
        (instead(200, &[json], "{}"), "token.member"),
        (
            instead(200, &[json], r#"{"access_token":"x","token_type":"Bearer","expires_in":-1}"#),
            "token.member",
        ),
        (
            instead(
                200,
                &[json],
                r#"{"access_token":"x","access_token":"y","token_type":"Bearer"}"#,
            ),
            "provider.not_json",
        ),
    ];
    for (number, (mischief, code)) in cases.into_iter().enumerate() {
        world.misbehave([mischief]);
        let ask = invoices().extra("number", number.to_string());
        assert_eq!(tokens.client_credentials(&ask).await.unwrap_err().code(), code);
    }
    world.behave();
    assert!(tokens.client_credentials(&invoices()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_that_answers_nonsense_about_a_token_lets_nobody_pass() {
    let world = world(AccessTokens::Opaque).await;
    let tokens = tokens(&world);
    let grant = tokens.client_credentials(&invoices()).await.unwrap();
    let json = || [("content-type".to_owned(), "application/json".to_owned())].into();
    for (status, body) in [
        (200, r#"{"active":"true","scope":"invoices","aud":"https://billing.example"}"#),
        (200, r#"{"active":1,"scope":"invoices","aud":"https://billing.example"}"#),
        (200, r#"{"scope":"invoices","aud":"https://billing.example"}"#),
        (200, r#"{"active":false,"active":true,"scope":"invoices"}"#),
        (500, r#"{"active":true,"scope":"invoices","aud":"https://billing.example"}"#),
        (404, r#"{"active":true}"#),
        (200, "[]"),
        (200, "<html>"),
    ] {
        let (endpoint, body) = (Endpoint::Introspect, Some(body.to_owned()));
        world.misbehave([Mischief::Answer {
            endpoint,
            status: Some(status),
            headers: json(),
            body,
        }]);
        for way in [Introspection::new(client()), Introspection::new(client()).signed()] {
            let error = shown(&billing(&world, Some(way)), &grant.token).await.unwrap_err();
            assert!(matches!(error, CheckError::Unavailable(_)), "{status}: {error:?}");
        }
    }
    world.behave();
    let billing = billing(&world, Some(Introspection::new(client())));
    assert!(shown(&billing, &grant.token).await.is_ok());
}
