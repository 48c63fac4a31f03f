//! The session as the browser keeps it: sealed, compressed where that helps, split.

use std::io::{Read, Write};

use countersign::{Due, Session};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::call::Call;
use crate::cookie::{self, Chunks};
use crate::ended::{Id, Mark};
use crate::error::{self, Problem, Reason};
use crate::key_ring::{Purpose, SALT};

/// A session and its identity here.
///
/// The identity stays the same over refreshes and changes at each login, so that a logout ends all
/// copies of the cookie and a new login ends the session before it.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) id: Id,
    pub(crate) session: Session,
}

/// What the session cookie of a request came to.
pub(crate) enum Found {
    Live(Kept),
    /// It opened, but its time is over or it was ended here: good for a logout hint at most.
    Dead(Kept, Reason),
    None(Reason),
}

impl Found {
    pub(crate) fn live(self) -> Option<Kept> {
        match self {
            Self::Live(kept) => Some(kept),
            Self::Dead(..) | Self::None(_) => None,
        }
    }
}

impl Call<'_> {
    pub(crate) fn session(&self) -> Found {
        let name = self.names.session();
        if self.jar.get(&name).is_none() {
            let any = self.jar.any();
            return Found::None(if any { Reason::CookieMissing } else { Reason::NoCookies });
        }
        let Some(kept) = self.open_session(&name) else {
            return Found::None(Reason::CookieUnreadable);
        };
        let ended = self.site.ended(self.now);
        if ended.has(&kept.id, self.now) || ended.has_named(&kept.session, self.now) {
            return Found::Dead(kept, Reason::SessionEnded);
        }
        if matches!(kept.session.due(self.now, &self.site.policy), Due::Over) {
            return Found::Dead(kept, Reason::SessionOver);
        }
        Found::Live(kept)
    }

    /// The `Set-Cookie` values that make the browser keep a session until its absolute end, and
    /// forget what an earlier, longer one left behind.
    pub(crate) fn session_cookies(&self, kept: &Kept) -> Result<Vec<HeaderValue>, Problem> {
        let name = self.names.session();
        let plain = write(kept);
        let sealed = sealed_length(plain.len());
        let count = Chunks::count(sealed, self.site.session_cookies).map_err(|too_many| {
            Problem::new(&error::SESSION_TOO_LARGE).detail(format!(
                "the sealed session has {} bytes, {} is the limit for {} cookies; ask the provider for fewer claims or scopes, or switch UserInfo off",
                too_many.bytes, too_many.limit, self.site.session_cookies,
            ))
        })?;
        let salt: [u8; SALT] = self.random()?;
        let ring = &self.site.key_ring;
        let text = cookie::seal(ring, Purpose::Session, &name, &count.to_string(), salt, &plain);
        let seconds = self.site.policy.ends_at(&kept.session).since(self.now).as_secs();
        let set = Chunks::split(count, &text)
            .named(&name)
            .map(|(name, value)| cookie::set(&self.names, &name, &value, seconds));
        let left_over = Chunks::left_over(&self.jar, &name, count);
        Ok(set.chain(left_over.iter().map(|name| cookie::expired(&self.names, name))).collect())
    }

    /// The `Set-Cookie` values that make the browser forget the session.
    pub(crate) fn no_session_cookies(&self) -> Vec<HeaderValue> {
        let names = Chunks::left_over(&self.jar, &self.names.session(), 0);
        names.iter().map(|name| cookie::expired(&self.names, name)).collect()
    }

    /// Ends a session in this process, for all copies of its cookie.
    pub(crate) fn end(&self, kept: &Kept) {
        let until = self.site.policy.ends_at(&kept.session);
        self.site.end(Mark::of_session(kept.id, until), self.now);
        if let Some((_, text)) = Chunks::join(&self.jar, &self.names.session()) {
            self.site.opened.forget(&text);
        }
    }

    fn open_session(&self, name: &str) -> Option<Kept> {
        let (count, text) = Chunks::join(&self.jar, name)?;
        if let Some(kept) = self.site.opened.get(name, count, &text) {
            return Some(kept);
        }
        let sealed_with = count.to_string();
        let ring = &self.site.key_ring;
        let plain = cookie::open(ring, Purpose::Session, name, &sealed_with, &text)?;
        let kept = read(&plain)?;
        self.site.opened.put(name, count, &text, &kept);
        Some(kept)
    }
}

/// One byte that says how the record is written, the identity, the record.
fn write(kept: &Kept) -> Zeroizing<Vec<u8>> {
    let record = Zeroizing::new(kept.session.to_record());
    let (how, record) = match deflate(&record) {
        Some(smaller) => (DEFLATED, smaller),
        None => (PLAIN, record),
    };
    let mut written = Zeroizing::new(Vec::with_capacity(1 + kept.id.len() + record.len()));
    written.push(how);
    written.extend_from_slice(&kept.id);
    written.extend_from_slice(&record);
    written
}

fn read(plain: &[u8]) -> Option<Kept> {
    let (&how, rest) = plain.split_first()?;
    let (id, record) = rest.split_first_chunk::<16>()?;
    let session = match how {
        PLAIN => Session::from_authenticated_record(record)?,
        DEFLATED => Session::from_authenticated_record(&inflate(record)?)?,
        _ => return None,
    };
    Some(Kept { id: *id, session })
}

/// Small records stay as they are: there is nothing to win, and lengths tell less.
fn deflate(record: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if record.len() <= WORTHWHILE {
        return None;
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(record).ok()?;
    let smaller = encoder.finish().ok()?;
    (smaller.len() < record.len()).then(|| Zeroizing::new(smaller))
}

fn inflate(record: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut inflated = Zeroizing::new(Vec::new());
    DeflateDecoder::new(record).take(LARGEST + 1).read_to_end(&mut inflated).ok()?;
    (u64::try_from(inflated.len()).ok()? <= LARGEST).then_some(inflated)
}

/// Characters of the sealed text of a plain one.
const fn sealed_length(plain: usize) -> usize {
    ((plain + crate::key_ring::OVERHEAD) * 4).div_ceil(3)
}

const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;
const WORTHWHILE: usize = 2048;
const LARGEST: u64 = 1024 * 1024;
