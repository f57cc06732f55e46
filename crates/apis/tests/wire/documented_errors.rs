//! Every document names the errors that all APIs have.

use attache_http::errors::{SHARED, When};
use serde_json::{Value, json};

/// Whether an operation answers with an error.
fn is_given(when: When, method: &str, operation: &Value) -> bool {
    let needs_credential = operation["security"] != json!([{}]);
    match when {
        When::Always => true,
        When::Credential => needs_credential,
        When::Body => operation["requestBody"].is_object(),
        When::Reads => method == "get" && needs_credential,
        // A question by POST has no precondition.
        When::Writes => ["put", "delete", "patch"].contains(&method),
    }
}

#[test]
fn every_operation_documents_the_errors_that_all_apis_have() {
    let mut count = 0;
    for api in attache_apis::all() {
        let name = api.name();
        let document = api.document();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                for error in &SHARED {
                    if !is_given(error.when, method, operation) {
                        continue;
                    }
                    let status = error.status.to_string();
                    let documented = &operation["responses"][&status];
                    let description = documented["description"].as_str();
                    assert!(
                        description.is_some_and(|text| !text.is_empty()),
                        "{name}: {method} {path}: {status}"
                    );
                    count += 1;
                }
            }
        }
    }
    assert!(count > 500, "only {count} were looked at");
}
