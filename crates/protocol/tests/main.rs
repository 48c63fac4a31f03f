//! One file for each story of `src/`. Every rule has a test that breaks it and is named after it.

mod access_token;
mod bearer;
mod discovery;
mod error;
mod exchange;
mod id_token;
mod login;
mod logout;
mod registration;
mod resource;
mod support;
mod token;
mod user_info;
mod value;
