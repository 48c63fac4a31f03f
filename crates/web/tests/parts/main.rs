//! Parts that no browser can drive to their edges, taken straight from the sources.
#![allow(dead_code, unused_imports, unreachable_pub, clippy::allow_attributes)]

#[path = "../../src/cookie/mod.rs"]
mod cookie;
#[path = "../../src/ended.rs"]
mod ended;
#[path = "../../src/key_ring.rs"]
mod key_ring;

// The doc examples in these sources name the crate; nothing else here does.
use countersign_web as _;

mod bounds {
    use std::time::Duration;

    use countersign::UnixTime;
    use http::{HeaderMap, HeaderValue, header};

    use crate::cookie::{Chunks, Jar, Names, Prefix};
    use crate::ended::{Ended, Mark};

    const NAME: &str = "__Host-countersign_session";
    const PART: usize = 3800;

    fn header(pairs: &[(String, String)]) -> HeaderMap {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(&pairs.join("; ")).unwrap());
        headers
    }

    #[test]
    fn every_length_around_a_multiple_of_a_cookie_comes_back_whole() {
        let names = Names::new(&Prefix::default(), true);
        for multiple in 1..=8 {
            for length in multiple * PART - 4..=multiple * PART + 4 {
                let sealed: String =
                    (0..length).map(|n| char::from(b'a' + (n % 26) as u8)).collect();
                let Ok(count) = Chunks::count(length, 8) else {
                    assert!(length + 1 > 8 * PART, "{length} fits");
                    continue;
                };
                assert_eq!(count, (length + 1).div_ceil(PART), "{length}");
                let parts: Vec<_> = Chunks::split(count, &sealed).named(NAME).collect();
                assert_eq!(parts.len(), count, "{length}");
                assert!(parts.iter().all(|(_, value)| (1..=PART).contains(&value.len())));
                let headers = header(&parts);
                let jar = Jar::read(&headers, &names);
                assert_eq!(Chunks::join(&jar, NAME), Some((count, sealed)), "{length}");
                assert!(Chunks::left_over(&jar, NAME, count).is_empty());
                assert_eq!(Chunks::left_over(&jar, NAME, 0).len(), count);
            }
        }
    }

    #[test]
    fn a_value_beyond_the_budget_has_no_count() {
        assert_eq!(Chunks::count(8 * PART - 1, 8), Ok(8));
        assert_eq!(Chunks::count(8 * PART, 8).unwrap_err().limit, 8 * PART - 1);
        assert_eq!(Chunks::count(2 * PART, 2).unwrap_err().bytes, 2 * PART);
        assert!(Chunks::count(9 * PART, 99).is_err(), "never more than eight");
    }

    #[test]
    fn the_first_of_two_cookies_of_one_name_counts() {
        let names = Names::new(&Prefix::default(), true);
        let pairs = [(NAME.to_owned(), "one".to_owned()), (NAME.to_owned(), "two".to_owned())];
        let headers = header(&pairs);
        assert_eq!(Jar::read(&headers, &names).get(NAME), Some("one"));
    }

    #[test]
    fn ended_sessions_are_forgotten_at_their_own_end_and_bounded() {
        let ended = Ended::default();
        let now = UnixTime::from_secs(1_800_000_000);
        let id = |n: u64| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&n.to_be_bytes());
            id
        };
        for n in 0..100_010 {
            ended.add(Mark::of_session(id(n), now + Duration::from_secs(1000 + n)), now);
        }
        let held = (0..100_010).filter(|n| ended.has(&id(*n), now)).count();
        assert_eq!(held, 100_000);
        assert!(!ended.has(&id(9), now), "those that end soonest go first");
        assert!(ended.has(&id(10), now));
        let later = now + Duration::from_secs(1010);
        assert!(!ended.has(&id(10), later), "over by itself");
        assert!(ended.has(&id(11), later));
        // The same one again moves its end and takes no second place.
        ended.add(Mark::of_session(id(11), now + Duration::from_secs(500_000)), now);
        assert!(ended.has(&id(11), now + Duration::from_secs(400_000)));
    }
}
