//! Connections: accepted, limited, and let go of without cutting anybody off.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Semaphore;

use super::ServerLimits;
use super::connection::{self, Addresses, Peer};

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
