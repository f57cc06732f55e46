//! A server with limits of its own over a world, and bytes for it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use attache_apis::router;
use attache_http::{App, Server, ServerLimits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use attache_testkit::world::World;

/// A server that can be stopped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    end: JoinHandle<()>,
}

pub(crate) async fn serve(world: &World, limits: ServerLimits) -> Served {
    serve_app(world.app.clone(), limits).await
}

pub(crate) async fn serve_app(app: App, limits: ServerLimits) -> Served {
    let anywhere = "127.0.0.1:0".parse().unwrap();
    let server = Server::bind(anywhere, limits).await.unwrap();
    let address = server.address();
    let (stop, stopped) = oneshot::channel();
    let end = tokio::spawn(server.serve(router(app), async {
        let _ = stopped.await;
    }));
    Served { address, stop, end }
}

impl Served {
    /// Stop it, and how long that takes.
    pub(crate) async fn stop(self) -> Duration {
        let began = Instant::now();
        self.stop.send(()).unwrap();
        self.end.await.unwrap();
        began.elapsed()
    }

    pub(crate) async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }
}

/// A connection.
pub(crate) struct Client(TcpStream);

impl Client {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// Send bytes, which the server must take.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Send bytes, if the server takes them.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes).await
    }

    /// Say that nothing more comes.
    pub(crate) async fn end(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// One answer, as a status, the head in lower case, and the body.
    pub(crate) async fn answer(&mut self) -> (u16, String, String) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).await.unwrap();
        (status, head, String::from_utf8(body).unwrap())
    }

    /// Everything until the server closes, and how long that takes.
    pub(crate) async fn rest(&mut self) -> (String, Duration) {
        let began = Instant::now();
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).await.unwrap();
        (String::from_utf8_lossy(&rest).into_owned(), began.elapsed())
    }
}
