//! The profile of whoever a token speaks for.

#[derive(Default)]
pub(super) struct UserInfos {}
