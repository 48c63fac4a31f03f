//! A login, from the authorization request to the grant (OpenID Connect Core 1.0 section 3.1.2).

mod callback;
mod grant;
mod kept;
mod options;
mod pending;
mod request;

pub use callback::{Callback, CallbackError};
pub use grant::Grant;
pub use kept::{KeptRequest, KeptRequestError};
pub use options::{LoginOptions, OptionError, ResponseMode};
pub(crate) use pending::Expected;
pub use pending::{LoginError, PENDING_LIFETIME, PendingLogin};
pub use request::{Begin, Randomness};
