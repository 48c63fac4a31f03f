//! The paths of our endpoints.

/// Where the endpoints are, below the public address.
///
/// The callback is not among them: its path is that of the redirect URI.
///
/// ```
/// use countersign_web::Routes;
///
/// let routes = Routes::default().login("/sign-in").logout("/sign-out");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes {
    pub(crate) login: String,
    pub(crate) callback: String,
    pub(crate) logout: String,
    pub(crate) logged_out: String,
    pub(crate) back_channel_logout: String,
}

impl Routes {
    /// Starts a login; `/auth/login` by default.
    #[must_use]
    pub fn login(self, path: impl Into<String>) -> Self {
        Self { login: path.into(), ..self }
    }

    /// Ends the session; `/auth/logout` by default.
    #[must_use]
    pub fn logout(self, path: impl Into<String>) -> Self {
        Self { logout: path.into(), ..self }
    }

    /// Where the provider sends people after a logout; `/auth/logged-out` by default.
    #[must_use]
    pub fn logged_out(self, path: impl Into<String>) -> Self {
        Self { logged_out: path.into(), ..self }
    }

    /// Where the provider says that a session is over; `/auth/backchannel-logout` by default. It is
    /// to be registered as `backchannel_logout_uri`.
    #[must_use]
    pub fn back_channel_logout(self, path: impl Into<String>) -> Self {
        Self { back_channel_logout: path.into(), ..self }
    }

    /// All of them, in no order that matters.
    pub(crate) fn all(&self) -> [&str; 5] {
        let Self { login, callback, logout, logged_out, back_channel_logout } = self;
        [login, callback, logout, logged_out, back_channel_logout]
    }

    /// The first path that is no path or comes twice.
    pub(crate) fn unusable(&self) -> Option<&str> {
        let all = self.all();
        let fits = |path: &str| {
            path.starts_with('/')
                && !path.starts_with("//")
                && path.bytes().all(|c| c.is_ascii_graphic() && !b"?#\\{}*:".contains(&c))
        };
        let twice = |path: &str| all.iter().filter(|other| **other == path).count() > 1;
        all.into_iter().find(|path| !fits(path) || twice(path))
    }
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            login: "/auth/login".to_owned(),
            callback: "/auth/callback".to_owned(),
            logout: "/auth/logout".to_owned(),
            logged_out: "/auth/logged-out".to_owned(),
            back_channel_logout: "/auth/backchannel-logout".to_owned(),
        }
    }
}
