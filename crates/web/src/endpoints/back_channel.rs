//! A logout that the provider tells (OpenID Connect Back-Channel Logout 1.0 section 2.5).

use countersign::ErrorKind;
use countersign_protocol::Fault;
use http::{Method, StatusCode, header};
use serde_json::json;

use super::Parameters;
use crate::call::Call;
use crate::ended::Mark;
use crate::error::{self, Problem};
use crate::event::Event;
use crate::reply::{Reply, later};

/// `POST` by the provider with a form of one `logout_token`; no browser takes part.
pub(crate) async fn back_channel_logout(call: &Call<'_>) -> Reply {
    if *call.request.method() != Method::POST {
        let reply = refused(&Problem::new(&error::REQUEST_METHOD));
        let reply = Reply { status: StatusCode::METHOD_NOT_ALLOWED, ..reply };
        return reply.header(header::ALLOW, "POST");
    }
    match end(call).await {
        Ok(()) => Reply::new(StatusCode::OK),
        Err(problem) => refused(&problem),
    }
}

async fn end(call: &Call<'_>) -> Result<(), Problem> {
    let parameters = Parameters::of(call)?;
    let mut tokens = parameters.iter().filter(|(name, _)| name == "logout_token");
    let (Some((_, token)), None) = (tokens.next(), tokens.next()) else {
        return Err(Problem::new(&error::LOGOUT_NO_TOKEN));
    };
    let token = match call.site.relying_party.logout_token(&token).await {
        Ok(token) => token,
        Err(error) => {
            let by_sender = matches!(error.kind(), ErrorKind::LogoutToken(_));
            let problem = Problem::from(error);
            let fault = if by_sender { Fault::Person } else { problem.fault };
            return Err(Problem { fault, ..problem });
        }
    };
    // Whoever logs in during this request may count as logged out, never the other way round.
    let now = call.site.relying_party.now();
    for mark in Mark::of_provider(&token, call.site.policy.end_of(now), now) {
        call.site.end(mark, now);
    }
    call.site.tell(Event::LoggedOutByProvider);
    Ok(())
}

/// Section 2.8: 400 whatever the reason, with an error as in RFC 6749 section 5.2.
fn refused(problem: &Problem) -> Reply {
    problem.log();
    let body = json!({
        "error": "invalid_request",
        "error_description": problem.code.meaning,
        "code": problem.code.code,
    });
    later(problem, Reply::json(StatusCode::BAD_REQUEST, &body))
}
