//! The socket of a connection. It closes in such a way that the client can read the last
//! answer (RFC 9112, 9.6).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::activity::Activity;
use crate::ServerLimits;

/// The most time without bytes from the client while its bytes are discarded.
const QUIET: Duration = Duration::from_secs(10);
/// The most bytes that are discarded at once.
const CHUNK: usize = 16 * 1024;

/// A socket, and the activity of its connection.
pub(super) struct Stream {
    socket: TcpStream,
    activity: Arc<Activity>,
    discard_bytes: usize,
    discard_within: Duration,
    discarding: Option<Discarding>,
}

/// Discards unread bytes. Closing a socket with unread bytes resets the connection, and
/// the client may lose the answer that was sent before.
struct Discarding {
    bytes_left: usize,
    deadline: Pin<Box<Sleep>>,
    quiet: Pin<Box<Sleep>>,
}

impl Stream {
    pub(super) fn new(socket: TcpStream, activity: Arc<Activity>, limits: &ServerLimits) -> Self {
        Self {
            socket,
            activity,
            discard_bytes: limits.discard_bytes,
            discard_within: limits.discard_within,
            discarding: None,
        }
    }

    /// Reads and discards until the client closes, within bounds of bytes and time.
    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(discarding) = &mut self.discarding else {
            return Poll::Ready(());
        };
        if discarding.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let mut chunk = [0; CHUNK];
        loop {
            let mut chunk = ReadBuf::new(&mut chunk);
            match Pin::new(&mut self.socket).poll_read(context, &mut chunk) {
                Poll::Pending => return discarding.quiet.as_mut().poll(context),
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(())) => {}
            }
            let read = chunk.filled().len();
            discarding.bytes_left = discarding.bytes_left.saturating_sub(read);
            if read == 0 || discarding.bytes_left == 0 {
                return Poll::Ready(());
            }
            discarding.quiet.as_mut().reset(Instant::now() + QUIET);
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(context, buffer))?;
        if let Some(new) = buffer.filled().get(before..).filter(|new| !new.is_empty()) {
            self.activity.received(new);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.discarding.is_none() {
            ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
            if !self.activity.is_mid_message() {
                return Poll::Ready(Ok(()));
            }
            self.discarding = Some(Discarding {
                bytes_left: self.discard_bytes,
                deadline: Box::pin(sleep(self.discard_within)),
                quiet: Box::pin(sleep(QUIET)),
            });
        }
        self.poll_discard(context).map(Ok)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, slices)
    }
}
