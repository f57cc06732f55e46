//! A JSON reader that refuses objects with repeated keys. Two readers of such an object
//! may take different values (RFC 8259, 4), so attache trusts none.

mod check;
mod value;

pub use check::check;
pub use value::{parse, parse_within};

/// Returns a text without a leading byte order mark, which some programs write. RFC 8259
/// (8.1) lets a parser ignore the mark in a document. A token never has one.
#[must_use]
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use serde_json::Value;

    /// Parses a text, and checks that [`super::check`] agrees.
    fn parse(text: &str) -> Result<Value, String> {
        let parsed = super::parse(text.as_bytes()).map_err(|error| error.to_string());
        let checked = super::check(text.as_bytes()).map_err(|error| error.to_string());
        assert_eq!(checked, parsed.clone().map(|_| ()), "{text}");
        parsed
    }

    #[test]
    fn json_is_read_as_it_is() {
        let text = r#"{"a":[1,-2,1.5,null,true,"x",{"b":{}}],"c":18446744073709551615}"#;
        let value = json!({"a": [1, -2, 1.5, null, true, "x", {"b": {}}], "c": u64::MAX});
        assert_eq!(parse(text), Ok(value));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"[{"b":{"a":1,"a":2}}]"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"a":1,"b":1,"a":1}"#,
            r#"{"0":1,"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"a":1,"9":1,"a":1}"#,
        ] {
            assert!(
                parse(text).unwrap_err().contains("\"a\" is repeated"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_nests_too_deep_is_refused() {
        assert!(parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn no_more_values_are_made_than_there_may_be() {
        let within = |text: &str, most| super::parse_within(text.as_bytes(), most).is_ok();
        // The list, two objects, and what stands in each.
        let text = r#"[{"":0},{"":0}]"#;
        assert!(within(text, 5));
        assert!(!within(text, 4));
        let error = super::parse_within(text.as_bytes(), 4).unwrap_err();
        assert!(
            error.to_string().starts_with("it has more than 4 values"),
            "{error}"
        );
    }

    #[test]
    fn many_keys_are_told_apart() {
        let keys = |keys: Vec<u32>| {
            let pairs: Vec<String> = keys.iter().map(|key| format!("\"{key}\":0")).collect();
            format!("{{{}}}", pairs.join(","))
        };
        assert!(parse(&keys((0..1_000).collect())).is_ok());
        assert!(parse(&keys((0..1_000).chain([0]).collect())).is_err());
    }
}
