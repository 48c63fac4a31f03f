//! Back from a logout.

use super::logout::Leave;
use super::{Parameters, wrong_method};
use crate::call::{Call, RETURN_TO};
use crate::cookie;
use crate::key_ring::Purpose;
use crate::pages;
use crate::reply::Reply;
use countersign_jose::constant_time_eq;

/// Goes on to where the logout was to lead, if this is the logout that this browser began; else a
/// page that says so.
pub(crate) fn logged_out(call: &Call<'_>) -> Reply {
    if !call.request.is_read() {
        return wrong_method(call, "GET, HEAD");
    }
    let state = Parameters::of(call).and_then(|parameters| parameters.once("state"));
    let state = state.ok().flatten().unwrap_or_default();
    let name = call.names.logout();
    let leave: Option<Leave> =
        call.jar.get(&name).and_then(|text| call.unsealed(Purpose::Logout, &name, text));
    let forget = cookie::expired(&call.names, &name);
    let target = leave
        .filter(|leave| constant_time_eq(leave.state.as_bytes(), state.as_bytes()))
        .and_then(|leave| leave.return_to);
    if let Some(target) = target {
        return Reply::see_other(target.as_str()).cookies([forget]);
    }
    let login = call.path(&call.site.routes.login, &[(RETURN_TO, &call.default_target())]);
    pages::signed_out(&login, &call.home(), &call.nonce()).cookies([forget])
}
