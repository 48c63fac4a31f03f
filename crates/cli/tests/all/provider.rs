use crate::support::{Person, Program, folder, run};

#[test]
fn it_says_who_it_is_and_who_can_log_in() {
    let provider = Program::provider(&[]);
    let metadata =
        Person::new().fetch(&format!("{}/.well-known/openid-configuration", provider.issuer()));
    assert_eq!(metadata.json()["issuer"], provider.issuer());
    assert_eq!(provider.summary["users"][0]["username"], "alice");
    assert_eq!(provider.summary["users"][0]["password"], "password");
}

#[test]
fn the_people_of_a_file_can_log_in() {
    let file = folder("people").join("people.toml");
    std::fs::write(&file, "[[users]]\nusername = \"dora\"\n[users.claims]\nname = \"Dora Diaz\"\n")
        .unwrap();
    let provider = Program::provider(&["--users", file.to_str().unwrap()]);
    assert_eq!(provider.summary["users"].as_array().unwrap().len(), 1);
    let demo = Program::demo(&["--issuer", provider.issuer()]);
    let page = Person::new().log_in(&format!("{}/profile", demo.app()), "dora");
    assert!(page.text.contains("Dora Diaz"), "{}", page.text);
}

#[test]
fn the_case_of_mischief_that_it_suggests_exists() {
    let provider = Program::provider(&[]);
    let cases = Person::new().fetch(&format!("{}/dev/mischief", provider.issuer())).json();
    let names: Vec<&str> = cases["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"id_token.wrong_nonce"), "{names:?}");
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    let ended = run(&["provider", "--listen", "0.0.0.0:0"]);
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.contains("dev_provider.not_loopback"), "{}", ended.stderr);
}

#[test]
fn a_client_that_cannot_be_read_is_refused() {
    for client in ["web", "=http://127.0.0.1/", "web=nowhere", "web:=http://127.0.0.1/"] {
        let ended = run(&["provider", "--listen", "127.0.0.1:0", "--client", client]);
        assert_eq!(ended.code, 5, "{client}: {}", ended.stderr);
        assert!(ended.stderr.contains("--client"), "{client}: {}", ended.stderr);
    }
}
