//! The command as people and programs use it: one module a command.

mod api;
mod arguments;
mod demo;
mod discover;
mod doctor;
mod provider;
mod readme;
mod reference;
mod refused;
mod register;
#[path = "../support/mod.rs"]
mod support;
mod token;
