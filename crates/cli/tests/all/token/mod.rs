mod decode;
mod introspect;
mod mint;
mod verify;

use crate::support::{Program, run};

/// A token of a running development provider.
fn minted(provider: &Program, more: &[&str]) -> String {
    let ended = run(&[&["token", "mint", "--issuer", provider.issuer()], more].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    ended.stdout.trim_end().to_owned()
}
