//! The order of the steps, against a provider in memory, with a clock that is set by hand and
//! futures that are polled by hand: no runtime, no network, no sleep.

mod ask;
mod blocking;
mod error;
mod kept;
mod principal;
mod provider;
mod relying_party;
mod resource_server;
mod session;
mod single_flight;
mod support;
mod token_client;

// The source of `kept` is compiled into its test, and looks for this at the top.
use countersign::UnixTime;
