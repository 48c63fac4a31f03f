//! A table's row: a misbehaviour, and everything that must hold after it.

use countersign_dev_provider::Mischief;
use countersign_jose::Algorithm;

use super::app::{App, Settings};
use super::browser::{Answer, Browser};
use super::log;
use super::world::World;

/// A bad login and how it must end.
pub(crate) struct Story {
    promise: &'static str,
    steps: Vec<Mischief>,
    alg: Option<Algorithm>,
    login: &'static str,
    status: u16,
    code: &'static str,
    patience: u64,
}

impl Story {
    /// The promise that the row shows to hold, and the stable code with which it ends.
    pub(crate) fn new(promise: &'static str, status: u16, code: &'static str) -> Self {
        let (steps, login) = (Vec::new(), "/profile");
        Self { promise, steps, alg: None, login, status, code, patience: 0 }
    }

    pub(crate) fn case(mut self, name: &str) -> Self {
        let steps = Mischief::named(name).unwrap_or_else(|| panic!("no mischief is named {name}"));
        self.steps.extend(steps);
        self
    }

    pub(crate) fn step(mut self, step: Mischief) -> Self {
        self.steps.push(step);
        self
    }

    /// The one algorithm that the client is registered for.
    pub(crate) fn alg(self, alg: Algorithm) -> Self {
        Self { alg: Some(alg), ..self }
    }

    /// The address at which the login begins.
    pub(crate) fn login(self, login: &'static str) -> Self {
        Self { login, ..self }
    }

    /// Seconds until the good login, where what the provider said is kept for a while.
    pub(crate) fn patience(self, patience: u64) -> Self {
        Self { patience, ..self }
    }

    /// Tells the story to a fresh application, and says what did not hold.
    pub(crate) async fn tell(self, world: &World) -> Problems {
        let app = world.app_with(Settings::default().alg(self.alg)).await;
        let mut problems = Problems::of(self.promise);
        let start = log::length();
        let mut browser = app.browser();
        world.misbehave(self.steps);
        let answer = browser.walk(self.login).await;
        problems.refusal(&answer, self.status, self.code);
        world.wait(self.patience);
        problems.aftermath(world, &app, browser, start).await;
        problems
    }
}

/// What did not hold in a story.
pub(crate) struct Problems {
    promise: String,
    found: Vec<String>,
}

impl Problems {
    pub(crate) fn of(promise: &str) -> Self {
        Self { promise: promise.to_owned(), found: Vec::new() }
    }

    pub(crate) fn expect(&mut self, holds: bool, otherwise: impl Into<String>) {
        if !holds {
            self.found.push(otherwise.into());
        }
    }

    /// The answer has this status and says this code.
    pub(crate) fn refusal(&mut self, answer: &Answer, status: u16, code: &str) {
        let got = (answer.status.as_u16(), answer.code());
        let right = got.0 == status && got.1.as_deref() == Some(code);
        self.expect(right, format!("expected {status} {code}, got {got:?} of {}", answer.name()));
    }

    /// After whatever happened: nobody is logged in, nothing has leaked, and once everybody behaves
    /// again the same browser logs in.
    pub(crate) async fn aftermath(
        &mut self,
        world: &World,
        app: &App,
        mut browser: Browser,
        log_start: usize,
    ) {
        let who = browser.who().await;
        self.expect(who.is_none(), format!("{who:?} is logged in"));
        world.behave();
        world.wait(BACK_OFF);
        let end = browser.walk("/profile").await;
        let good = end.status == 200 && end.body.contains("alice");
        self.expect(good, format!("the good login ended at {}: {:?}", end.name(), end.code()));
        let who = browser.who().await;
        self.expect(who.is_some(), "nobody is logged in after the good login");
        let serving = app.browser().go("/").await;
        self.expect(serving.status == 200, "the start page is not served any more");
        let leaks = world.secrets.leaks(&browser.answers, &log::since(log_start));
        self.found.extend(leaks);
    }

    /// Fails with all that did not hold in any of the stories.
    pub(crate) fn none(all: Vec<Self>) {
        let told = all.iter().filter(|one| !one.found.is_empty());
        let told: Vec<String> =
            told.map(|one| format!("{}:\n  {}", one.promise, one.found.join("\n  "))).collect();
        assert!(told.is_empty(), "{} of {}:\n{}", told.len(), all.len(), told.join("\n"));
    }

    pub(crate) fn done(self) {
        Self::none(vec![self]);
    }
}

/// Seconds after which whoever failed once is asked again.
const BACK_OFF: u64 = 5;
