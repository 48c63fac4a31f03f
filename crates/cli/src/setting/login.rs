//! What a login and a logout ask for.

use countersign::protocol::jose::json::{self, Object};
use countersign::{LoginOptions, LogoutOptions, ResponseMode};

use serde_json::Value;

use super::pair;
use crate::error::CommandError;

/// The flags of a login.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Login")]
pub(crate) struct LoginArguments {
    /// The scope of each login
    #[arg(long, value_name = "SCOPE", default_value = "openid profile email")]
    pub(crate) scope: String,

    /// How the answer comes back: query or form_post
    #[arg(long, value_name = "MODE")]
    pub(crate) response_mode: Option<ResponseMode>,

    /// Another parameter of the authorization request (repeatable)
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    auth_param: Vec<(String, String)>,

    /// Another parameter of the logout at the provider (repeatable)
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    logout_param: Vec<(String, String)>,

    /// The claims request, such as {"userinfo": {"email": {"essential": true}}}
    #[arg(long, value_name = "JSON", value_parser = claims)]
    claims: Option<Object>,

    /// How long ago, in seconds, people may have logged in at the provider
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u64>,

    /// The authentication contexts wanted, with spaces between; another one is refused
    #[arg(long, value_name = "VALUES")]
    pub(crate) acr_values: Option<String>,
}

impl LoginArguments {
    /// What every login asks for, checked.
    pub(crate) fn options(&self) -> Result<LoginOptions, CommandError> {
        let mut options = LoginOptions::new();
        if let Some(mode) = self.response_mode {
            options = options.response_mode(mode);
        }
        if let Some(claims) = &self.claims {
            options = options.claims(claims.clone());
        }
        if let Some(seconds) = self.max_age {
            options = options.max_age(seconds);
        }
        if let Some(values) = &self.acr_values {
            options = options.acr_values(values);
        }
        for (name, value) in &self.auth_param {
            options = options.extra(name, value);
        }
        options.checked().map_err(|why| CommandError::option(format!("--auth-param: {why}")))
    }

    /// The claims that are asked for by name, of ID token and UserInfo.
    pub(crate) fn claim_names(&self) -> Vec<String> {
        let members = self.claims.iter().flat_map(Object::values);
        let names = members.filter_map(Value::as_object).flat_map(Object::keys);
        names.cloned().collect()
    }

    /// What every logout asks for, checked.
    pub(crate) fn logout(&self) -> Result<LogoutOptions, CommandError> {
        let extra =
            |options: LogoutOptions, (name, value): &(String, String)| options.extra(name, value);
        let options = self.logout_param.iter().fold(LogoutOptions::new(), extra);
        options.checked().map_err(|why| CommandError::option(format!("--logout-param: {why}")))
    }
}

fn claims(text: &str) -> Result<Object, String> {
    json::object(text.as_bytes()).map_err(|why| format!("expected one JSON object: {why}"))
}
