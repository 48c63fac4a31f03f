//! The address at which the provider ends its session (section 2).

use url::Url;

use crate::discovery::Metadata;
use crate::login::OptionError;
use crate::value::client::Client;
use crate::value::secret::Secret;

/// What a logout asks for.
///
/// ```
/// use countersign_protocol::logout::LogoutOptions;
/// // What the AuthMachine provider wants beside the registered parameters.
/// let options = LogoutOptions::new().extra("revoke_tokens", "1");
/// ```
#[derive(Clone, Debug, Default)]
pub struct LogoutOptions {
    post_logout_redirect_uri: Option<Url>,
    state: Option<String>,
    ui_locales: Option<String>,
    id_token_hint: Option<Secret>,
    extra: Vec<(String, String)>,
}

impl LogoutOptions {
    /// A logout that does not come back.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `post_logout_redirect_uri`: where the person comes back to; it must be registered.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: Url) -> Self {
        self.post_logout_redirect_uri = Some(uri);
        self
    }

    /// `state`: comes back unchanged.
    #[must_use]
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// `ui_locales`
    #[must_use]
    pub fn ui_locales(mut self, locales: impl Into<String>) -> Self {
        self.ui_locales = Some(locales.into());
        self
    }

    /// `id_token_hint`: an ID token that was kept apart from its session. It names the session that
    /// is to end and is not judged here: the provider knows its own.
    #[must_use]
    pub fn id_token_hint(mut self, id_token: Secret) -> Self {
        self.id_token_hint = Some(id_token);
        self
    }

    /// Any further parameter.
    #[must_use]
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.push((name.into(), value.into()));
        self
    }

    /// Refuses what can't be sent, as [`end_session_url`] does.
    ///
    /// # Errors
    /// [`OptionError::Reserved`] for an extra parameter that countersign sets.
    pub fn checked(self) -> Result<Self, OptionError> {
        match self.extra.iter().find(|(name, _)| OURS.contains(&name.as_str())) {
            Some((name, _)) => Err(OptionError::Reserved { name: name.clone() }),
            None => Ok(self),
        }
    }
}

/// Where to send the browser; `None` when the provider has no `end_session_endpoint`.
///
/// An ID token beyond 4 KiB is left out, since the address would become too long for many servers;
/// the provider then knows the client by `client_id` alone.
///
/// # Errors
/// [`OptionError::Reserved`] for an extra parameter that countersign sets.
pub fn end_session_url(
    provider: &Metadata,
    client: &Client,
    id_token_hint: Option<&Secret>,
    options: &LogoutOptions,
) -> Result<Option<Url>, OptionError> {
    if let Some((name, _)) = options.extra.iter().find(|(name, _)| OURS.contains(&name.as_str())) {
        return Err(OptionError::Reserved { name: name.clone() });
    }
    let Some(endpoint) = provider.end_session_endpoint() else { return Ok(None) };
    let mut url = endpoint.clone();
    {
        let mut query = url.query_pairs_mut();
        let hint = options.id_token_hint.as_ref().or(id_token_hint);
        // A session that was kept as claims alone has no token to show.
        if let Some(hint) = hint.filter(|hint| (1..=LONGEST_HINT).contains(&hint.expose().len())) {
            query.append_pair("id_token_hint", hint.expose());
        }
        query.append_pair("client_id", client.id());
        if let Some(uri) = &options.post_logout_redirect_uri {
            query.append_pair("post_logout_redirect_uri", uri.as_str());
        }
        if let Some(state) = &options.state {
            query.append_pair("state", state);
        }
        if let Some(locales) = &options.ui_locales {
            query.append_pair("ui_locales", locales);
        }
        query.extend_pairs(&options.extra);
    }
    Ok(Some(url))
}

const OURS: &[&str] =
    &["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"];
const LONGEST_HINT: usize = 4096;
