use crate::support::canned::Canned;
use crate::support::{Person, Program, free_port};

#[test]
fn the_answer_of_an_api_stands_on_the_profile_and_in_the_session() {
    let api = Canned::new(|_, path, head| {
        assert!(head.to_ascii_lowercase().contains("authorization: bearer "), "{path}");
        (200, "application/json", r#"{"notes":["buy milk"]}"#.to_owned())
    });
    let url = format!("{}/notes", api.address);
    let demo = Program::demo(&["--call-api", &url]);
    let mut person = Person::new();
    person.open(demo.app());
    assert!(api.asked().is_empty(), "nobody is logged in");
    let page = person.log_in(&format!("{}/profile", demo.app()), "alice");
    assert!(page.text.contains("From the API") && page.text.contains("buy milk"), "{}", page.text);
    let session = person.fetch(&format!("{}/me", demo.app())).json();
    assert_eq!(session["api"]["status"], 200);
    assert_eq!(session["api"]["body"]["notes"][0], "buy milk");
    assert_eq!(api.asked(), ["/notes", "/notes"]);
}

#[test]
fn an_api_that_fails_breaks_no_page() {
    let sorry = Canned::new(|_, _, _| (500, "text/html", "<h1>sorry</h1>".to_owned()));
    let gone = format!("http://127.0.0.1:{}/", free_port());
    for (url, expected) in [(sorry.address.as_str(), "500"), (&gone, "network.unreachable")] {
        let demo = Program::demo(&["--call-api", url]);
        let mut person = Person::new();
        let page = person.log_in(&format!("{}/profile", demo.app()), "alice");
        assert_eq!(page.status, 200);
        assert!(page.text.contains("alice@example.org"), "{}", page.text);
        assert!(page.text.contains(expected), "{expected} in {}", page.text);
        assert!(!page.text.contains("<h1>sorry"), "escaped: {}", page.text);
    }
}

#[test]
fn a_token_that_an_api_echoes_is_not_shown() {
    let echo = Canned::new(|_, _, head| (200, "text/plain", head.to_owned()));
    let demo = Program::demo(&["--call-api", &echo.address]);
    let mut person = Person::new();
    let page = person.log_in(&format!("{}/profile", demo.app()), "alice");
    let session = person.fetch(&format!("{}/me", demo.app()));
    for text in [page.text, session.text] {
        assert!(text.contains("(access token)"), "{text}");
        assert!(!text.contains("eyJ"), "{text}");
    }
}

#[test]
fn routes_that_are_not_built_say_so() {
    let demo = Program::demo(&[]);
    let answer = Person::new().fetch(&format!("{}/api/me", demo.app()));
    assert_eq!((answer.status, &answer.json()["error"]), (501, &"not_built".into()));
    assert_eq!(Person::new().fetch(&format!("{}/nothing", demo.app())).status, 404);
}
