//! Asking an API in a person's name.

use countersign_protocol::resource::{AskResource, ResourceAnswer};
use url::Url;

use super::RelyingParty;
use crate::error::Error;
use crate::session::Session;

impl RelyingParty {
    /// `GET` at an API with the session's access token, within the limits of all requests. Any
    /// status is an answer, and nothing in it is checked.
    ///
    /// # Errors
    /// [`Error`] when no answer comes, or the token would travel in clear.
    ///
    /// ```no_run
    /// # async fn example(rp: countersign::RelyingParty, session: countersign::Session) -> Result<(), Box<dyn std::error::Error>> {
    /// let answer = rp.ask_resource(&session, "https://api.example/notes".parse()?).await?;
    /// println!("{} {}", answer.status, answer.body);
    /// # Ok(()) }
    /// ```
    pub async fn ask_resource(&self, session: &Session, url: Url) -> Result<ResourceAnswer, Error> {
        self.inner.way.ask(AskResource::new(url, session.access_token())?).await
    }
}
