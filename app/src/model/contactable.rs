//! Somebody who is in a directory.

/// A person, as a directory tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contactable {
    /// The name.
    pub name: String,
    /// E-mail address, place, a remark and network addresses: what the directory has of these.
    pub facts: Vec<String>,
    /// Taking part in a call now, where the directory tells.
    pub is_in_call: bool,
    /// The directory, by its first URL.
    pub directory: String,
}

impl Contactable {
    /// All that is known besides the name, in a line.
    pub fn about(&self) -> String {
        let call = self.is_in_call.then_some("in a call");
        let facts = self.facts.iter().map(String::as_str);
        let all: Vec<&str> = call.into_iter().chain(facts).collect();
        all.join(" · ")
    }

    /// Whether all of the words in `query` (lower case) occur in what is known.
    pub fn matches(&self, query: &str) -> bool {
        let text = format!("{}\n{}", self.name, self.facts.join("\n")).to_lowercase();
        query.split_whitespace().all(|word| text.contains(word))
    }
}
