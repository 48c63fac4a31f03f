//! Starting a login.

use countersign::{LoginOptions, ReturnTo};
use http::Method;

use super::{Parameters, wrong_method};
use crate::call::{Call, RETURN_TO, with_query};
use crate::error::{self, Problem, Reason};
use crate::event::Event;
use crate::guard::to;
use crate::reply::Reply;
use crate::request::Kind;

/// `GET /auth/login?return_to=/path`, also as the address for logins that a third party starts
/// (OpenID Connect Core 1.0 section 4, GET or POST).
pub(crate) async fn login(call: &Call<'_>) -> Reply {
    if !call.request.is_read() && *call.request.method() != Method::POST {
        return wrong_method(call, "GET, HEAD, POST");
    }
    let parameters = match Parameters::of(call) {
        Ok(parameters) => parameters,
        Err(problem) => return call.tell(&problem, &call.default_target()),
    };
    let target = wanted_target(call, &parameters);
    if call.kind == Kind::Background {
        let reason = Reason::NoCookies;
        let reason = if call.jar.any() { Reason::CookieMissing } else { reason };
        return call.tell(&Problem::new(&error::SESSION_REQUIRED).because(reason), &target);
    }
    if call.seen.elsewhere && !parameters.has(HERE) {
        return other_address(call, &parameters);
    }
    let started = match options(call, &parameters) {
        Ok(options) => start(call, options, &target).await,
        Err(problem) => Err(problem),
    };
    started.unwrap_or_else(|problem| call.tell(&problem, &target))
}

/// Sends the browser to the provider and makes it keep the pending login.
pub(crate) async fn start(
    call: &Call<'_>,
    options: LoginOptions,
    target: &str,
) -> Result<Reply, Problem> {
    // The answer has to come in at the address whose cookies it needs.
    let redirect_uri = call.seen.base.url(&call.site.routes.callback);
    let options = to(options, target).redirect_uri(redirect_uri);
    let started = match call.site.relying_party.begin(options).await {
        Ok((url, pending)) => call.keep(&pending).map(|cookies| (url, cookies)),
        Err(error) => Err(Problem::from(error)),
    };
    match started {
        Ok((url, cookies)) => {
            call.site.tell(Event::LoginStarted);
            Ok(Reply::see_other(url.as_str()).cookies(cookies))
        }
        Err(problem) => {
            call.site.tell(Event::LoginFailed { code: problem.code.code });
            Err(problem)
        }
    }
}

/// `return_to`, or the `target_link_uri` of a third party if it is an address of ours; anything
/// else leads to the default.
fn wanted_target(call: &Call<'_>, parameters: &Parameters<'_>) -> String {
    let named = |name: &str| parameters.once(name).ok().flatten();
    let linked = || named("target_link_uri").and_then(|url| call.site.address.local_part(&url));
    let wanted = match named(RETURN_TO) {
        Some(path) => Some(path.into_owned()),
        None => linked(),
    };
    wanted
        .and_then(|path| ReturnTo::parse(&path).ok())
        .map_or_else(|| call.default_target(), |target| target.as_str().to_owned())
}

/// The site's own options, and what the request asks for.
fn options(call: &Call<'_>, parameters: &Parameters<'_>) -> Result<LoginOptions, Problem> {
    let relying_party = &call.site.relying_party;
    if let Some(issuer) = parameters.once("iss")?
        && !relying_party.issuer_is(&issuer)
    {
        return Err(Problem::new(&error::LOGIN_THIRD_PARTY)
            .detail("iss is not the issuer of this relying party"));
    }
    let mut options = call.site.login.clone();
    if let Some(prompt) = parameters.once("prompt")? {
        if prompt != "none" && prompt.split(' ').any(|one| one == "none") {
            let problem = Problem::new(&error::LOGIN_OPTION);
            return Err(problem.detail("prompt=none can't stand beside another prompt"));
        }
        options = options.prompt(prompt);
    }
    if let Some(hint) = parameters.once("login_hint")? {
        options = options.login_hint(hint);
    }
    if let Some(values) = parameters.once("acr_values")? {
        options = options.acr_values(&values);
    }
    if let Some(locales) = parameters.once("ui_locales")? {
        options = options.ui_locales(locales);
    }
    if let Some(seconds) = parameters.once("max_age")? {
        let seconds = seconds.parse().map_err(|_| {
            Problem::new(&error::LOGIN_OPTION).detail("max_age is not a number of seconds")
        })?;
        options = options.max_age(seconds);
    }
    Ok(options)
}

/// The same address, at the host where the callback will find its cookies. Once only: behind a
/// proxy that changes the host, the second request looks like the first.
fn other_address(call: &Call<'_>, parameters: &Parameters<'_>) -> Reply {
    let pairs: Vec<_> = parameters.iter().take(MOST).collect();
    let mut pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    pairs.push((HERE, "1"));
    let url = call.seen.base.url(&call.site.routes.login);
    Reply::see_other(&with_query(url.to_string(), &pairs))
}

/// Marks a login address that was already corrected to the public host.
pub(crate) const HERE: &str = "here";
const MOST: usize = 16;
