//! What a remembered token takes: resident memory of a process, before and after it has checked ten thousand.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use countersign::protocol::bearer::{Credentials, Scheme};
use countersign::{Outcome, Presented, Requirement, ResourceServer};

use crate::child::Child;
use crate::figure::Figure;
use crate::route;
use crate::tokens::Signer;

/// Takes `memory/cached_token`.
pub fn take(give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    let child = route::start()?;
    // What is allocated once is not the tokens'.
    ensure!(ask(&child, "/fill/100")? == "100", "a token is not remembered");
    let before = child.resident()?;
    ensure!(ask(&child, "/fill/10000")? == "10000", "a token is not remembered");
    let each = (child.resident()? - before) * 1024.0 / 9_900.0;
    let text = ask(&child, "/length")?.parse()?;
    give(Figure::new("memory/cached_token", "B", each, "the token's text", text))
}

/// `/fill/{many}` has that many tokens remembered and says how many are; `/length` is that of a token.
pub fn routes(signer: Signer, api: ResourceServer) -> Router {
    let signer = Arc::new(signer);
    let mut router = Router::new();
    for many in [100, 10_000] {
        let (signer, api) = (Arc::clone(&signer), api.clone());
        let fill =
            async move || fill(&signer, &api, many).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR);
        router = router.route(&format!("/fill/{many}"), get(fill));
    }
    let length = async move || signer.token(0).map_or(0, |token| token.len()).to_string();
    router.route("/length", get(length))
}

fn fill(signer: &Signer, api: &ResourceServer, many: usize) -> Result<String> {
    for number in 0..many {
        let token = signer.token(number)?;
        let presented = Presented::new(Credentials::new(Scheme::Bearer, &token)?);
        let outcome = api.check_now(&presented, &Requirement::new());
        ensure!(matches!(outcome, Outcome::Settled(Ok(_))), "a good token does not pass");
    }
    Ok(api.cached().to_string())
}

fn ask(child: &Child, path: &str) -> Result<String> {
    let authority = child.address.strip_prefix("http://").context("an address")?;
    let mut connection = TcpStream::connect(authority)?;
    write!(connection, "GET {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer")?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{path} answers {head}");
    Ok(body.to_owned())
}
