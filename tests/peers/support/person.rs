//! Somebody with a browser that knows redirects, cookies and forms, and nothing else.

use ureq::Agent;
use ureq::http::Response;
use url::Url;

/// One person with their cookies. Several logins of the same person are single sign-on.
#[derive(Debug)]
pub(crate) struct Person {
    name: String,
    agent: Agent,
}

/// Where a person arrives when the provider has finished: the relying party's redirect URI.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A redirect; the answer stands in the query or in the fragment.
    Redirect(Url),
    /// A form that posts itself, `response_mode=form_post`.
    Form { action: Url, fields: Vec<(String, String)> },
}

impl Arrival {
    /// One parameter of the answer, wherever it stands.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let pairs: Vec<(String, String)> = match self {
            Self::Redirect(url) => {
                let fragment = url.fragment().unwrap_or_default().as_bytes();
                url.query_pairs().chain(url::form_urlencoded::parse(fragment)).map(owned).collect()
            }
            Self::Form { fields, .. } => fields.clone(),
        };
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl Person {
    /// Somebody without cookies. The providers of these tests know everybody.
    pub(crate) fn new(name: &str) -> Self {
        let settings = Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        Self { name: name.to_owned(), agent: settings.into() }
    }

    /// Opens an address of the provider and does what its pages ask for, until it sends the person elsewhere.
    pub(crate) fn log_in(&self, address: &str) -> Arrival {
        self.go(address, "login")
    }

    /// As [`Person::log_in`], but cancels when asked for a name.
    pub(crate) fn cancel(&self, address: &str) -> Arrival {
        self.go(address, "cancel")
    }

    /// Opens the provider's logout address, confirms, and follows to the relying party.
    pub(crate) fn log_out(&self, address: &str) -> Arrival {
        self.go(address, "login")
    }

    fn go(&self, address: &str, answer: &str) -> Arrival {
        let start = Url::parse(address).unwrap();
        let mut here = start.clone();
        let mut response = self.agent.get(here.as_str()).call().unwrap();
        for _ in 0..MOST_STEPS {
            if response.status().is_redirection() {
                here = location(&here, &response);
                if here.origin() != start.origin() {
                    return Arrival::Redirect(here);
                }
                response = self.agent.get(here.as_str()).call().unwrap();
                continue;
            }
            let page = response.body_mut().read_to_string().unwrap();
            assert!(response.status().is_success(), "{here}: {} {page}", response.status());
            let (action, mut fields) = form(&here, &page);
            if action.origin() != start.origin() {
                return Arrival::Form { action, fields };
            }
            // What the person types and presses: on the login page, or on the page that confirms a logout.
            for (name, value) in [
                ("username", &*self.name),
                ("password", "any"),
                ("answer", answer),
                ("logout", "yes"),
            ] {
                if page.contains(&format!("name=\"{name}\"")) {
                    fields.retain(|(field, _)| field != name);
                    fields.push((name.to_owned(), value.to_owned()));
                }
            }
            response = self.agent.post(action.as_str()).send_form(fields).unwrap();
            here = action;
        }
        panic!("{address} leads in circles, at last to {here}");
    }
}

fn location<B>(here: &Url, response: &Response<B>) -> Url {
    let location = response.headers().get("location").expect("a redirect says where to");
    here.join(location.to_str().unwrap()).unwrap()
}

/// The first form of a page: its address and its hidden fields.
fn form(here: &Url, page: &str) -> (Url, Vec<(String, String)>) {
    let (_, form) =
        page.split_once("<form").unwrap_or_else(|| panic!("{here} shows no form: {page}"));
    let (form, _) = form.split_once("</form>").unwrap();
    let action = here.join(&attribute(form, "action").unwrap_or_default()).unwrap();
    let hidden = form.split("<input").filter(|input| input.contains("type=\"hidden\""));
    let fields = hidden.map(|input| {
        let input = input.split('>').next().unwrap();
        (attribute(input, "name").unwrap(), attribute(input, "value").unwrap_or_default())
    });
    (action, fields.collect())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

fn owned<'a>((key, value): (impl Into<String> + 'a, impl Into<String> + 'a)) -> (String, String) {
    (key.into(), value.into())
}

const MOST_STEPS: usize = 20;
