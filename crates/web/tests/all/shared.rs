use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use countersign_web::Site;
use http::Method;
use serde_json::json;

use crate::support::provider::object;
use crate::support::{Browser, Wish, World};

/// A folder that is not there yet.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("shared-{name}"));
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn two(folder: &Path) -> (World, World) {
    let first = World::with(|site| site.shared_folder(folder));
    let second = first.beside(|site| site.shared_folder(folder));
    (first, second)
}

fn gone(browser: &Browser, at: &World) -> bool {
    let answer = browser.moved(at).ask(Wish::fetch("/profile"));
    match answer.status {
        401 => assert_eq!(answer.json()["reason"], "session_ended"),
        status => assert_eq!(status, 200),
    }
    answer.status == 401
}

fn told(world: &World, changes: serde_json::Value) -> u16 {
    let token = world.provider.logout_token(object(changes));
    let mut wish = Wish::bare("/auth/backchannel-logout").method(Method::POST);
    wish.body = format!("logout_token={token}");
    world.browser().ask(wish.with("content-type", "application/x-www-form-urlencoded")).status
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn a_logout_in_one_process_ends_the_session_in_all() {
    let (first, second) = two(&folder("logout"));
    let mut browser = first.logged_in();
    let copy = browser.clone();
    assert!(!gone(&copy, &second));
    browser.go("/auth/logout");
    assert!(gone(&copy, &first) && gone(&copy, &second));
}

#[test]
fn what_the_provider_tells_one_process_holds_in_all() {
    let folder = folder("back-channel");
    let (first, second) = two(&folder);
    let (alice, other) = (first.logged_in(), second.logged_in());
    assert_eq!(told(&first, json!({ "sub": "alice" })), 200);
    assert!(gone(&alice, &second) && gone(&other, &second) && gone(&other, &first));
    // And in one that starts later.
    let third = first.beside(|site| site.shared_folder(&folder));
    assert!(gone(&alice, &third));
    first.seconds(1);
    let later = second.logged_in();
    assert!(!gone(&later, &first) && !gone(&later, &third));
}

#[test]
fn without_a_folder_each_process_knows_only_its_own() {
    let first = World::new();
    let second = first.beside(|site| site);
    let alice = first.logged_in();
    told(&first, json!({ "sub": "alice" }));
    assert!(gone(&alice, &first) && !gone(&alice, &second));
}

#[test]
fn half_a_record_is_waited_for_and_an_unknown_one_passed_over() {
    let folder = folder("half");
    let (first, second) = two(&folder);
    let alice = first.logged_in();
    told(&first, json!({ "sub": "alice" }));
    let file = files(&folder).into_iter().max_by_key(|file| fs::metadata(file).unwrap().len());
    let file = file.unwrap();
    let record = fs::read(&file).unwrap();
    assert_eq!(record.len(), 33);
    let mut unknown = record.clone();
    unknown[0] = 9;
    fs::write(&file, [&unknown[..], &record[..20]].concat()).unwrap();
    assert!(!gone(&alice, &second));
    OpenOptions::new().append(true).open(&file).unwrap().write_all(&record[20..]).unwrap();
    assert!(gone(&alice, &second));
}

#[test]
fn what_is_over_is_deleted() {
    let folder = folder("over");
    let (first, second) = two(&folder);
    told(&first, json!({ "sub": "alice" }));
    let before = files(&folder);
    assert!(!before.is_empty());
    for _ in 0..4 {
        first.seconds(12 * 3600);
        let alice = first.logged_in();
        told(&first, json!({ "sub": "alice" }));
        assert!(gone(&alice, &second));
    }
    let after = files(&folder);
    assert!(after.len() <= 3, "{after:?}");
    assert!(after.iter().all(|file| !before.contains(file)), "{after:?}");
    first.seconds(100 * 3600);
    first.beside(|site| site.shared_folder(&folder));
    assert_eq!(files(&folder).len(), 1);
}

#[test]
fn nobody_else_may_look_into_it_and_it_names_nobody() {
    let folder = folder("mode");
    let (first, _) = two(&folder);
    told(&first, json!({ "sub": "alice", "sid": "session-1" }));
    for file in files(&folder) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0);
        }
        let held = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(!held.contains("alice") && !held.contains("session-1"));
    }
}

#[test]
fn a_folder_that_is_none_is_refused_at_the_start() {
    let file = folder("file");
    fs::write(&file, "no folder").unwrap();
    let world = World::new();
    let relying_party = world.site.relying_party().clone();
    let key_ring = countersign_web::KeyRing::parse(crate::support::SECRET).unwrap();
    let site = Site::builder(relying_party, world.site.address().clone(), key_ring);
    let error = site.shared_folder(&file).build().unwrap_err();
    assert_eq!(error.code(), "setup.shared_folder");
    assert!(error.to_string().contains("shared-file"), "{error}");
}
