use crate::support::{Answer, Browser, Wish, World};

fn fields(page: &Answer) -> Vec<(String, String)> {
    let text = page.text();
    text.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (unescaped(name), unescaped(rest.split('"').next().unwrap()))
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&amp;", "&")
}

fn posted(world: &World, browser: &mut Browser) -> (Vec<(String, String)>, Answer) {
    let away = browser.go("/deep?a=1");
    let form = world.provider.yes(&away.location());
    let page = browser.ask(Wish::cross_site_post("/auth/callback", &form));
    (form, page)
}

#[test]
fn a_cross_site_post_is_bridged_to_our_own_cookies() {
    let world = World::new();
    let mut browser = world.browser();
    let (form, page) = posted(&world, &mut browser);
    assert_eq!(page.status, 200);
    assert!(page.cookies().is_empty());
    let text = page.text();
    assert!(text.contains("<form method=\"post\" action=\"/auth/callback\">"), "{text}");
    assert!(text.contains(">Continue</button>"), "works by hand: {text}");
    let again = fields(&page);
    assert_eq!(again[..form.len()], form[..]);
    let end = browser.ask(Wish::post("/auth/callback", &again));
    assert_eq!((end.status, end.location().as_str()), (303, "/deep?a=1"));
    assert_eq!(browser.go("/deep").status, 200);
}

#[test]
fn the_bridges_script_is_the_only_one_allowed() {
    let world = World::new();
    let (_, page) = posted(&world, &mut world.browser());
    let policy = page.header("content-security-policy");
    let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(nonce.len() >= 16);
    assert!(page.text().contains(&format!("<script nonce=\"{nonce}\">")));
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let (_, other) = posted(&world, &mut world.browser());
    assert_ne!(other.header("content-security-policy"), policy, "a new nonce each time");
}

#[test]
fn the_code_never_becomes_part_of_an_address() {
    let world = World::new();
    let mut browser = world.browser();
    let (form, page) = posted(&world, &mut browser);
    let end = browser.ask(Wish::post("/auth/callback", &fields(&page)));
    let code = &form[0].1;
    assert!(!page.text().contains(&format!("action=\"/auth/callback?{code}")));
    for answer in [&page, &end] {
        for value in answer.headers.values() {
            assert!(!value.to_str().unwrap().contains(code.as_str()));
        }
    }
}

#[test]
fn a_post_that_brings_its_cookie_goes_straight_on() {
    let world = World::new();
    let mut browser = world.browser();
    let away = browser.go("/deep");
    let form = world.provider.yes(&away.location());
    assert_eq!(browser.ask(Wish::post("/auth/callback", &form)).location(), "/deep");
}

#[test]
fn a_form_is_bridged_only_once() {
    let world = World::new();
    let mut browser = world.browser();
    let (_, page) = posted(&world, &mut browser);
    browser.drop_cookies("");
    let again = browser.ask(Wish::post("/auth/callback", &fields(&page)));
    assert!(again.goes_to_provider(), "a login of its own, once: {}", again.text());
}

#[test]
fn a_form_from_another_browser_makes_no_session() {
    let world = World::new();
    let (_, page) = posted(&world, &mut world.browser());
    let mut victim = world.browser();
    victim.ask(Wish::post("/auth/callback", &fields(&page)));
    assert!(victim.names("session").is_empty());
    assert_eq!(world.provider.asked("/token"), 0);
}

#[test]
fn hostile_fields_are_escaped_on_the_bridge() {
    let world = World::new();
    let hostile = "\"><script>alert(1)</script><input value='";
    let form = vec![
        ("state".to_owned(), hostile.to_owned()),
        ("code".to_owned(), hostile.to_owned()),
        (hostile.to_owned(), hostile.to_owned()),
    ];
    let page = world.browser().ask(Wish::cross_site_post("/auth/callback", &form));
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("<script>alert"), "{}", page.text());
    assert_eq!(fields(&page)[..3], form[..]);
}

#[test]
fn what_is_no_form_is_refused() {
    let world = World::new();
    let form = [("code".to_owned(), "a".to_owned()), ("state".to_owned(), "b".to_owned())];
    let json = Wish::post("/auth/callback", &form).with("content-type", "application/json");
    assert_eq!(world.browser().ask(json).status, 415);
    let mut large = Wish::post("/auth/callback", &form);
    large.body = "a".repeat(64 * 1024 + 1);
    assert_eq!(world.browser().ask(large).status, 413);
    let mut binary = Wish::post("/auth/callback", &form);
    binary.body = "code=a&state=%ff%fe".to_owned();
    assert_eq!(world.browser().ask(binary).status, 200, "percent-encoded rubbish is bridged");
}

#[test]
fn a_doubled_field_is_refused_before_any_bridge() {
    let world = World::new();
    let form = ["a", "b"].map(|code| ("code".to_owned(), code.to_owned()));
    let page = world.browser().ask(Wish::cross_site_post("/auth/callback", &form));
    assert_eq!(page.status, 400);
    assert!(page.text().contains("login.malformed"));
}
