//! Against providers that nobody here wrote, as child processes. `cargo xtask test peers` installs them.

mod support;

mod engine;
mod provider;
mod resource_server;
mod test_kit;
mod tokens;
