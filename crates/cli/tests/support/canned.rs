use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A server that answers every request by a function of its path and its headers, and ends with
/// the test's process.
pub struct Canned {
    pub address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Canned {
    /// `answer` gets the server's address, the path and all headers, and gives a status, a media
    /// type and a body.
    pub fn new(
        answer: impl Fn(&str, &str, &str) -> (u16, &'static str, String) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (base, paths) = (address.clone(), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let mut head = String::new();
                while stream.read_line(&mut head).is_ok_and(|read| read > 2) {}
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let (status, kind, body) = answer(&base, &path, &head);
                paths.lock().unwrap().push(path);
                let length = body.len();
                // Whoever asked may be gone.
                let _ = write!(
                    stream.get_mut(),
                    "HTTP/1.1 {status} Canned\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
            }
        });
        Self { address, asked }
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A provider with nothing but metadata and an empty key set, without registration.
pub fn bare_provider(change: impl Fn(&mut serde_json::Value) + Send + 'static) -> Canned {
    Canned::new(move |base, path, _| {
        let mut metadata = serde_json::json!({
            "issuer": base,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "jwks_uri": format!("{base}/jwks"),
        });
        change(&mut metadata);
        match path {
            "/.well-known/openid-configuration" => (200, "application/json", metadata.to_string()),
            "/jwks" => (200, "application/json", r#"{"keys":[]}"#.to_owned()),
            _ => (404, "text/plain", String::new()),
        }
    })
}
