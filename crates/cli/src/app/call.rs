//! The API that the application calls with the access token of whoever is logged in.

use countersign::Session;
use serde_json::{Value, json};

use super::App;

impl App {
    /// Calls the API if one is set. Whatever it does, the page stands.
    pub(super) async fn call(&self, session: &Session) -> Option<Value> {
        let url = self.call_api.clone()?;
        let address = url.to_string();
        Some(match self.site.relying_party().ask_resource(session, url).await {
            Ok(answer) => json!({
                "url": address,
                "status": answer.status.as_u16(),
                "body": shown(answer.body, session.access_token().expose()),
            }),
            Err(error) => json!({
                "url": address,
                "error": error.code(),
                "message": error.to_string(),
            }),
        })
    }
}

/// An API may echo what it got: the token stays out of it, and what is too long is cut.
fn shown(body: Value, token: &str) -> Value {
    let text = body.to_string();
    let has_token = !token.is_empty() && text.contains(token);
    if !has_token && text.len() <= LONGEST {
        return body;
    }
    let text = if has_token { text.replace(token, "(access token)") } else { text };
    if text.len() <= LONGEST {
        return serde_json::from_str(&text).unwrap_or(Value::String(text));
    }
    let cut: String = text.chars().take(LONGEST).collect();
    Value::String(format!("{cut} …"))
}

const LONGEST: usize = 8 * 1024;
