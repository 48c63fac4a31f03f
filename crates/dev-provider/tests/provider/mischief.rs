//! Every named misbehaviour does what its name says.

use std::collections::BTreeMap;

use countersign_dev_provider::{DevProvider, Endpoint, Mischief, Signature, Who, cases};
use countersign_jose::{Algorithm, Allowed, Jws, KeySet, digest, json};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::support::{Browser, provider, with};

/// All that a careful client checks, against the key set as it is served.
async fn refusal(provider: &DevProvider, tokens: &Value, alg: Algorithm) -> Option<String> {
    let served = Browser::new(provider).get("/jwks").await;
    let keys = KeySet::parse(&served.body).unwrap();
    let token = tokens["id_token"].as_str().unwrap();
    let check = || -> Result<(), String> {
        let jws = Jws::parse(token).map_err(|error| error.to_string())?;
        let allowed = Allowed::new([alg]).unwrap();
        let payload = jws.verify(&keys, &allowed).map_err(|error| error.to_string())?;
        let claims = payload.object().map_err(|error| error.to_string())?;
        let now = provider.now();
        let time = |name: &str| claims.get(name).and_then(Value::as_i64);
        let fits = |name: &str, good: bool| if good { Ok(()) } else { Err(name.to_owned()) };
        fits("iss", claims.get("iss") == Some(&json!(provider.issuer())))?;
        fits("sub", claims.get("sub") == Some(&json!("alice")))?;
        fits("aud", claims.get("aud") == Some(&json!("web")))?;
        fits("azp", claims.get("azp").is_none_or(|azp| azp == "web"))?;
        fits("nonce", claims.get("nonce") == Some(&json!("the-nonce")))?;
        fits("exp", time("exp").is_some_and(|exp| exp > now && exp < now + 86_400))?;
        fits("iat", time("iat").is_some_and(|iat| iat <= now + 60 && iat > now - 600))?;
        fits("nbf", claims.get("nbf").is_none_or(|nbf| nbf.as_i64().unwrap() <= now + 60))?;
        fits("acr", claims.get("acr") == Some(&json!("pwd")))?;
        let fresh = |at: i64| at <= now + 60 && at > now - 600;
        fits("auth_time", time("auth_time").is_some_and(fresh))?;
        let half = digest::half(alg, tokens["access_token"].as_str().unwrap()).unwrap();
        fits("at_hash", claims.get("at_hash") == Some(&json!(half)))?;
        fits("c_hash", claims.get("c_hash") != Some(&json!("AAAAAAAAAAAAAAAAAAAAAA")))
    };
    check().err()
}

#[tokio::test]
async fn an_honest_id_token_passes_and_every_bent_one_is_refused() {
    let provider = provider();
    assert_eq!(refusal(&provider, &tokens(&provider).await, Algorithm::Es256).await, None);
    let harmless = ["id_token.no_kid", "id_token.rotated"];
    let named = cases().into_iter().filter(|case| case.name.starts_with("id_token."));
    let mut seen = 0;
    for case in named {
        provider.mischief().set_case(Who::Client("web".to_owned()), &case.name).unwrap();
        provider.mischief().set_case(Who::All, &case.name).unwrap();
        let tokens = tokens(&provider).await;
        let refused = refusal(&provider, &tokens, Algorithm::Es256).await;
        assert_eq!(refused.is_none(), harmless.contains(&case.name.as_str()), "{}", case.name);
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
    provider.mischief().clear();
    assert_eq!(refusal(&provider, &tokens(&provider).await, Algorithm::Es256).await, None);
}

async fn tokens(provider: &DevProvider) -> Value {
    Browser::new(provider).tokens("web", "alice", &[]).await
}

#[tokio::test]
async fn each_wrong_signature_is_wrong_in_its_own_way() {
    let provider = provider();
    let mut tokens = BTreeMap::new();
    for (name, signature) in [
        ("none", Signature::None),
        ("empty", Signature::Empty),
        ("zero", Signature::Zero),
        ("der", Signature::Der),
        ("jwk", Signature::EmbeddedJwk),
        ("jku", Signature::EmbeddedJku),
        ("pem", Signature::MacUnderPem),
        ("foreign", Signature::ForeignAlgorithm),
        ("unknown", Signature::UnknownKey),
    ] {
        provider.mischief().set(Who::All, [Mischief::Signature(signature)]);
        let answer = self::tokens(&provider).await;
        tokens.insert(name, answer["id_token"].as_str().unwrap().to_owned());
    }
    let header = |name: &str| {
        let part = tokens[name].split('.').next().unwrap();
        json::object(&countersign_jose::base64url::decode(part).unwrap()).unwrap()
    };
    let signature = |name: &str| {
        countersign_jose::base64url::decode(tokens[name].rsplit('.').next().unwrap()).unwrap()
    };
    assert_eq!(header("none")["alg"], "none");
    assert!(signature("none").is_empty() && signature("empty").is_empty());
    assert_eq!(header("empty")["alg"], "ES256");
    assert_eq!(signature("zero"), vec![0; 64]);
    assert_eq!(signature("der")[0], 0x30);
    assert_eq!(header("pem")["alg"], "HS256");
    assert_eq!(header("foreign")["alg"], "EdDSA");
    assert!(header("jku")["jku"].as_str().unwrap().ends_with("/dev/unpublished-keys"));

    // The embedded key does fit: a client that believes it is fooled.
    let embedded = header("jwk")["jwk"].as_object().unwrap().clone();
    let mut without_kid = embedded.clone();
    without_kid.remove("kid");
    let fooled = KeySet::from_jwks([without_kid]);
    assert!(Jws::parse(&tokens["jwk"]).unwrap().verify(&fooled, &Allowed::asymmetric()).is_ok());
    let elsewhere = Browser::new(&provider).get("/dev/unpublished-keys").await;
    let keys = KeySet::parse(&elsewhere.body).unwrap();
    assert!(Jws::parse(&tokens["unknown"]).unwrap().verify(&keys, &Allowed::asymmetric()).is_ok());
}

#[tokio::test]
async fn mischief_for_one_client_spares_the_others() {
    let provider = provider();
    provider.mischief().set_case(Who::Client("app".to_owned()), "id_token.wrong_iss").unwrap();
    provider.mischief().set(
        Who::Client("app".to_owned()),
        [Mischief::claim("iss", "https://evil.example"), Mischief::answer(Endpoint::UserInfo, 503)],
    );
    assert_eq!(refusal(&provider, &tokens(&provider).await, Algorithm::Es256).await, None);
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("app", "alice", &[]).await;
    let claims = countersign_jose::danger::peek(tokens["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(claims["iss"], "https://evil.example");
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(browser.user_info(token).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn callbacks_can_be_bent() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    browser.log_in("web", "alice", &[]).await;
    type Fits<'a> = &'a dyn Fn(&str) -> bool;
    let expected: [(&str, Fits<'_>); 9] = [
        ("callback.no_state", &|query| !query.contains("state=")),
        ("callback.wrong_state", &|query| query.contains("state=another-state")),
        ("callback.double_state", &|query| query.matches("state=the-state").count() == 2),
        ("callback.double_code", &|query| query.matches("code=").count() == 2),
        ("callback.no_code", &|query| !query.contains("code=")),
        ("callback.code_and_error", &|query| query.contains("code=") && query.contains("error=")),
        ("callback.wrong_iss", &|query| query.contains("iss=https%3A%2F%2Fevil.example")),
        ("callback.no_iss", &|query| !query.contains("iss=")),
        ("callback.script", &|query| query.contains("%3Cscript%3E") && !query.contains("code=")),
    ];
    for (name, fits) in expected {
        provider.mischief().set_case(Who::All, name).unwrap();
        let location = browser.authorize("web", &[]).await.location();
        assert!(fits(location.query().unwrap()), "{name}: {location}");
    }
}

#[tokio::test]
async fn metadata_keys_and_answers_can_be_bent() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let mischief = provider.mischief();
    mischief.set_case(Who::All, "metadata.wrong_issuer").unwrap();
    let document = browser.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["issuer"], "https://evil.example");
    mischief.set_case(Who::All, "discovery.html").unwrap();
    let page = browser.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(page.header("content-type"), "text/html");

    for (name, usable) in [
        ("keys.enc_only", 0),
        ("keys.empty_set", 0),
        ("keys.no_kid", 2),
        ("keys.symmetric", 2),
        ("keys.unusable_first", 2),
        ("id_token.weak_rsa", 2),
    ] {
        mischief.set_case(Who::All, name).unwrap();
        let served = browser.get("/jwks").await;
        assert_eq!(KeySet::parse(&served.body).unwrap().len(), usable, "{name}");
    }

    mischief.set_case(Who::All, "token.no_id_token").unwrap();
    assert_eq!(tokens(&provider).await.get("id_token"), None);
    mischief.set_case(Who::All, "token.error").unwrap();
    assert_eq!(tokens(&provider).await["error"], "invalid_grant");
    mischief.set_case(Who::All, "user_info.other_sub").unwrap();
    let answer = tokens(&provider).await;
    let person = browser.user_info(answer["access_token"].as_str().unwrap()).await.json();
    assert_eq!(person["sub"], "somebody-else");

    mischief.set_case(Who::All, "refresh.other_sub").unwrap();
    let refresh = answer["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let answer = browser.token("web", &form).await.json();
    let claims = countersign_jose::danger::peek(answer["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(claims["sub"], "somebody-else");

    mischief.set_case(Who::All, "register.status_500").unwrap();
    assert_eq!(browser.get("/register/x").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    mischief.set(Who::All, [Mischief::redirect(Endpoint::Jwks, "http://127.0.0.1:1/")]);
    let answer = browser.get("/jwks").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::FOUND, "http://127.0.0.1:1/")
    );
}

#[tokio::test]
async fn a_gzip_body_unpacks_to_the_answer() {
    use std::io::Read as _;
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let honest = browser.get("/jwks").await.body;
    provider.mischief().set_case(Who::All, "jwks.gzip").unwrap();
    let packed = browser.get("/jwks").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, honest);
}

#[tokio::test]
async fn a_weak_signature_is_arithmetically_right() {
    use num_bigint::BigUint;
    let provider = provider();
    provider.mischief().set_case(Who::All, "id_token.weak_rsa").unwrap();
    let answer = tokens(&provider).await;
    let token = answer["id_token"].as_str().unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let served = Browser::new(&provider).get("/jwks").await.json();
    let number =
        |text: &str| BigUint::from_bytes_be(&countersign_jose::base64url::decode(text).unwrap());
    let modulus = number(served["keys"][0]["n"].as_str().unwrap());
    assert_eq!(modulus.bits(), 1024);
    let opened = number(signature).modpow(&BigUint::from(65_537_u32), &modulus).to_bytes_be();
    assert!(opened.ends_with(&digest::sha256(input.as_bytes())));
    assert_eq!(opened[..2], [0x01, 0xff]);
}

#[tokio::test]
async fn the_public_key_forms_are_what_others_read() {
    // The same key through the JOSE crate's own PEM reader would need a private key; so the DER is
    // checked by its shape: SubjectPublicKeyInfo of P-256 is 91 bytes with this beginning.
    let provider = provider();
    let jwk = provider.key_set_document();
    let keys: Value = serde_json::from_str(&jwk).unwrap();
    let es256 = keys["keys"].as_array().unwrap().iter().find(|key| key["alg"] == "ES256").unwrap();
    let bytes =
        |name: &str| countersign_jose::base64url::decode(es256[name].as_str().unwrap()).unwrap();
    let mut expected = vec![
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ];
    expected.extend(bytes("x"));
    expected.extend(bytes("y"));
    provider.mischief().set_case(Who::All, "id_token.hs256_der").unwrap();
    let answer = tokens(&provider).await;
    let jws = Jws::parse(answer["id_token"].as_str().unwrap()).unwrap();
    let fooled = KeySet::from_secret(&expected).unwrap();
    assert!(jws.verify(&fooled, &Allowed::new([Algorithm::Hs256]).unwrap()).is_ok());
}

#[tokio::test]
async fn remote_control_sets_lists_and_clears() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let post = |path: &str| Request::post(path).header(header::CONTENT_TYPE, "application/json");
    let order = json!({"client_id": "web", "case": "id_token.alg_none"}).to_string();
    assert_eq!(browser.send(post("/dev/mischief"), order).await.status, StatusCode::OK);
    let list = browser.get("/dev/mischief").await.json();
    assert_eq!(list["active"]["web"][0]["signature"], "none");
    assert!(list["cases"].as_array().unwrap().len() > 200);

    let steps = json!({"steps": [
        {"member": {"of": "id_token", "name": "iss", "change": {"set": "https://evil.example"}}},
        {"answer": {"endpoint": "jwks", "status": 503}},
        {"transfer": {"endpoint": "token", "how": {"slow": 1}}},
    ]});
    let answer = browser.send(post("/dev/mischief"), steps.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(browser.get("/jwks").await.status, StatusCode::SERVICE_UNAVAILABLE);
    browser.send(post("/dev/mischief"), json!({"clear": true}).to_string()).await;
    assert_eq!(browser.get("/jwks").await.status, StatusCode::OK);

    let unknown = json!({"case": "nonsense"}).to_string();
    let refused = browser.send(post("/dev/mischief"), unknown).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let form = browser.post("/dev/mischief", &[("case", "id_token.alg_none")]).await;
    assert_eq!(form.status, StatusCode::BAD_REQUEST, "a page elsewhere could send a form");

    let before = provider.now();
    browser.send(post("/dev/clock"), json!({"advance": 1000}).to_string()).await;
    assert!(provider.now() >= before + 1000);
    let keys = provider.key_set_document();
    browser.send(post("/dev/keys"), json!({"rotate": 1}).to_string()).await;
    assert_ne!(provider.key_set_document(), keys);
    let counts = browser.get("/dev/requests").await.json();
    assert_eq!(counts["jwks"], 2);
}

#[tokio::test]
async fn remote_control_can_be_left_out() {
    let provider = with(|builder| builder.remote_control(false));
    let answer = Browser::new(&provider).get("/dev/mischief").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[test]
fn every_case_is_found_by_its_name_and_survives_json() {
    let mut names = std::collections::BTreeSet::new();
    for case in cases() {
        assert_eq!(Mischief::named(&case.name).as_ref(), Some(&case.steps), "{}", case.name);
        let text = serde_json::to_string(&case.steps).unwrap();
        let back: Vec<Mischief> = serde_json::from_str(&text).unwrap();
        assert_eq!(back, case.steps, "{text}");
        assert!(names.insert(case.name.clone()), "{} twice", case.name);
    }
    assert_eq!(Mischief::named("nonsense"), None);
    assert_eq!(Mischief::named("token.nonsense"), None);
    let unknown = provider().mischief().set_case(Who::All, "nonsense").unwrap_err();
    assert!(unknown.to_string().contains("nonsense"));
}
