//! Pages that end at a number of bytes, if not before at their number of items.

use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde::Serialize;

use super::Problem;
use super::written::{ROOM, Unwritten, append};

/// Writes a page as JSON. `list` makes a page of at most the given number of items. While
/// the page has more than `most` bytes, half as many items are tried, down to one.
pub(super) fn within<T: Serialize>(
    most: usize,
    size: usize,
    list: impl Fn(usize) -> Result<T, Problem>,
) -> Result<Response, Problem> {
    let mut size = size;
    loop {
        // An empty page would be taken for the last one.
        let room = if size > 1 { most } else { usize::MAX };
        let bytes = Vec::with_capacity(ROOM.min(room));
        match append(bytes, room, &list(size)?) {
            Ok(bytes) => {
                let json = HeaderValue::from_static("application/json");
                return Ok(([(CONTENT_TYPE, json)], bytes).into_response());
            }
            Err(Unwritten::TooLong) => size = (size / 2).max(1),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn page(most: usize, size: usize, item: &str) -> Vec<String> {
        let list = |size| Ok(vec![item.to_owned(); size]);
        let answer = within(most, size, list).unwrap();
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
        serde_json::from_slice(&bytes.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn page_ends_where_its_bytes_are_used_up() {
        // Each item takes 8 bytes with its quotes and comma.
        assert_eq!(page(8_000, 100, "12345").await.len(), 100);
        assert_eq!(page(400, 100, "12345").await.len(), 25);
    }

    #[tokio::test]
    async fn page_holds_one_item_however_large() {
        assert_eq!(page(10, 100, &"x".repeat(1_000)).await.len(), 1);
    }
}
