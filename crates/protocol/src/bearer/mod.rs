//! What a request brings to an API (credentials, and proofs that belong to them), what the API
//! asks of it, and how it is refused.
//!
//! ```text
//! Authorization ─Credentials→ token ─AccessTokenRules→ Verified<AccessToken> ─Requirement→ passed
//!                                                         else Refusal ─Challenger→ 400, 401, 403
//! ```

pub mod certificate;
mod challenge;
mod credentials;
pub mod dpop;
mod protected_resource;
mod refusal;
mod requirement;
mod roles;

pub use challenge::{Challenge, Challenger};
pub use credentials::{Credentials, Scheme};
pub use protected_resource::{ProtectedResource, ResourceIdentifierError};
pub use refusal::{ConfirmationFault, Refusal, RequestFault, Unmet};
pub use requirement::Requirement;
pub use roles::Roles;
