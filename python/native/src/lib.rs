//! The extension module `countersign_oidc._native`: the engine of countersign, as plain calls.
//!
//! What Python sees of it stands in `python/oidc/src/countersign_oidc/_native.pyi`. One file a class:
//!
//! ```text
//! provider · client · pending · session · relying_party      who is this person?
//! issuer · requirement · token · resource_server             may this token pass?
//! site · api · reply · wsgi                                 requests of browsers and programs, and answers
//! token_client · functions                                   tokens for calls onward, and the rest
//! outside · transport · fork · drive · log                   the world: clock, network, processes, threads, logging
//! convert · error                                            values and errors, in and out
//! ```
//!
//! No call holds the interpreter's lock while it waits for the network, and none keeps anything
//! that another thread could have locked while the process forked.

mod api;
mod client;
mod convert;
mod drive;
mod error;
mod fork;
mod functions;
mod issuer;
mod log;
mod outside;
mod pending;
mod provider;
mod relying_party;
mod reply;
mod requirement;
mod resource_server;
mod session;
mod site;
mod token;
mod token_client;
mod transport;
mod wsgi;

use pyo3::prelude::*;

/// The engine of countersign, as plain calls.
#[pymodule]
mod _native {
    use super::{Bound, PyModule, PyResult};
    use pyo3::types::PyModuleMethods as _;

    #[pymodule_export]
    use crate::api::Api;
    #[pymodule_export]
    use crate::client::{Client, Registration};
    #[pymodule_export]
    use crate::functions::{
        client_secrets, codes, discover, fetch, local_path, register, sign_for_tests, unverified,
    };
    #[pymodule_export]
    use crate::issuer::{Introspection, TrustedIssuer};
    #[pymodule_export]
    use crate::pending::PendingLogin;
    #[pymodule_export]
    use crate::provider::Provider;
    #[pymodule_export]
    use crate::relying_party::RelyingParty;
    #[pymodule_export]
    use crate::reply::Reply;
    #[pymodule_export]
    use crate::requirement::Requirement;
    #[pymodule_export]
    use crate::resource_server::ResourceServer;
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::site::{Site, Visit};
    #[pymodule_export]
    use crate::token::Token;
    #[pymodule_export]
    use crate::token_client::TokenClient;
    #[pymodule_export]
    use crate::transport::Request;

    #[pymodule_init]
    fn begin(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::log::listen();
        crate::fork::watch(module.py())
    }
}
