//! UserInfo (OpenID Connect Core 1.0 section 5.3).

mod ask;
mod claims;

pub use ask::{AskUserInfo, UserInfoAnswer};
pub use claims::{UserInfo, UserInfoError};
