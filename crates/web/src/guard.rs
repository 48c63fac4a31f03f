//! Who is here, and whether that suffices.

use countersign::{Due, LoginOptions, Principal, ReturnTo, Session};
use countersign_protocol::Fault;
use http::{HeaderMap, HeaderValue, Method, header};
use url::Url;

use crate::call::{Call, RETURN_TO};
use crate::endpoints::login::{HERE, start};
use crate::error::{self, Problem, Reason};
use crate::event::Event;
use crate::reply::Reply;
use crate::request::Kind;
use crate::session::{Found, Kept};

/// What a guard says.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a face answers both")]
pub enum Decision {
    /// Go on. The visit has a session, unless this is a preflight that was to pass or a request to
    /// one of the site's own endpoints.
    Pass(Box<Visit>),
    /// Answer this instead, without a byte of the application's own answer.
    Answer(Reply),
}

/// A request with or without somebody behind it.
#[derive(Debug)]
pub struct Visit {
    session: Option<Session>,
    cookies: Vec<HeaderValue>,
    trouble: Option<Reply>,
}

impl Visit {
    /// The session, if somebody is logged in.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// Who it is, if somebody is logged in.
    #[must_use]
    pub fn principal(&self) -> Option<Principal> {
        self.session.as_ref().map(Session::principal)
    }

    /// What to answer where the session is needed, when there is one that can't be used now: its
    /// access token has ended and the provider that could renew it is silent. The session is not
    /// lost; until the provider is back its owner counts as nobody.
    #[must_use]
    pub const fn trouble(&self) -> Option<&Reply> {
        self.trouble.as_ref()
    }

    /// `Set-Cookie` values that belong to the application's answer.
    #[must_use]
    pub fn cookies(&self) -> &[HeaderValue] {
        &self.cookies
    }

    /// Completes the headers of the application's answer: renewed cookies, and that no shared
    /// cache may give this answer to others. A `Cache-Control` of the application's own stays
    /// unless a cookie is set.
    pub fn apply(&self, headers: &mut HeaderMap) {
        for cookie in &self.cookies {
            headers.append(header::SET_COOKIE, cookie.clone());
        }
        headers.append(header::VARY, HeaderValue::from_static("Cookie"));
        if !self.cookies.is_empty() || !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }

    const fn nobody() -> Self {
        Self { session: None, cookies: Vec::new(), trouble: None }
    }

    const fn somebody(session: Session, cookies: Vec<HeaderValue>) -> Self {
        Self { session: Some(session), cookies, trouble: None }
    }
}

pub(crate) async fn visit(call: &Call<'_>) -> Visit {
    match here(call).await {
        Here::Live { kept, cookies, .. } => Visit::somebody(kept.session, cookies),
        Here::Gone(_) => Visit::nobody(),
        Here::Trouble(problem) => {
            Visit { trouble: Some(call.tell(&problem, &call.target())), ..Visit::nobody() }
        }
    }
}

pub(crate) async fn guard(call: &Call<'_>) -> Decision {
    // A guard around the whole application must not stand between a person and the login.
    let endpoint = call.site.routes.all().contains(&call.inner_path());
    if endpoint || (call.request.is_preflight() && call.site.preflights_pass) {
        return Decision::Pass(Box::new(Visit::nobody()));
    }
    match here(call).await {
        Here::Live { kept, cookies, ask_silently } => {
            if ask_silently
                && call.kind == Kind::Navigation
                && call.request.is_read()
                && !call.seen.elsewhere
            {
                let options = kept.session.silent_login(call.site.login.clone());
                // A provider that can't be asked now is asked at the next page.
                if let Ok(reply) = start(call, options, &call.target()).await {
                    return Decision::Answer(reply);
                }
            }
            Decision::Pass(Box::new(Visit::somebody(kept.session, cookies)))
        }
        Here::Gone(reason) => Decision::Answer(send_to_login(call, &call.target(), reason).await),
        Here::Trouble(problem) => Decision::Answer(call.tell(&problem, &call.target())),
    }
}

pub(crate) fn forbid(call: &Call<'_>, detail: &str) -> Reply {
    call.tell(&Problem::new(&error::SESSION_CLAIMS).detail(detail), &call.target())
}

/// What the session of a request came to, renewed if that was due.
enum Here {
    Live { kept: Kept, cookies: Vec<HeaderValue>, ask_silently: bool },
    Gone(Reason),
    Trouble(Problem),
}

async fn here(call: &Call<'_>) -> Here {
    let kept = match call.session() {
        Found::Live(kept) => kept,
        Found::Dead(_, reason) | Found::None(reason) => return Here::Gone(reason),
    };
    match kept.session.due(call.now, &call.site.policy) {
        Due::Refresh => refresh(call, kept).await,
        Due::AskSilently => Here::Live { kept, cookies: Vec::new(), ask_silently: true },
        _ => Here::Live { kept, cookies: Vec::new(), ask_silently: false },
    }
}

/// Renews the access token. What the provider refuses is over; while it can't be reached, the
/// session goes on as long as its access token does.
///
/// A refusal takes no cookie away: another request may have renewed the session meanwhile, and its
/// newer cookie must stay.
async fn refresh(call: &Call<'_>, kept: Kept) -> Here {
    let problem = match call.site.relying_party.refresh(&kept.session).await {
        Ok(session) => {
            let kept = Kept { id: kept.id, session };
            match call.session_cookies(&kept) {
                Ok(cookies) => {
                    call.site.tell(Event::SessionRefreshed);
                    return Here::Live { kept, cookies, ask_silently: false };
                }
                Err(problem) => problem,
            }
        }
        Err(error) => Problem::from(error),
    };
    let lives = kept.session.access_token_expires_at().is_none_or(|until| until > call.now);
    match problem.fault {
        Fault::Person => {
            problem.log();
            Here::Gone(Reason::SessionEnded)
        }
        _ if problem.code == &countersign_protocol::error::REFRESH_SUBJECT => {
            problem.log();
            Here::Gone(Reason::SessionEnded)
        }
        _ if lives => {
            problem.log();
            Here::Live { kept, cookies: Vec::new(), ask_silently: false }
        }
        _ => Here::Trouble(problem),
    }
}

/// The answer to a request that needs a session and has none.
async fn send_to_login(call: &Call<'_>, target: &str, reason: Reason) -> Reply {
    if call.kind != Kind::Navigation {
        return call.tell(&Problem::new(&error::SESSION_REQUIRED).because(reason), target);
    }
    if call.goes_in_circles() {
        let reason = if call.seen.elsewhere { Reason::OtherHost } else { reason };
        return call.tell(&Problem::new(&error::LOGIN_LOOP).because(reason), target);
    }
    if call.seen.elsewhere {
        // The login's cookies must be set where the callback will look for them.
        let parameters = [(RETURN_TO, target), (HERE, "1")];
        return Reply::see_other(&call.url(&call.site.routes.login, &parameters));
    }
    match start(call, call.site.login.clone(), target).await {
        Ok(reply) => reply,
        Err(problem) => call.tell(&problem, target),
    }
}

impl Call<'_> {
    /// Where to come back to: the page itself; for what can't be repeated, the page it came from.
    fn target(&self) -> String {
        let readable = self.request.is_read();
        let own = match self.kind {
            Kind::Background => self.referring_page(),
            _ if readable => Some(self.seen.base.outer(self.request.path_and_query())),
            _ => self.referring_page(),
        };
        let own = own.or_else(|| {
            let same = *self.request.method() == Method::GET;
            same.then(|| self.seen.base.outer(self.request.path_and_query()))
        });
        own.and_then(|path| ReturnTo::parse(&path).ok())
            .map_or_else(|| self.default_target(), |target| target.as_str().to_owned())
    }

    fn referring_page(&self) -> Option<String> {
        let page = Url::parse(self.request.header("referer")?).ok()?;
        self.site.address.local_part(page.as_str())
    }
}

/// What one login asks for, with its target.
pub(crate) fn to(options: LoginOptions, target: &str) -> LoginOptions {
    match ReturnTo::parse(target) {
        Ok(target) => options.return_to(target),
        Err(_) => options,
    }
}
