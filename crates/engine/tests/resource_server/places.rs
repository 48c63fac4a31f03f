//! Where tokens may stand in a request.

use countersign::protocol::bearer::RequestFault;
use countersign::{Presented, Refusal, TokenPlaces, danger};
use http::{HeaderMap, HeaderValue};

use super::api::{api, issuer, knowing};

fn headers(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append("authorization", HeaderValue::from_str(line).unwrap());
    }
    headers
}

fn places(form: bool, query: bool) -> TokenPlaces {
    let issuer = issuer("https://op.example");
    let mut builder = knowing(&issuer);
    if form {
        builder = danger::token_in_form(builder);
    }
    if query {
        builder = danger::token_in_query(builder);
    }
    api(builder).0.places()
}

fn find(
    places: TokenPlaces,
    header: &[&str],
    query: Option<&str>,
    form: Option<&str>,
) -> Result<String, Refusal> {
    let (headers, mut kept) = (headers(header), None);
    let found = Presented::find(places, &headers, query, form, &mut kept);
    found.map(|presented| presented.credentials().token().to_owned())
}

#[test]
fn form_and_query_are_not_looked_at_unless_danger_allows_it() {
    let nowhere = places(false, false);
    assert_eq!(find(nowhere, &[], Some("access_token=abc"), None), Err(Refusal::Missing));
    assert_eq!(find(nowhere, &[], None, Some("access_token=abc")), Err(Refusal::Missing));
    assert_eq!(find(places(false, true), &[], Some("a=1&access_token=abc"), None).unwrap(), "abc");
    assert_eq!(
        find(places(true, false), &[], None, Some("access_token=a.b%7Ec")).unwrap(),
        "a.b~c"
    );
    assert_eq!(
        find(places(true, false), &[], Some("access_token=abc"), None),
        Err(Refusal::Missing)
    );
    assert_eq!(
        find(places(false, true), &[], None, Some("access_token=abc")),
        Err(Refusal::Missing)
    );
}

#[test]
fn a_token_in_two_places_is_refused_wherever_tokens_are_allowed() {
    let several = Err(Refusal::Request(RequestFault::Several));
    for places in [places(false, false), places(true, true)] {
        assert_eq!(find(places, &["Bearer abc"], Some("access_token=abc"), None), several);
        assert_eq!(find(places, &["Bearer abc"], None, Some("access_token=abc")), several);
        assert_eq!(find(places, &[], Some("access_token=abc"), Some("access_token=abc")), several);
        assert_eq!(find(places, &[], Some("access_token=abc&access_token=abc"), None), several);
        assert_eq!(find(places, &["Bearer abc", "Bearer abc"], None, None), several);
    }
}

#[test]
fn other_schemes_carry_no_token() {
    let everywhere = places(true, true);
    for header in ["Basic YTpi", "Digest x", "BearerX abc", "Token abc", ""] {
        assert_eq!(find(everywhere, &[header], None, None), Err(Refusal::Missing), "{header}");
    }
    for header in ["bearer abc", "BEARER abc", "BeArEr abc"] {
        assert_eq!(find(everywhere, &[header], None, None).unwrap(), "abc");
    }
}
