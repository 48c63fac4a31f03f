use std::time::Duration;

use countersign::{Due, Session, SessionPolicy};

use crate::support::{START, World, secs};

fn session(lifetime: Option<u64>, refresh_token: bool) -> Session {
    let world = World::new();
    world.op().change_tokens = Box::new(move |answer| {
        match lifetime {
            Some(seconds) => answer.insert("expires_in".into(), seconds.into()),
            None => answer.remove("expires_in"),
        };
        if !refresh_token {
            answer.remove("refresh_token");
        }
    });
    world.log_in(&world.rp()).unwrap()
}

fn due(session: &Session, policy: &SessionPolicy, after: u64) -> Due {
    session.due(START + secs(after), policy)
}

#[test]
fn tokens_are_renewed_a_minute_before_they_end() {
    let (session, policy) = (session(Some(3600), true), SessionPolicy::new());
    for (after, expected) in [
        (0, Due::Nothing),
        (3539, Due::Nothing),
        (3540, Due::Refresh),
        (3600, Due::Refresh),
        (40_000, Due::Refresh),
    ] {
        assert_eq!(due(&session, &policy, after), expected, "{after}");
    }
}

#[test]
fn tokens_that_live_for_seconds_are_renewed_in_their_last_quarter() {
    let (session, policy) = (session(Some(40), true), SessionPolicy::new());
    assert_eq!(due(&session, &policy, 29), Due::Nothing);
    assert_eq!(due(&session, &policy, 30), Due::Refresh);
}

#[test]
fn without_refresh_token_or_end_nothing_is_renewed() {
    let policy = SessionPolicy::new();
    for session in [session(Some(60), false), session(None, true), session(None, false)] {
        for after in [0, 60, 3600, 43_199] {
            assert_eq!(due(&session, &policy, after), Due::Nothing, "{after}");
        }
    }
}

#[test]
fn a_session_is_over_at_its_absolute_end() {
    for session in [session(Some(60), true), session(None, false)] {
        let policy = SessionPolicy::new();
        assert_eq!(policy.ends_at(&session), START + secs(12 * 3600));
        assert_eq!(due(&session, &policy, 12 * 3600), Due::Over);
        assert_eq!(due(&session, &policy, 100 * 3600), Due::Over);
        let short = SessionPolicy::new().lifetime(secs(10)).refresh_interval(Some(secs(5)));
        assert_eq!(due(&session, &short, 10), Due::Over);
        assert_eq!(due(&session, &SessionPolicy::new().lifetime(Duration::ZERO), 0), Due::Over);
    }
}

#[test]
fn the_provider_is_asked_silently_after_the_interval() {
    let policy = SessionPolicy::new().refresh_interval(Some(secs(900)));
    let session = session(None, false);
    assert_eq!(due(&session, &policy, 899), Due::Nothing);
    assert_eq!(due(&session, &policy, 900), Due::AskSilently);
}

#[test]
fn a_refresh_comes_before_a_silent_question() {
    let policy = SessionPolicy::new().refresh_interval(Some(secs(900)));
    assert_eq!(due(&session(Some(900), true), &policy, 900), Due::Refresh);
}

#[test]
fn a_policy_without_end_overflows_nothing() {
    let policy = SessionPolicy::new()
        .lifetime(Duration::MAX)
        .refresh_interval(Some(Duration::MAX))
        .refresh_margin(Duration::MAX);
    let session = session(Some(3600), true);
    assert_eq!(due(&session, &policy, 0), Due::Nothing);
    assert_eq!(due(&session, &policy, 2700), Due::Refresh);
}
