//! What every story needs.

pub(crate) mod api;
pub(crate) mod app;
pub(crate) mod browser;
pub(crate) mod cookies;
pub(crate) mod log;
pub(crate) mod secrets;
pub(crate) mod story;
pub(crate) mod tap;
pub(crate) mod trap;
pub(crate) mod wire;
pub(crate) mod world;

pub(crate) use app::{App, HTTPS, Settings};
pub(crate) use browser::{Answer, Browser, Step};
pub(crate) use story::{Problems, Story};
pub(crate) use trap::Trap;
pub(crate) use world::World;
