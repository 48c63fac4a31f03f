//! Bad input from end to end: a protected application, a provider that misbehaves on demand and a
//! browser with a cookie jar, all over real sockets.

mod harness;

mod back_channel;
mod bearer;
mod callback;
mod form_post;
mod hosts;
mod id_token;
mod logout;
mod onward;
mod open_redirects;
mod provider;
mod refresh;
mod registration;
mod requests;
mod session;
mod silence;
mod the_harness;
