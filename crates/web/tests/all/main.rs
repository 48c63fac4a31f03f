//! The web crate against a scripted provider, one module a story.

mod api;
mod back_channel;
mod callback;
mod cookie;
mod event;
mod form_post;
mod guard;
mod login;
mod logout;
mod session;
mod shared;
#[path = "../support/mod.rs"]
mod support;
mod targets;
