//! Connections: accepted, limited, and let go of without cutting anybody off.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Semaphore;

use super::connection::{self, Addresses, Peer};

/// What connections may take. Each of these stands in the configuration.
#[derive(Clone, Debug)]
pub struct ServerLimits {
    /// How many connections may be open.
    pub connections: usize,
    /// How many of them one address may have, this machine left out; 0: any number.
    pub connections_per_address: usize,
    /// How many connections may wait to be accepted. The system may allow fewer.
    pub waiting_connections: u32,
    /// How long a client may take to send the head of a request, from its first
    /// byte; for the first request of a connection, from its beginning.
    pub head_within: Duration,
    /// How long a connection may be idle between two requests.
    pub keep_alive_for: Duration,
    /// How much is read and discarded of a body that was refused.
    pub discard_bytes: usize,
    /// How long it is read and discarded.
    pub discard_within: Duration,
    /// How long to wait, when shutting down, for answers that are under way.
    pub finish_within: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_address: 0,
            waiting_connections: 4_096,
            head_within: Duration::from_secs(10),
            keep_alive_for: Duration::from_secs(90),
            discard_bytes: 64 * 1024 * 1024,
            discard_within: Duration::from_secs(30),
            finish_within: Duration::from_secs(20),
        }
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    limits: ServerLimits,
}

impl Server {
    /// Listen at an address.
    ///
    /// # Errors
    /// If that cannot be had.
    pub async fn bind(address: SocketAddr, limits: ServerLimits) -> std::io::Result<Self> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // What the one before has not quite let go of can be taken over. Elsewhere it
        // would mean that two servers share an address.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(limits.waiting_connections)?;
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            limits,
        })
    }

    /// Where it listens; the port is the real one, also if 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serve until `stop` resolves; then accept nothing more, and answer what
    /// was asked.
    pub async fn serve(self, router: Router, stop: impl Future<Output = ()>) {
        let open = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let addresses = Addresses::new(self.limits.connections_per_address);
        let mut stop = std::pin::pin!(stop);
        loop {
            // Nobody is accepted who could not be served.
            let place = tokio::select! {
                () = &mut stop => break,
                place = places.clone().acquire_owned() => place,
            };
            let (stream, from) = tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
            };
            let peer = Peer(from.ip());
            let Some(from) = addresses.open(from.ip()) else {
                tracing::debug!("a connection was closed: its address has as many as it may");
                continue;
            };
            // Without it 8,805 and 7,781 of these lists a second, and 12,518 and
            // 14,612 unchanged ones in place of 16,616 and 14,459: noise. It is for
            // answers that are sent in pieces, which would wait for the client.
            let _ = stream.set_nodelay(true);
            let connection = connection::serve(stream, peer, router.clone(), &self.limits);
            let connection = open.watch(connection);
            tokio::spawn(async move {
                // Clients break connections off; that is no news.
                let _ = connection.await;
                drop((place, from));
            });
        }
        drop(self.listener);
        if tokio::time::timeout(self.limits.finish_within, open.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("some answers were still under way when the time was up");
        }
    }
}
