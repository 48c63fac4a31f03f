use crate::support::{Program, folder, run, run_with};

#[test]
fn a_flag_goes_before_the_environment_and_that_before_dotenv() {
    let folder = folder("precedence");
    std::fs::write(folder.join(".env"), "COUNTERSIGN_STORE=dotenv\n").unwrap();
    let demo = ["demo", "--listen", "127.0.0.1:0"];
    let variable = [("COUNTERSIGN_STORE", "environment")];
    let ended = run_with(&demo, &[], &folder);
    assert!(ended.stderr.contains("--store dotenv is not built"), "{}", ended.stderr);
    let ended = run_with(&demo, &variable, &folder);
    assert!(ended.stderr.contains("--store environment is not built"), "{}", ended.stderr);
    let flagged = [&demo[..], &["--store", "flag"]].concat();
    let ended = run_with(&flagged, &variable, &folder);
    assert!(ended.stderr.contains("--store flag is not built"), "{}", ended.stderr);
}

#[test]
fn switches_and_secrets_can_stand_in_the_environment() {
    let folder = folder("environment");
    let text = "COUNTERSIGN_CONSENT=yes\nCOUNTERSIGN_CLIENT_ID=web\nCOUNTERSIGN_CLIENT_SECRET=from-dotenv\n";
    std::fs::write(folder.join(".env"), text).unwrap();
    let demo = Program::start_with(&["demo", "--listen", "127.0.0.1:0"], &[], &folder);
    let mut person = crate::support::Person::new();
    let page = person.log_in(&format!("{}/profile", demo.app()), "alice");
    assert!(page.text.contains("name=\"allow\""), "the consent page: {}", page.text);
}

#[test]
fn an_empty_variable_sets_nothing() {
    let variables =
        [("COUNTERSIGN_CLIENT_ID", ""), ("COUNTERSIGN_MAX_AGE", ""), ("COUNTERSIGN_STORE", "")];
    let folder = folder("empty-variables");
    Program::start_with(&["demo", "--listen", "127.0.0.1:0"], &variables, &folder);
}

#[test]
fn a_broken_dotenv_is_told_without_its_content() {
    let folder = folder("broken-dotenv");
    std::fs::write(folder.join(".env"), "COUNTERSIGN_CLIENT_SECRET hunter2\n").unwrap();
    let ended = run_with(&["demo"], &[], &folder);
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.contains(".env"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[test]
fn help_shows_variables_and_never_their_values() {
    let variables = [("COUNTERSIGN_CLIENT_SECRET", "hunter2"), ("COUNTERSIGN_CLIENT_ID", "web-7")];
    let ended = run_with(&["demo", "--help"], &variables, &folder("help"));
    assert_eq!(ended.code, 0);
    assert!(ended.stdout.contains("COUNTERSIGN_CLIENT_SECRET"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("hunter2") && !ended.stdout.contains("web-7"));
}

#[test]
fn each_command_has_an_example_in_its_help() {
    for command in ["demo", "provider", "register", "discover", "doctor"] {
        let ended = run(&[command, "--help"]);
        assert!(ended.stdout.contains(&format!("Examples:\n  countersign {command}")), "{command}");
    }
    for command in ["decode", "verify", "introspect", "mint"] {
        let ended = run(&["token", command, "--help"]);
        let example = format!("Examples:\n  countersign token {command}");
        assert!(ended.stdout.contains(&example), "{command}: {}", ended.stdout);
    }
}

#[test]
fn what_cannot_be_understood_is_a_wrong_setting() {
    for arguments in
        [&["doctor"][..], &["demo", "--no-such-flag"], &["demo", "--max-age", "soon"], &[]]
    {
        let ended = run(arguments);
        assert_eq!(ended.code, 5, "{arguments:?}: {}", ended.stderr);
        assert!(!ended.stderr.is_empty() && ended.stdout.is_empty(), "{arguments:?}");
    }
}
