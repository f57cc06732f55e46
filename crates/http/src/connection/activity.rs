//! The activity of a connection, on which its deadlines depend.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The activity of a connection. All parts of a connection run in one task, so the flags
/// need no memory order.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Arriving bytes belong to the head of a request.
    in_head: AtomicBool,
    /// Arriving bytes belong to the body of a request.
    in_body: AtomicBool,
    /// Bytes of the next head have arrived.
    has_begun: AtomicBool,
    /// The last bytes end with an empty line, as a head does.
    ends_a_head: AtomicBool,
    /// The body of the last request was not read to its end.
    is_unread: AtomicBool,
}

impl Activity {
    /// Records that a head is awaited.
    pub(super) fn awaits_head(&self) {
        self.in_head.store(true, Relaxed);
    }

    /// Records arriving bytes.
    pub(super) fn received(&self, bytes: &[u8]) {
        if self.in_head.load(Relaxed) {
            let ends = bytes.ends_with(b"\n\r\n") || bytes.ends_with(b"\n\n");
            self.ends_a_head.store(ends, Relaxed);
        }
        // An empty line before a head is ignored (RFC 9112, 2.2).
        let is_empty = || bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
        if !self.in_body.load(Relaxed) && !is_empty() {
            self.has_begun.store(true, Relaxed);
        }
    }

    /// Records that a head was read. Bytes after it belong to its body, or, without a
    /// body, to the next head.
    pub(super) fn read_head(&self, has_body: bool) {
        self.in_head.store(false, Relaxed);
        self.in_body.store(has_body, Relaxed);
        let pipelined = !has_body && !self.ends_a_head.load(Relaxed);
        self.has_begun.store(pipelined, Relaxed);
    }

    /// Records that a body was read to its end.
    pub(super) fn read_body(&self) {
        self.in_body.store(false, Relaxed);
    }

    /// Records that a body will not be read to its end, so the connection ends with its
    /// answer.
    pub(super) fn leaves_body(&self) {
        self.is_unread.store(true, Relaxed);
    }

    /// Returns whether a part of the next head has arrived.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun.load(Relaxed)
    }

    /// Returns whether the client may still be sending bytes that nobody reads: the rest
    /// of a body, or of a head that could not be parsed.
    pub(super) fn is_mid_message(&self) -> bool {
        self.is_unread.load(Relaxed) || (self.in_head.load(Relaxed) && self.has_begun())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    fn after(bytes: &[u8], has_body: bool) -> Activity {
        let activity = Activity::default();
        activity.awaits_head();
        activity.received(bytes);
        assert!(activity.has_begun());
        activity.read_head(has_body);
        activity
    }

    #[test]
    fn a_connection_is_idle_after_a_head_without_a_body() {
        assert!(!after(HEAD, false).has_begun());
    }

    #[test]
    fn a_pipelined_part_of_a_head_counts_as_begun() {
        assert!(after(&[HEAD, b"GET"].concat(), false).has_begun());
        let activity = after(HEAD, false);
        activity.received(b"GET");
        assert!(activity.has_begun());
    }

    #[test]
    fn an_empty_line_begins_no_head() {
        let activity = after(HEAD, false);
        activity.received(b"\r\n");
        assert!(!activity.has_begun());
        activity.received(b"\r\nG");
        assert!(activity.has_begun());
    }

    #[test]
    fn bytes_of_a_body_begin_no_head() {
        let activity = after(&[HEAD, b"{"].concat(), true);
        activity.received(b"}");
        assert!(!activity.has_begun());
        activity.read_body();
        activity.received(b"GET");
        assert!(activity.has_begun());
    }
}
