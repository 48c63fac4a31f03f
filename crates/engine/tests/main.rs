//! The order of the steps, against a provider in memory, with a clock that is set by hand and
//! futures that are polled by hand: no runtime, no network, no sleep.

mod ask;
mod error;
mod principal;
mod provider;
mod relying_party;
mod session;
mod single_flight;
mod support;
