//! How each dialect's own error body looks.

use super::operations::Dialect;
use attache_testkit::world::Answer;

/// Prove that an error is in the dialect's own words, and not in a framework's.
pub(super) fn speaks(dialect: Dialect, answer: &Answer) {
    let what = format!("{dialect:?}: {} {}", answer.status, answer.body);
    assert!(answer.status >= 400, "{what}");
    if dialect == Dialect::CloudCockpit && [401, 403].contains(&answer.status) {
        assert_eq!(answer.body, "", "{what}");
        return;
    }
    assert_eq!(
        answer.header("content-type"),
        Some("application/json"),
        "{what}"
    );
    let body = answer.json();
    let mut fields: Vec<&str> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    fields.sort_unstable();
    let expected: &[&str] = match dialect {
        Dialect::Voicebot if answer.status == 422 => &["errors", "message"],
        Dialect::Voicebot => &["message"],
        Dialect::Worth => &["errorCode", "message", "status"],
        Dialect::CloudCockpit => &[
            "correlationId",
            "description",
            "errors",
            "statusCode",
            "type",
        ],
        Dialect::ChatCaptain => &["error", "message", "statusCode"],
    };
    assert_eq!(fields, expected, "{what}");
    match dialect {
        Dialect::Voicebot => {}
        Dialect::Worth => {
            assert_eq!(body["status"], "fail", "{what}");
            let code = body["errorCode"].as_str().unwrap();
            assert!(code.starts_with("ERR_"), "{what}");
        }
        Dialect::CloudCockpit | Dialect::ChatCaptain => {
            assert_eq!(body["statusCode"], answer.status, "{what}");
        }
    }
    let text = if dialect == Dialect::CloudCockpit {
        "description"
    } else {
        "message"
    };
    assert!(!body[text].as_str().unwrap().is_empty(), "{what}");
}
