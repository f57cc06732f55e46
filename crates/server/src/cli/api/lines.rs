//! Parses a streamed list: one item per line, and a problem as the last line if the list
//! broke off.

use serde_json::Value;

fn lines(body: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    body.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
}

/// Returns all items. `total` is the number that must be there.
pub(super) fn items(body: &[u8], total: Option<usize>) -> Result<Vec<Value>, &'static str> {
    let items = lines(body).map(serde_json::from_slice);
    let items: Vec<Value> = items
        .collect::<Result<_, _>>()
        .map_err(|_| "the list has a line that is no JSON")?;
    match total.is_none_or(|total| total == items.len()) {
        true => Ok(items),
        false => Err("the list broke off: ask again"),
    }
}

/// Returns the problem in the last line of a list that broke off.
pub(super) fn last_words(body: &[u8]) -> Option<Value> {
    let last: Value = serde_json::from_slice(lines(body).next_back()?).ok()?;
    let fields = last.as_object()?;
    (fields.len() == 1).then(|| fields.get("error").cloned())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_has_as_many_items_as_it_says_or_is_none() {
        let body = b"{\"id\":1}\n{\"id\":2}\n";
        let both = vec![json!({"id": 1}), json!({"id": 2})];
        assert_eq!(items(body, Some(2)), Ok(both.clone()));
        assert_eq!(items(body, None), Ok(both));
        assert_eq!(items(b"", Some(0)), Ok(Vec::new()));
        assert!(items(body, Some(3)).unwrap_err().contains("broke off"));
        assert!(items(b"{\"id\":1}\n{\"id", None).is_err());
    }

    #[test]
    fn the_last_line_of_a_list_that_broke_off_is_its_problem() {
        let body = b"{\"id\":1}\n{\"error\":{\"status\":401,\"detail\":\"d\"}}\n";
        assert_eq!(
            last_words(body),
            Some(json!({"status": 401, "detail": "d"}))
        );
        for other in [
            &b""[..],
            b"{\"id\":1}\n",
            b"{\"error\":1,\"id\":2}",
            b"{\"err",
        ] {
            assert_eq!(last_words(other), None);
        }
    }
}
