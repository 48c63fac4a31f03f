//! What happens at a site, for counters and audit logs.

use std::sync::Arc;

/// Something that has happened. None of it carries a token, a code or a name.
///
/// ```
/// use countersign_web::Event;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// static FAILED: AtomicU64 = AtomicU64::new(0);
/// let watch = |event: Event| {
///     if let Event::LoginFailed { code } = event {
///         FAILED.fetch_add(1, Ordering::Relaxed);
///         println!("a login ended with {code}");
///     }
/// };
/// watch(Event::LoginFailed { code: "login.expired" });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A browser was sent to the provider, by a person's wish or unseen.
    LoginStarted,
    /// Somebody has a new session.
    LoginCompleted,
    /// A login could not be started or came to nothing; it may have been started again by itself.
    LoginFailed {
        /// The stable code.
        code: &'static str,
    },
    /// A session was renewed at the provider.
    SessionRefreshed,
    /// A live session was ended by logging out.
    LoggedOut,
    /// The provider said that a session, or all of a person's, is over.
    LoggedOutByProvider,
}

/// Whoever wants to know.
pub(crate) type Watch = Arc<dyn Fn(Event) + Send + Sync>;
