//! A complete login: what it costs the relying party in CPU time.
//!
//! Counted is all CPU time of the relying party's process, the kernel's part included, from the request that
//! starts a login to the redirect that follows the callback: two requests of the browser, two of the relying
//! party (token, UserInfo), the session's cookie. The protected page that comes next is not counted, nor are the
//! provider's and the browser's work, which are done by other processes.
//!
//! The three relying parties run at once, each on one thread, and take turns.

mod bare;
pub mod browser;
pub mod ours;
mod peer;

use std::env;
use std::process::Command;

use anyhow::{Result, bail};
use axum::Router;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use crate::child::Child;
use crate::figure::Figure;
use crate::measure::Samples;
use crate::provider;

use browser::Browser;

/// Takes `login/rs256` and `login/rs256/exchanges`.
pub fn take(give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    let provider = server("provider", None)?;
    let issuer = Some(provider.address.as_str());
    let mut parties = Vec::new();
    for role in ["ours", "peer", "bare"] {
        parties.push((server(role, issuer)?, Samples::default()));
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let browser = Browser::new();
    for (child, _) in &parties {
        runtime.block_on(browser.check(&child.address))?;
        runtime.block_on(browser.log_in(&child.address, WARM_UP))?;
    }
    for _ in 0..ROUNDS {
        for (child, costs) in &mut parties {
            let before = child.cpu()?;
            runtime.block_on(browser.log_in(&child.address, LOGINS))?;
            costs.add((child.cpu()? - before) / f64::from(LOGINS));
        }
    }
    let [(_, ours), (_, peer), (_, bare)] = parties.as_slice() else { bail!("three took part") };
    give(Figure::least("login/rs256", "µs", ours, "openidconnect 4.1", peer))?;
    give(Figure::least("login/rs256/exchanges", "µs", ours, "bare exchanges", bare))
}

/// This program again, in another role.
fn server(role: &str, issuer: Option<&str>) -> Result<Child> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--serve", role]);
    if let Some(issuer) = issuer {
        command.args(["--issuer", issuer]);
    }
    Child::start(&mut command)
}

/// Plays such a role until somebody ends the process.
pub fn serve(role: &str, issuer: &str) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let router: Router = match role {
            "provider" => provider::router(&address, &json!({}))?,
            "ours" => ours::router(issuer, &address)?,
            "peer" => peer::router(issuer, &address).await?,
            "bare" => bare::router(issuer, &address),
            "api" => crate::route::server()?,
            other => bail!("nobody plays {other}"),
        };
        println!("{address}");
        Ok(axum::serve(listener, router).await?)
    })
}

const WARM_UP: u32 = 400;
/// Short rounds, so that some of them fall between the disturbances of a busy machine.
const LOGINS: u32 = 40;
const ROUNDS: u32 = 200;
