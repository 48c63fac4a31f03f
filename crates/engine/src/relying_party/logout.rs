//! Logout at the provider.

use countersign_protocol::logout::{LogoutOptions, end_session_url};
use url::Url;

use super::RelyingParty;
use crate::error::Error;
use crate::session::Session;

impl RelyingParty {
    /// Where to send the browser so that the provider ends its session too (OpenID Connect
    /// RP-Initiated Logout 1.0); `None` when the provider offers no such place. The session here
    /// is ended by whoever keeps it, and first.
    ///
    /// # Errors
    /// [`Error`] when the provider can't be discovered or an extra parameter is reserved.
    pub async fn logout_url(
        &self,
        session: Option<&Session>,
        options: LogoutOptions,
    ) -> Result<Option<Url>, Error> {
        let now = self.now();
        let (metadata, client) = match session {
            Some(session) => self.parties_of(session.client_id(), now).await?,
            None => self.parties(now).await?,
        };
        let hint = session.map(|session| session.identity().raw());
        Ok(end_session_url(&metadata, &client, hint, &options)?)
    }
}
