//! The site's own paths, one file each.

pub(crate) mod back_channel;
pub(crate) mod callback;
pub(crate) mod logged_out;
pub(crate) mod login;
pub(crate) mod logout;

use std::borrow::Cow;

use http::{Method, header};
use url::form_urlencoded;

use crate::call::Call;
use crate::error::{self, Problem};
use crate::reply::Reply;
use crate::request::BODY_LIMIT;

/// The parameters of a request: of the query, or of the form for a POST.
pub(crate) struct Parameters<'a>(&'a str);

impl<'a> Parameters<'a> {
    /// # Errors
    /// A POST whose body is no form of at most 64 KiB.
    pub(crate) fn of(call: &Call<'a>) -> Result<Self, Problem> {
        if *call.request.method() != Method::POST {
            return Ok(Self(call.request.query()));
        }
        let body = call.request.form();
        if body.is_empty() {
            return Ok(Self(call.request.query()));
        }
        if body.len() > BODY_LIMIT {
            return Err(Problem::new(&error::REQUEST_TOO_LARGE));
        }
        if !call.request.says_form() {
            return Err(Problem::new(&error::REQUEST_FORM));
        }
        std::str::from_utf8(body).map(Self).map_err(|_| Problem::new(&error::REQUEST_FORM))
    }

    pub(crate) const fn text(&self) -> &'a str {
        self.0
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        form_urlencoded::parse(self.0.as_bytes())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.iter().any(|(own, _)| own == name)
    }

    /// The value of a parameter that comes at most once.
    ///
    /// # Errors
    /// It comes twice, or is too long to be meant.
    pub(crate) fn once(&self, name: &str) -> Result<Option<Cow<'a, str>>, Problem> {
        let mut values = self.iter().filter(|(own, _)| own == name).map(|(_, value)| value);
        let value = values.next();
        let too_long = value.as_ref().is_some_and(|value| value.len() > LONGEST);
        if too_long || values.next().is_some() {
            return Err(Problem::new(&error::LOGIN_OPTION)
                .detail(format!("{name} comes twice or has more than {LONGEST} bytes")));
        }
        Ok(value)
    }
}

/// The answer to a method that an endpoint does not take.
pub(crate) fn wrong_method(call: &Call<'_>, allowed: &'static str) -> Reply {
    let reply = call.tell(&Problem::new(&error::REQUEST_METHOD), &call.default_target());
    reply.header(header::ALLOW, allowed)
}

/// As for the options of a login.
const LONGEST: usize = 2048;
