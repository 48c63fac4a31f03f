//! What the processes of one machine tell each other of sessions that have ended.
//!
//! Each mark is a record of fixed length, appended to a file in one write; whoever asks reads what
//! was appended since. Nothing in there opens a session or names a person: who could write to it
//! could log people out.
//!
//! A file holds the marks that are over within one lifetime of sessions. So two files matter at any
//! time, none is ever rewritten, and old ones are deleted as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use countersign::UnixTime;

use crate::ended::Mark;

/// A folder of marks, and how far they have been read.
#[derive(Debug)]
pub(crate) struct Shared {
    folder: PathBuf,
    /// Seconds.
    lifetime: i64,
    read: Mutex<[Follower; 2]>,
}

/// One file on its way to its end.
#[derive(Debug, Default)]
struct Follower {
    slot: i64,
    file: Option<File>,
    offset: u64,
}

impl Shared {
    /// Takes a folder, which is made if there is none, and deletes what is over in it.
    pub(crate) fn open(folder: &Path, lifetime: i64, now: UnixTime) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let (folder, lifetime) = (folder.to_owned(), lifetime.max(1));
        let shared = Self { folder, lifetime, read: Mutex::default() };
        let first = shared.slot(now);
        // Tells now whether this process may write here, and not at the first logout.
        shared.file(first)?;
        for entry in fs::read_dir(&shared.folder)?.flatten() {
            let name = entry.file_name();
            let slot = name.to_str().and_then(|name| shared.slot_of(name));
            if slot.is_some_and(|slot| slot < first) {
                // Another process may have been faster.
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(shared)
    }

    /// Appends a mark. If that fails, the session has ended in this process alone, and the log says so.
    pub(crate) fn tell(&self, mark: Mark, now: UnixTime) {
        let slot = self.slot(mark.until);
        let told = self.file(slot).and_then(|mut file| file.write_all(&written(mark)));
        // What nobody asks for any more.
        let _ = fs::remove_file(self.path(self.slot(now) - 1));
        if let Err(why) = told {
            tracing::error!(
                code = "setup.shared_folder", %why,
                "a session has ended in this process alone; look at the shared folder"
            );
        }
    }

    /// Takes what was appended since the last time.
    pub(crate) fn catch_up(&self, now: UnixTime, mut take: impl FnMut(Mark)) {
        let first = self.slot(now);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        for slot in [first, first + 1] {
            // Neighbours never share a place.
            let [even, odd] = &mut *read;
            let follower = if slot.rem_euclid(2) == 0 { even } else { odd };
            if follower.slot != slot {
                *follower = Follower { slot, ..Follower::default() };
            }
            if let Err(why) = follower.catch_up(|| self.file(slot), &mut take) {
                tracing::error!(
                    code = "setup.shared_folder", %why,
                    "what other processes have ended can't be read; look at the shared folder"
                );
            }
        }
    }

    /// A file to read and to append to, made if nobody has made it yet.
    fn file(&self, slot: i64) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(self.path(slot))
    }

    fn slot(&self, time: UnixTime) -> i64 {
        time.as_secs().div_euclid(self.lifetime)
    }

    fn path(&self, slot: i64) -> PathBuf {
        self.folder.join(format!("{PREFIX}{}-{slot}", self.lifetime))
    }

    fn slot_of(&self, name: &str) -> Option<i64> {
        let (lifetime, slot) = name.strip_prefix(PREFIX)?.split_once('-')?;
        (lifetime == self.lifetime.to_string()).then(|| slot.parse().ok())?
    }
}

impl Follower {
    fn catch_up(
        &mut self,
        open: impl FnOnce() -> io::Result<File>,
        take: &mut impl FnMut(Mark),
    ) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(open()?),
        };
        let end = file.metadata()?.len();
        // Half a record is on its way.
        let whole = end - end % RECORD;
        if whole <= self.offset {
            return Ok(());
        }
        let mut records = Vec::new();
        file.seek(SeekFrom::Start(self.offset))?;
        file.take(whole - self.offset).read_to_end(&mut records)?;
        for record in records.chunks_exact(SIZE) {
            self.offset += RECORD;
            if let Some(mark) = read(record) {
                take(mark);
            }
        }
        Ok(())
    }
}

/// Kind, identity, two times.
fn written(mark: Mark) -> [u8; SIZE] {
    let mut record = [0; SIZE];
    let begun_by = mark.begun_by.map_or(0, UnixTime::as_millis).to_be_bytes();
    let until = mark.until.as_millis().to_be_bytes();
    let kind = [if mark.begun_by.is_some() { NAMED } else { SESSION }];
    let bytes = kind.iter().chain(&mark.id).chain(&begun_by).chain(&until);
    record.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    record
}

/// A record of another kind is of a later version, and none of ours.
fn read(record: &[u8]) -> Option<Mark> {
    let (&kind, rest) = record.split_first()?;
    let (&id, rest) = rest.split_first_chunk::<16>()?;
    let (&begun_by, rest) = rest.split_first_chunk::<8>()?;
    let until = UnixTime::from_millis(i64::from_be_bytes(*rest.first_chunk::<8>()?));
    let begun_by = match kind {
        SESSION => None,
        NAMED => Some(UnixTime::from_millis(i64::from_be_bytes(begun_by))),
        _ => return None,
    };
    Some(Mark { id, begun_by, until })
}

const PREFIX: &str = "ended-";
const SESSION: u8 = 1;
const NAMED: u8 = 2;
/// Bytes of a record.
const SIZE: usize = 33;
const RECORD: u64 = 33;
