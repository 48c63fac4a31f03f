//! Sessions that ended before their time.
//!
//! A sealed cookie is valid wherever a copy of it lies. What a logout ended, here or at the
//! provider, is therefore remembered until it would have ended by itself. The memory is this
//! process's own: with several processes a copy made before the logout opens in the others until
//! the session's end, unless they share a folder.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use countersign::{LogoutToken, Session, UnixTime};
use countersign_jose::digest;

/// A session's identity here: random, never shown.
pub(crate) type Id = [u8; 16];

/// Bounded lists. When one is full, what would end soonest by itself is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Ended(Mutex<Lists>);

#[derive(Debug, Default)]
struct Lists {
    /// Sessions by their identity here.
    here: Until<()>,
    /// Sessions by what the provider calls them, begun up to a time.
    there: Until<UnixTime>,
}

/// One or several sessions that ended, until when that has to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) id: Id,
    /// Up to when sessions of this name have begun; none where the identity is that of one session.
    pub(crate) begun_by: Option<UnixTime>,
    pub(crate) until: UnixTime,
}

impl Mark {
    /// One session, for all copies of its cookie.
    pub(crate) const fn of_session(id: Id, until: UnixTime) -> Self {
        Self { id, begun_by: None, until }
    }

    /// What the provider has ended: the session that it names, or all of a person's. A session of
    /// that person that the provider never gave a name counts as the one named. Sessions that
    /// begin later are others.
    pub(crate) fn of_provider(token: &LogoutToken, until: UnixTime, now: UnixTime) -> Vec<Self> {
        let (issuer, subject) = (token.issuer(), token.subject());
        let names = match (token.session_id(), subject) {
            (Some(sid), Some(subject)) => {
                vec![Name::Session(sid), Name::SubjectWithoutSession(subject)]
            }
            (Some(sid), None) => vec![Name::Session(sid)],
            (None, Some(subject)) => vec![Name::Subject(subject)],
            (None, None) => Vec::new(),
        };
        let mark = |name: Name<'_>| Self { id: name.at(issuer), begun_by: Some(now), until };
        names.into_iter().map(mark).collect()
    }
}

impl Ended {
    /// Remembers a mark until its end.
    pub(crate) fn add(&self, mark: Mark, now: UnixTime) {
        let Mark { id, begun_by, until } = mark;
        self.with(|lists| match begun_by {
            None => lists.here.insert(id, (), until, now),
            Some(begun_by) => {
                // Marks of other processes may arrive late.
                let known = lists.there.get(&id, now).copied();
                let begun_by = known.map_or(begun_by, |known| known.max(begun_by));
                lists.there.insert(id, begun_by, until, now);
            }
        });
    }

    /// Whether a session was ended here.
    pub(crate) fn has(&self, id: &Id, now: UnixTime) -> bool {
        self.with(|lists| lists.here.get(id, now).is_some())
    }

    /// Whether a session was ended by its provider.
    pub(crate) fn has_named(&self, session: &Session, now: UnixTime) -> bool {
        self.with(|lists| !lists.there.is_empty() && lists.has_named(session, now))
    }

    fn with<T>(&self, look: impl FnOnce(&mut Lists) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Lists {
    fn has_named(&self, session: &Session, now: UnixTime) -> bool {
        let subject = session.subject();
        let names = match session.session_id() {
            Some(sid) => [Name::Subject(subject), Name::Session(sid)],
            None => [Name::Subject(subject), Name::SubjectWithoutSession(subject)],
        };
        names.iter().any(|name| {
            let ended_at = self.there.get(&name.at(session.issuer()), now);
            ended_at.is_some_and(|ended_at| session.started_at() <= *ended_at)
        })
    }
}

/// What a provider calls sessions.
enum Name<'a> {
    /// `sid`
    Session(&'a str),
    /// `sub`: all sessions of a person.
    Subject(&'a str),
    /// `sub`: those of a person's sessions that have no `sid`.
    SubjectWithoutSession(&'a str),
}

impl Name<'_> {
    /// The same with its issuer, in few bytes.
    fn at(&self, issuer: &str) -> Id {
        let (kind, name) = match self {
            Self::Session(sid) => ("sid", sid),
            Self::Subject(sub) => ("sub", sub),
            Self::SubjectWithoutSession(sub) => ("sub without sid", sub),
        };
        let text = [kind, issuer, name].join("\n");
        let mut half = Id::default();
        half.iter_mut().zip(digest::sha256(text.as_bytes())).for_each(|(to, from)| *to = from);
        half
    }
}

/// Values that are forgotten at a time of their own.
#[derive(Debug)]
struct Until<T> {
    values: HashMap<Id, (UnixTime, T)>,
    by_end: BTreeSet<(UnixTime, Id)>,
}

impl<T> Until<T> {
    fn insert(&mut self, id: Id, value: T, until: UnixTime, now: UnixTime) {
        while self.by_end.first().is_some_and(|(until, _)| *until <= now) {
            self.drop_first();
        }
        if let Some((before, _)) = self.values.insert(id, (until, value)) {
            self.by_end.remove(&(before, id));
        }
        self.by_end.insert((until, id));
        while self.values.len() > MOST {
            self.drop_first();
        }
    }

    fn get(&self, id: &Id, now: UnixTime) -> Option<&T> {
        self.values.get(id).filter(|(until, _)| *until > now).map(|(_, value)| value)
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn drop_first(&mut self) {
        if let Some((_, id)) = self.by_end.pop_first() {
            self.values.remove(&id);
        }
    }
}

impl<T> Default for Until<T> {
    fn default() -> Self {
        Self { values: HashMap::new(), by_end: BTreeSet::new() }
    }
}

/// Some 10 MB at most, for each list.
const MOST: usize = 100_000;
