//! Browsers: some at a time, each login with an empty cookie jar.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;

use crate::provider::SUBJECT;

#[derive(Clone)]
pub struct Browser {
    client: Client<HttpConnector, Body>,
}

/// The cookies of one browser for one site.
type Jar = BTreeMap<String, String>;

struct Page {
    status: StatusCode,
    location: Option<String>,
    text: String,
}

impl Browser {
    pub fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// That many logins, some at a time.
    pub async fn log_in(&self, site: &str, logins: u32) -> Result<()> {
        let mut all = JoinSet::new();
        for _ in 0..AT_A_TIME {
            let (browser, site) = (self.clone(), site.to_owned());
            all.spawn(async move {
                for _ in 0..logins / AT_A_TIME {
                    browser.once(&site, &mut Jar::new()).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = all.join_next().await {
            done??;
        }
        Ok(())
    }

    /// What is measured has to be what it is called: after a login the start page knows who is there.
    pub async fn check(&self, site: &str) -> Result<()> {
        let mut jar = Jar::new();
        self.once(site, &mut jar).await?;
        let page = self.get(&format!("{site}/"), &mut jar).await?;
        ensure!(page.text == SUBJECT, "{site} takes the browser for {:?}", page.text);
        Ok(())
    }

    /// That many logins begun, none of them followed.
    pub async fn abandon(&self, site: &str, logins: u32) -> Result<()> {
        for _ in 0..logins {
            let page = self.get(&format!("{site}/auth/login"), &mut Jar::new()).await?;
            ensure!(page.status.is_redirection(), "{site} starts no login: {}", page.text);
        }
        Ok(())
    }

    async fn once(&self, site: &str, jar: &mut Jar) -> Result<()> {
        let start = format!("{site}/auth/login?return_to=%2Fdone");
        let away = self.get(&start, jar).await?.leads()?;
        let back = self.get(&away, &mut Jar::new()).await?.leads()?;
        let target = self.get(&back, jar).await?.leads()?;
        ensure!(target == "/done", "the login leads to {target}");
        Ok(())
    }

    async fn get(&self, url: &str, jar: &mut Jar) -> Result<Page> {
        let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::get(url)
            .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0")
            .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-mode", "navigate");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let response = self.client.request(request.body(Body::empty())?).await?;
        let (head, body) = response.into_parts();
        for line in head.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').context("a cookie")?;
            if value.is_empty() {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = head.headers.get(header::LOCATION);
        let location = location.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let text = String::from_utf8_lossy(&body.collect().await?.to_bytes()).into_owned();
        Ok(Page { status: head.status, location, text })
    }
}

impl Page {
    fn leads(self) -> Result<String> {
        ensure!(
            self.status.is_redirection(),
            "{} instead of a redirect: {}",
            self.status,
            self.text
        );
        self.location.context("a redirect without an address")
    }
}

const AT_A_TIME: u32 = 4;
