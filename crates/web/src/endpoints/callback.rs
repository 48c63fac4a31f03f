//! Completing a login.

use countersign::{Callback, PendingLogin, Session};
use countersign_protocol::{Code, Fault, ProviderSays, error as codes};
use http::Method;

use super::login::start;
use super::{Parameters, wrong_method};
use crate::call::Call;
use crate::error::{self, Problem};
use crate::event::Event;
use crate::pages;
use crate::pending::Lookup;
use crate::reply::Reply;
use crate::request::Kind;
use crate::session::{Found, Kept};

/// The redirect URI: `GET` with a query, or `POST` with a form (`response_mode=form_post`).
///
/// A HEAD is refused, since a link checker must not use up a code.
pub(crate) async fn callback(call: &Call<'_>) -> Reply {
    if *call.request.method() != Method::GET && *call.request.method() != Method::POST {
        return wrong_method(call, "GET, POST");
    }
    let parameters = match Parameters::of(call) {
        Ok(parameters) => parameters,
        Err(problem) => return call.tell(&problem, &call.default_target()),
    };
    if is_bare(&parameters) {
        return stale(call, 0, None, Problem::new(&codes::LOGIN_NO_STATE)).await;
    }
    let callback = match Callback::parse(parameters.text()) {
        Ok(callback) => callback,
        Err(why) => {
            let problem = Problem::new(why.entry()).detail(&why);
            failed(call, &problem);
            return call.tell(&problem, &call.default_target());
        }
    };
    let Some(state) = callback.state().map(str::to_owned) else {
        let problem = Problem::new(&codes::LOGIN_NO_STATE);
        failed(call, &problem);
        return call.tell(&problem, &call.default_target());
    };
    let attempt = callback.attempt();
    match call.pending(&state) {
        Lookup::Good(pending) => complete(call, pending, callback).await,
        Lookup::Expired(pending) => {
            let problem = Problem::new(&codes::LOGIN_EXPIRED);
            let target = pending.return_to().as_str().to_owned();
            let reply = stale(call, attempt, Some(&target), problem).await;
            reply.cookies([call.used_up(&state)])
        }
        Lookup::Mismatch => {
            stale(call, attempt, None, Problem::new(&codes::LOGIN_STATE_MISMATCH)).await
        }
        Lookup::Unknown(_) if wants_bridge(call, &parameters) => bridge(call, &parameters),
        Lookup::Unknown(reason) => {
            let problem = Problem::new(&error::LOGIN_UNKNOWN_STATE).because(reason);
            stale(call, attempt, None, problem).await
        }
    }
}

async fn complete(call: &Call<'_>, pending: PendingLogin, callback: Callback) -> Reply {
    let target = pending.return_to().as_str().to_owned();
    let (state, silent) = (pending.state().to_owned(), pending.silent());
    let attempt = pending.attempt();
    let problem = match call.site.relying_party.complete(pending, callback).await {
        Ok(session) => match finish(call, session, silent, &target) {
            Ok(reply) => return reply.cookies([call.used_up(&state)]),
            Err(problem) => problem,
        },
        Err(error) => Problem::from(error),
    };
    failed(call, &problem);
    let reply = if silent && wants_a_person(&problem) {
        problem.log();
        restart(call, 0, &target).await
    } else if attempt == 0 && is_spent(&problem) {
        problem.log();
        restart(call, 1, &target).await
    } else {
        call.tell(&problem, &target)
    };
    if problem.fault == Fault::Network {
        // The code may still be good: loading the page again is another try.
        return reply;
    }
    reply.cookies([call.used_up(&state)])
}

/// Makes the session. Each login gives it a new identity and ends the one before it.
///
/// A silent login is a renewal: it keeps the identity, and comes to nothing if the session ended
/// meanwhile, since nobody asked to be signed in again.
fn finish(call: &Call<'_>, session: Session, silent: bool, target: &str) -> Result<Reply, Problem> {
    let before = call.session();
    if silent {
        let cookies = match before.live() {
            Some(kept) if is_same_person(&kept.session, &session) => {
                let session = session.continuing(&kept.session);
                let cookies = call.session_cookies(&Kept { id: kept.id, session })?;
                call.site.tell(Event::SessionRefreshed);
                cookies
            }
            _ => Vec::new(),
        };
        return Ok(Reply::see_other(target).cookies(cookies));
    }
    let kept = Kept { id: call.random()?, session };
    let cookies = call.session_cookies(&kept)?;
    let trail = call.note_login()?;
    if let Found::Live(before) = before {
        call.end(&before);
    }
    call.site.tell(Event::LoginCompleted);
    Ok(Reply::see_other(target).cookies(cookies).cookies([trail]))
}

/// A callback that leads to no login of this browser. With a session that is no trouble: the
/// person has logged in in another tab, gone back, or opened a bookmark. Without one, a login is
/// started again once; after that the cause is told.
async fn stale(call: &Call<'_>, attempt: u8, target: Option<&str>, problem: Problem) -> Reply {
    let default = call.default_target();
    let target = target.unwrap_or(&default);
    if let Found::Live(_) = call.session() {
        return Reply::see_other(target);
    }
    failed(call, &problem);
    if attempt == 0 && call.kind != Kind::Background && !call.restarts_in_vain() {
        problem.log();
        return restart(call, 1, target).await;
    }
    call.tell(&problem, target)
}

fn failed(call: &Call<'_>, problem: &Problem) {
    call.site.tell(Event::LoginFailed { code: problem.code.code });
}

async fn restart(call: &Call<'_>, attempt: u8, target: &str) -> Reply {
    let options = call.site.login.clone().attempt(attempt);
    match start(call, options, target).await {
        Ok(reply) => reply,
        Err(problem) => call.tell(&problem, target),
    }
}

/// Posts the form once more, from a page of ours, so that the cookies come along.
fn bridge(call: &Call<'_>, parameters: &Parameters<'_>) -> Reply {
    let fields = parameters.iter().map(|(name, value)| (name.into_owned(), value.into_owned()));
    let mut fields: Vec<_> = fields.take(MOST_FIELDS).collect();
    fields.push((BRIDGED.to_owned(), "1".to_owned()));
    pages::bridge(&call.path(&call.site.routes.callback, &[]), &fields, &call.nonce())
}

fn wants_bridge(call: &Call<'_>, parameters: &Parameters<'_>) -> bool {
    *call.request.method() == Method::POST
        && call.kind != Kind::Background
        && !parameters.has(BRIDGED)
}

/// The address alone, as from a bookmark or the history.
fn is_bare(parameters: &Parameters<'_>) -> bool {
    !["code", "error", "state", "response"].iter().any(|name| parameters.has(name))
}

fn is_same_person(before: &Session, now: &Session) -> bool {
    before.subject() == now.subject() && before.issuer() == now.issuer()
}

/// The provider would have to show something (OpenID Connect Core 1.0 section 3.1.2.6), or has
/// somebody else signed in.
fn wants_a_person(problem: &Problem) -> bool {
    let said = |says: &ProviderSays| INTERACTION.contains(&says.error.as_str());
    problem.says.as_ref().is_some_and(said) || problem.code == &codes::ID_TOKEN_SUBJECT
}

/// Too late, or the second use of a code: a double click, a reload.
fn is_spent(problem: &Problem) -> bool {
    let invalid = |says: &ProviderSays| says.error == "invalid_grant";
    let code: &Code = problem.code;
    code == &codes::LOGIN_EXPIRED
        || code == &codes::LOGIN_STATE_MISMATCH
        || (code == &codes::TOKEN_REFUSED && problem.says.as_ref().is_some_and(invalid))
}

const INTERACTION: [&str; 4] =
    ["login_required", "interaction_required", "consent_required", "account_selection_required"];
/// Marks the form that a page of ours has posted again.
const BRIDGED: &str = "countersign_bridged";
const MOST_FIELDS: usize = 64;
