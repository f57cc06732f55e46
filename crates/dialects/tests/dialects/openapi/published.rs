//! What a vendor's published document says, as far as a client can tell: the file
//! `published.json` in the folder of each dialect's tests.

use attache_http::description::Description;
use serde_json::Value;

/// An operation as its vendor documents it.
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    /// Where it stands and what it is called.
    pub(super) parameters: Vec<String>,
    /// The status of a good answer.
    pub(super) status: String,
    /// The properties of its body; `[]` is an entry of a list.
    pub(super) answer: Vec<String>,
    /// The properties of the request's body.
    pub(super) body: Vec<String>,
    pub(super) body_required: bool,
    pub(super) other_statuses: Vec<String>,
}

/// What the vendor publishes.
pub(super) fn published(dialect: &Description) -> Vec<Operation> {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dialects");
    let file = format!("{tests}/{}/published.json", dialect.name);
    let text = std::fs::read_to_string(&file);
    let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
    let operations: Vec<Value> = serde_json::from_str(&text).unwrap();
    operations.iter().map(read).collect()
}

fn read(operation: &Value) -> Operation {
    let text = |name: &str| operation[name].as_str().unwrap().to_owned();
    let texts = |name: &str| {
        let all = operation[name].as_array().unwrap().iter();
        all.map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    Operation {
        method: text("method"),
        path: text("path"),
        parameters: texts("parameters"),
        status: text("status"),
        answer: texts("answer"),
        body: texts("body"),
        body_required: operation["body_required"].as_bool().unwrap(),
        other_statuses: texts("other_statuses"),
    }
}
