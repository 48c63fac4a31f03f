//! How long a session lives, and what is due when.

use std::time::Duration;

use countersign_protocol::UnixTime;

use super::Session;

/// What a session needs before it may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a face must act on each")]
pub enum Due {
    /// Nothing.
    Nothing,
    /// New tokens, by refresh token.
    Refresh,
    /// A login with `prompt=none`, when the person navigates.
    AskSilently,
    /// A new login: the absolute end is reached.
    Over,
}

/// How long a session lives and how it is kept true.
///
/// ```
/// use std::time::Duration;
/// use countersign::SessionPolicy;
/// let policy = SessionPolicy::new()
///     .lifetime(Duration::from_secs(8 * 3600))
///     .refresh_interval(Some(Duration::from_secs(900)));
/// ```
#[derive(Clone, Debug)]
pub struct SessionPolicy {
    lifetime: Duration,
    pub(super) refresh_interval: Option<Duration>,
    pub(super) refresh_margin: Duration,
}

impl SessionPolicy {
    /// Twelve hours, tokens renewed a minute before they end, nothing asked silently.
    #[must_use]
    pub fn new() -> Self {
        Self {
            lifetime: Duration::from_secs(12 * 3600),
            refresh_interval: None,
            refresh_margin: Duration::from_secs(60),
        }
    }

    /// The absolute end, counted from the login.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// After how long the provider is asked with `prompt=none` whether the session still holds.
    #[must_use]
    pub fn refresh_interval(mut self, interval: Option<Duration>) -> Self {
        self.refresh_interval = interval;
        self
    }

    /// How long before its end an access token is renewed.
    #[must_use]
    pub fn refresh_margin(mut self, margin: Duration) -> Self {
        self.refresh_margin = margin;
        self
    }

    /// The absolute end of a session.
    #[must_use]
    pub fn ends_at(&self, session: &Session) -> UnixTime {
        self.end_of(session.started_at())
    }

    /// The absolute end of a session that began at a time.
    #[must_use]
    pub fn end_of(&self, started_at: UnixTime) -> UnixTime {
        started_at + self.lifetime
    }
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self::new()
    }
}
