use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;
use url::Url;

/// One person with their cookies.
pub struct Person {
    agent: Agent,
    /// Every address that an answer led to.
    pub visited: Vec<Url>,
}

/// What a person sees in the end.
pub struct Page {
    pub status: u16,
    pub url: Url,
    pub kind: String,
    pub text: String,
}

impl Page {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|why| panic!("{why}: {}", self.text))
    }
}

impl Person {
    pub fn new() -> Self {
        let settings = Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        Self { agent: settings.into(), visited: Vec::new() }
    }

    /// Opens an address in a window and follows wherever it leads.
    pub fn open(&mut self, address: &str) -> Page {
        let url = Url::parse(address).unwrap();
        let response = self.navigate(&url);
        self.follow(url, response)
    }

    /// Opens an address as a program that wants JSON.
    pub fn fetch(&mut self, address: &str) -> Page {
        let request = self.agent.get(address).header("accept", "application/json");
        let response = request.call().unwrap();
        page(Url::parse(address).unwrap(), response)
    }

    pub fn post(&mut self, address: &str, fields: &[(String, String)]) -> Page {
        let url = Url::parse(address).unwrap();
        let request = self.agent.post(address).header("accept", "text/html");
        let request = request.header("origin", &url.origin().ascii_serialization());
        let response = request.send_form(fields.iter().cloned()).unwrap();
        self.follow(url, response)
    }

    /// Sends the first form of a page as it is.
    pub fn submit(&mut self, page: &Page) -> Page {
        let (action, fields) = form(page);
        self.post(action.as_str(), &fields)
    }

    /// Opens an address that needs a login, and logs in as whoever it is at the development
    /// provider.
    pub fn log_in(&mut self, address: &str, name: &str) -> Page {
        let login = self.open(address);
        assert!(login.text.contains("name=\"user\""), "a login page: {} {}", login.url, login.text);
        let (action, mut fields) = form(&login);
        fields.push(("user".to_owned(), name.to_owned()));
        let mut page = self.post(action.as_str(), &fields);
        // Forms that a browser sends on by itself: response_mode=form_post.
        for _ in 0..2 {
            if page.text.contains("document.forms[0].submit()") {
                let (action, fields) = form(&page);
                page = self.post(action.as_str(), &fields);
            }
        }
        page
    }

    fn navigate(&self, url: &Url) -> Response<ureq::Body> {
        let request = self.agent.get(url.as_str()).header("accept", "text/html");
        request
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .call()
            .unwrap()
    }

    fn follow(&mut self, mut url: Url, mut response: Response<ureq::Body>) -> Page {
        for _ in 0..MOST_STEPS {
            self.visited.push(url.clone());
            if !response.status().is_redirection() {
                return page(url, response);
            }
            let location = response.headers()["location"].to_str().unwrap();
            url = url.join(location).unwrap();
            response = self.navigate(&url);
        }
        panic!("in circles, at last at {url}");
    }
}

fn page(url: Url, mut response: Response<ureq::Body>) -> Page {
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    Page { status, url, kind: kind.unwrap_or_default(), text }
}

/// The first form of a page: its address and its hidden fields.
fn form(page: &Page) -> (Url, Vec<(String, String)>) {
    let (_, form) =
        page.text.split_once("<form").unwrap_or_else(|| panic!("no form: {}", page.text));
    let (form, _) = form.split_once("</form>").unwrap();
    let action = page.url.join(&attribute(form, "action").unwrap()).unwrap();
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
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

const MOST_STEPS: usize = 12;
