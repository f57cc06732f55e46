//! One connection to attache that is kept alive, and what goes over it.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;

use hyper::Request;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::Failure;

/// The header by which the operator says for which tenant it works.
const TENANT: &str = "attache-tenant";

/// The header by which somebody asks about the past.
const AT: &str = "attache-at";

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// A token of the operator or of a service.
    pub(crate) token: String,
    /// For which tenant the operator works.
    pub(crate) tenant: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Result<Value, Failure> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.body.len()
    }

    /// What it says, if it is what was hoped for.
    pub(crate) fn expect(&self, status: u16) -> Result<Value, Failure> {
        if self.status != status {
            let text = String::from_utf8_lossy(&self.body);
            return Err(format!("{status} was expected, {} came: {text}", self.status).into());
        }
        self.json()
    }
}

/// A connection, made when it is needed.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    open: Option<SendRequest<String>>,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            open: None,
        }
    }

    pub(crate) async fn get(&mut self, caller: &Caller, path: &str) -> Result<Answer, Failure> {
        self.ask("GET", caller, path, String::new()).await
    }

    pub(crate) async fn post(
        &mut self,
        caller: &Caller,
        path: &str,
        body: String,
    ) -> Result<Answer, Failure> {
        self.ask("POST", caller, path, body).await
    }

    /// Asks about a moment of the past.
    pub(crate) async fn post_at(
        &mut self,
        caller: &Caller,
        path: &str,
        body: String,
        moment: &str,
    ) -> Result<Answer, Failure> {
        self.ask_at("POST", caller, path, body, Some(moment)).await
    }

    /// `body` is empty for none.
    pub(crate) async fn ask(
        &mut self,
        method: &str,
        caller: &Caller,
        path: &str,
        body: String,
    ) -> Result<Answer, Failure> {
        self.ask_at(method, caller, path, body, None).await
    }

    async fn ask_at(
        &mut self,
        method: &str,
        caller: &Caller,
        path: &str,
        body: String,
        moment: Option<&str>,
    ) -> Result<Answer, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.address.to_string())
            .header(AUTHORIZATION, format!("Bearer {}", caller.token));
        if let Some(tenant) = &caller.tenant {
            request = request.header(TENANT, tenant);
        }
        if let Some(moment) = moment {
            request = request.header(AT, moment);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let mut open = match self.open.take() {
            Some(open) if !open.is_closed() => open,
            _ => connect(self.address).await?,
        };
        open.ready().await?;
        let response = open.send_request(request.body(body)?).await?;
        let status = response.status().as_u16();
        let body = whole(response.into_body()).await?;
        // After a failure the next one begins anew.
        self.open = Some(open);
        Ok(Answer { status, body })
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<String>, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (open, driver) = handshake(TokioIo::new(stream)).await?;
    // It ends with the connection; who asks hears of what went wrong.
    tokio::spawn(async move { drop(driver.await) });
    Ok(open)
}

async fn whole(body: Incoming) -> Result<Vec<u8>, hyper::Error> {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}
