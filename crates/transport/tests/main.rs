//! Real sockets on the loopback, with servers that misbehave.

mod client;
mod server;
mod trust;
