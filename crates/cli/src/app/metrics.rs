//! Counters, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use countersign_web::Event;

use super::App;

/// What was counted since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    started: AtomicU64,
    completed: AtomicU64,
    failed: Mutex<BTreeMap<&'static str, u64>>,
    refreshed: AtomicU64,
    logged_out: AtomicU64,
    logged_out_by_provider: AtomicU64,
}

/// `GET /metrics`
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, app.metrics.text()).into_response()
}

impl Metrics {
    pub(crate) fn count(&self, event: Event) {
        let one = |counter: &AtomicU64| {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        match event {
            Event::LoginStarted => one(&self.started),
            Event::LoginCompleted => one(&self.completed),
            Event::SessionRefreshed => one(&self.refreshed),
            Event::LoggedOut => one(&self.logged_out),
            Event::LoggedOutByProvider => one(&self.logged_out_by_provider),
            Event::LoginFailed { code } => {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                *failed.entry(code).or_default() += 1;
            }
            _ => {}
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let plain = [
            ("logins_started", "Browsers sent to the provider.", &self.started),
            ("logins_completed", "Logins that led to a session.", &self.completed),
            ("sessions_refreshed", "Renewals at the provider.", &self.refreshed),
            ("logouts", "Live sessions ended by logging out.", &self.logged_out),
            ("provider_logouts", "Logouts told by the provider.", &self.logged_out_by_provider),
        ];
        for (name, help, counter) in plain {
            head(&mut text, name, help);
            // Writing to a string does not fail.
            let _ = writeln!(text, "countersign_{name}_total {}", counter.load(Ordering::Relaxed));
        }
        head(&mut text, "logins_failed", "Logins that came to nothing, by error code.");
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        for (code, count) in &*failed {
            let _ = writeln!(text, "countersign_logins_failed_total{{code=\"{code}\"}} {count}");
        }
        text
    }
}

fn head(text: &mut String, name: &str, help: &str) {
    let _ = write!(
        text,
        "# HELP countersign_{name}_total {help}\n# TYPE countersign_{name}_total counter\n"
    );
}
