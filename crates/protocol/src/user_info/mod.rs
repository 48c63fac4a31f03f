//! UserInfo (OpenID Connect Core 1.0 section 5.3).

mod ask;
mod claims;

pub use ask::{AskUserInfo, PlainUserInfo, SignedUserInfo, UserInfoAnswer};
pub use claims::{UserInfo, UserInfoError};
