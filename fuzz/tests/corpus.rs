//! What the fuzzer starts from, and what it has found, on every run of the tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use countersign_fuzz::{Outcome, TARGETS, Target, target};

#[test]
fn each_target_has_a_corpus_and_each_corpus_a_target() {
    let folders: BTreeSet<String> = entries(&corpus()).iter().map(|path| name(path)).collect();
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name().to_owned()).collect();
    assert_eq!(folders, targets);
}

#[test]
fn no_target_has_the_name_of_another() {
    for one in TARGETS {
        assert_eq!(target(one.name()).map(|found| found.name()), Some(one.name()));
    }
    assert!(target("nothing").is_none());
}

/// A file named `good-…` comes in, one named `bad-…` does not; others are only fed.
#[test]
fn every_corpus_file_keeps_the_promises() {
    for target in TARGETS {
        let mut seen = [false, false];
        for path in entries(&corpus().join(target.name())) {
            let outcome = fed(target, &path);
            seen[usize::from(outcome == Outcome::Accepted)] = true;
            let name = name(&path);
            if name.starts_with("good-") {
                assert_eq!(outcome, Outcome::Accepted, "{}/{name}", target.name());
            }
            if name.starts_with("bad-") {
                assert_eq!(outcome, Outcome::Refused, "{}/{name}", target.name());
            }
        }
        assert_eq!(seen, [true, true], "{}: a good and a bad file are needed", target.name());
    }
}

/// Each corpus file with bytes changed, left out and doubled: not much beside a fuzzer, but on
/// every run.
#[test]
fn changed_corpus_files_keep_the_promises() {
    for target in TARGETS {
        for path in entries(&corpus().join(target.name())) {
            let good = std::fs::read(&path).unwrap();
            let mut random = Random(good.len() as u64 + 1);
            for _ in 0..CHANGES {
                let changed = random.change(&good);
                let run = || target.run(&changed);
                if std::panic::catch_unwind(run).is_err() {
                    let shown = changed.escape_ascii();
                    panic!("{} breaks a promise on b\"{shown}\"", target.name());
                }
            }
        }
    }
}

fn fed(target: &Target, path: &Path) -> Outcome {
    let data = std::fs::read(path).unwrap();
    std::panic::catch_unwind(|| target.run(&data))
        .unwrap_or_else(|_| panic!("{} breaks a promise on {}", target.name(), path.display()))
}

struct Random(u64);

impl Random {
    /// xorshift64
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn change(&mut self, good: &[u8]) -> Vec<u8> {
        let mut changed = good.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(changed.len());
            match self.below(6) {
                0 if !changed.is_empty() => changed[at] ^= 1 << self.below(8),
                1 if !changed.is_empty() => changed[at] = self.below(256) as u8,
                2 => changed.insert(at, SIGNS[self.below(SIGNS.len())]),
                3 => changed.truncate(at),
                4 => {
                    let end = (at + self.below(16)).min(changed.len());
                    changed.drain(at..end);
                }
                _ => {
                    let end = (at + self.below(64)).min(changed.len());
                    let part = changed[at..end].to_vec();
                    let to = self.below(changed.len());
                    changed.splice(to..to, part);
                }
            }
        }
        changed
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

const CHANGES: usize = 40;
const SIGNS: &[u8] = b"{}[]\",:.=&%;/\\?#-+ \n\0\x01\x02\x03\xff019eE";
