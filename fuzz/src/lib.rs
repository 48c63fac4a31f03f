//! What random input is fed to, and what must hold whatever it says.
//!
//! One file per target. Each hands the input to one door through which text of strangers comes in,
//! and panics when a promise is broken: not only when something overflows, but also when a forged
//! token passes, a return target leads to another host, or two readers disagree.
//!
//! `cargo xtask fuzz TARGET SECONDS` searches with a fuzzer. The files in `corpus/TARGET/` are
//! where it starts, and the ordinary tests replay them. An input that broke a promise goes there
//! as well, under a name that says what it showed.

mod access_token;
mod bearer_header;
mod callback;
mod challenge;
mod compact;
mod cookies;
mod dpop;
mod forwarded;
mod id_token;
mod introspection;
mod issuer;
mod json;
mod key_set;
mod logout_token;
mod metadata;
mod private_key;
mod registration_answer;
mod return_to;
mod sealed;
pub mod support;
mod token_answer;
mod user_info;
mod web_callback;
mod web_request;

/// One door, and what must hold behind it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    name: &'static str,
    run: fn(&[u8]) -> Outcome,
}

impl Target {
    /// Its name, which is also that of its folder in `corpus/`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Feeds it.
    ///
    /// # Panics
    ///
    /// When a promise is broken: that is the finding.
    pub fn run(&self, data: &[u8]) -> Outcome {
        (self.run)(data)
    }
}

/// Whether the input came in. Both must occur in a corpus, or a target shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third")]
pub enum Outcome {
    /// The product took it for what the door is for.
    Accepted,
    /// The product refused it, or nothing was made of it.
    Refused,
}

impl Outcome {
    pub(crate) const fn of(accepted: bool) -> Self {
        if accepted { Self::Accepted } else { Self::Refused }
    }
}

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|target| target.name == name).copied()
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "access_token", run: access_token::run },
    Target { name: "bearer_header", run: bearer_header::run },
    Target { name: "callback", run: callback::run },
    Target { name: "challenge", run: challenge::run },
    Target { name: "compact", run: compact::run },
    Target { name: "cookies", run: cookies::run },
    Target { name: "dpop", run: dpop::run },
    Target { name: "forwarded", run: forwarded::run },
    Target { name: "id_token", run: id_token::run },
    Target { name: "introspection", run: introspection::run },
    Target { name: "issuer", run: issuer::run },
    Target { name: "json", run: json::run },
    Target { name: "key_set", run: key_set::run },
    Target { name: "logout_token", run: logout_token::run },
    Target { name: "metadata", run: metadata::run },
    Target { name: "private_key", run: private_key::run },
    Target { name: "registration_answer", run: registration_answer::run },
    Target { name: "return_to", run: return_to::run },
    Target { name: "sealed", run: sealed::run },
    Target { name: "token_answer", run: token_answer::run },
    Target { name: "user_info", run: user_info::run },
    Target { name: "web_callback", run: web_callback::run },
    Target { name: "web_request", run: web_request::run },
];
