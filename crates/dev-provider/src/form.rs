//! Parameters of a query or form: each name once, an empty value as if it were absent.

use url::form_urlencoded;

/// Parsed parameters in their order.
#[derive(Clone, Default)]
pub(crate) struct Params(Vec<(String, String)>);

/// A parameter came twice (RFC 6749 section 3.1 forbids it); holds its name.
#[derive(Debug)]
pub(crate) struct Repeated(pub(crate) String);

impl Params {
    /// Reads `application/x-www-form-urlencoded` bytes. Only `resource` and
    /// `audience` may repeat (RFC 8707 section 2, RFC 8693 section 2.1).
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Repeated> {
        let params = Self::lenient(bytes);
        for (position, (name, _)) in params.0.iter().enumerate() {
            let before = params.0.iter().take(position);
            if !["resource", "audience"].contains(&name.as_str())
                && before.into_iter().any(|(earlier, _)| earlier == name)
            {
                return Err(Repeated(name.clone()));
            }
        }
        Ok(params)
    }

    /// As `parse`, for places that can only show a page: repeated names are kept.
    pub(crate) fn lenient(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The value; `None` when absent or empty (RFC 6749 section 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Every non-empty value under the name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// The value owned, or an empty text.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// The members of a space-separated list.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        words(self.get(name).unwrap_or_default())
    }
}

/// Splits a space-separated list; each member once.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !found.iter().any(|known| known == word) {
            found.push(word.to_owned());
        }
    }
    found
}

/// Writes pairs as `application/x-www-form-urlencoded`.
pub(crate) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
