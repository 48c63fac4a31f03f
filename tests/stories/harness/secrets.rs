//! What must never be seen outside of the places that are for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::header;

use super::browser::Answer;

/// A kind of secret. It decides where one may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ClientSecret,
    CookieSecret,
    Cookie,
    Code,
    Verifier,
    AccessToken,
    RefreshToken,
    IdToken,
}

/// The secrets of one world, learned while they come into being. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Arc<Mutex<BTreeMap<String, Kind>>>);

impl Secrets {
    /// Remembers a secret, and of a token its parts that nobody could guess.
    pub(crate) fn learn(&self, kind: Kind, secret: &str) {
        let mut known = self.0.lock().unwrap();
        if secret.len() >= SHORTEST {
            known.insert(secret.to_owned(), kind);
        }
        if matches!(kind, Kind::AccessToken | Kind::IdToken) {
            for part in secret.split('.').skip(1).filter(|part| part.len() >= SHORTEST) {
                known.insert(part.to_owned(), kind);
            }
        }
    }

    pub(crate) fn of(&self, kind: Kind) -> Vec<String> {
        let known = self.0.lock().unwrap();
        known.iter().filter(|(_, own)| **own == kind).map(|(secret, _)| secret.clone()).collect()
    }

    /// Where secrets stand that should not: in these answers, or in this piece of the log.
    pub(crate) fn leaks(&self, answers: &[Answer], log: &str) -> Vec<String> {
        let known = self.0.lock().unwrap().clone();
        let mut leaks = Vec::new();
        for answer in answers {
            for (secret, kind) in &known {
                let own_form = *kind == Kind::Code && answer.is_bridge();
                if answer.body.contains(secret) && !own_form {
                    leaks.push(format!("{kind:?} in the body of {}", answer.name()));
                }
                for (name, value) in &answer.headers {
                    let hint = *kind == Kind::IdToken
                        && name == header::LOCATION
                        && String::from_utf8_lossy(value.as_bytes()).contains("id_token_hint=");
                    let inside = String::from_utf8_lossy(value.as_bytes()).contains(secret);
                    if name != header::SET_COOKIE && inside && !hint {
                        leaks.push(format!("{kind:?} in {name} of {}", answer.name()));
                    }
                }
            }
        }
        for (secret, kind) in &known {
            if let Some(line) = log.lines().find(|line| line.contains(secret)) {
                leaks.push(format!("{kind:?} in the log: {line}"));
            }
        }
        leaks
    }
}

const SHORTEST: usize = 12;
