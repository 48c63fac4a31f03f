use countersign::Session;

use crate::support::{World, ready, secs};

fn session() -> Session {
    let world = World::new();
    let rp = world.rp();
    let session = world.log_in(&rp).unwrap();
    world.forward(secs(100));
    ready(rp.refresh(&session)).unwrap()
}

#[test]
fn a_kept_session_is_the_same_when_it_comes_back() {
    let session = session();
    let record = session.to_record();
    let read = Session::from_authenticated_record(&record).unwrap();
    assert_eq!(read.identity().raw(), session.identity().raw());
    assert_eq!(read.identity().verified_at(), session.identity().verified_at());
    assert_eq!(read.claims(), session.claims());
    assert_eq!(read.user_info(), session.user_info());
    assert_eq!(read.access_token(), session.access_token());
    assert_eq!(read.refresh_token(), session.refresh_token());
    assert_eq!(read.access_token_expires_at(), session.access_token_expires_at());
    assert_eq!(read.scope(), session.scope());
    assert_eq!(read.client_id(), session.client_id());
    assert_eq!(read.started_at(), session.started_at());
    assert_eq!(read.checked_at(), session.checked_at());
    assert_eq!(read.refreshed(), 1);
    assert_eq!(read.to_record(), record);
}

#[test]
fn a_kept_session_can_be_renewed_and_ended() {
    let world = World::new();
    let rp = world.rp();
    let record = world.log_in(&rp).unwrap().to_record();
    let read = Session::from_authenticated_record(&record).unwrap();
    assert_eq!(ready(rp.refresh(&read)).unwrap().refreshed(), 1);
}

#[test]
fn another_version_is_no_session() {
    let mut record = session().to_record();
    for version in (0..=255).filter(|version| *version != record[0]).collect::<Vec<u8>>() {
        record[0] = version;
        assert!(Session::from_authenticated_record(&record).is_none(), "{version}");
    }
}

#[test]
fn a_record_that_was_cut_is_no_session() {
    let record = session().to_record();
    for length in 0..record.len() {
        assert!(Session::from_authenticated_record(&record[..length]).is_none(), "{length}");
    }
    let mut longer = record;
    longer.push(0);
    assert!(Session::from_authenticated_record(&longer).is_none());
}

#[test]
fn no_changed_bit_makes_it_panic() {
    let record = session().to_record();
    let mut read = 0;
    for at in 0..record.len() {
        for bit in 0..8 {
            let mut changed = record.clone();
            changed[at] ^= 1 << bit;
            if let Some(session) = Session::from_authenticated_record(&changed) {
                read += 1;
                let _ = (session.to_record(), session.principal(), format!("{session:?}"));
            }
        }
    }
    assert!(read > 0, "a changed letter in a token is not this reader's to see");
}

#[test]
fn lengths_that_lie_make_no_session_and_no_allocation() {
    for record in [
        &[1_u8][..],
        &[1, 0xff, 0xff, 0xff, 0xff],
        &[1, 0, 0, 0, 2, b'{', b'}'],
        &[1, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0; 100],
    ] {
        assert!(Session::from_authenticated_record(record).is_none(), "{record:?}");
    }
}
