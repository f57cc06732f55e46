//! An identity provider on loopback whose answers a test controls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::mint::Key;

/// How an issuer answers.
#[derive(Clone, Debug)]
pub enum Mood {
    /// Every answer is correct.
    Well,
    /// Every request gets this status.
    Failing(u16),
    /// No request gets an answer.
    Hanging,
    /// Answers come after this time.
    Slow(Duration),
    /// Answers have this many superfluous bytes.
    Babbling(usize),
    /// The key set is a text that is not one.
    Confused,
    /// Each document begins with a byte order mark.
    Marked,
}

#[derive(Debug)]
struct Told {
    keys: Vec<Value>,
    mood: Mood,
    cache_control: Option<&'static str>,
    /// A replacement for the discovery document.
    discovery: Option<Value>,
}

/// An identity provider.
pub struct Issuer {
    url: String,
    told: Arc<Mutex<Told>>,
    asked: Arc<watch::Sender<usize>>,
}

impl Issuer {
    /// Starts an issuer with these keys.
    pub async fn with(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Told {
            keys: keys.iter().map(|key| key.jwk()).collect(),
            mood: Mood::Well,
            cache_control: None,
            discovery: None,
        }));
        let asked = Arc::new(watch::Sender::new(0));
        let state = (url.clone(), told.clone(), asked.clone());
        let routes = Router::new().fallback(answer).with_state(state);
        tokio::spawn(axum::serve(listener, routes).into_future());
        Self { url, told, asked }
    }

    /// Returns the issuer's identifier, a URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the address of a path. `/hop/3` redirects to the keys three times.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Replaces the published keys.
    pub fn publish(&self, keys: &[&Key]) {
        self.publish_jwks(keys.iter().map(|key| key.jwk()).collect());
    }

    /// Replaces the published keys by these JWKs.
    pub fn publish_jwks(&self, keys: Vec<Value>) {
        self.told.lock().unwrap().keys = keys;
    }

    /// Sets how the issuer answers from now on.
    pub fn be(&self, mood: Mood) {
        self.told.lock().unwrap().mood = mood;
    }

    /// Sets the `Cache-Control` of the keys.
    pub fn cache(&self, control: &'static str) {
        self.told.lock().unwrap().cache_control = Some(control);
    }

    /// Replaces the discovery document.
    pub fn discover(&self, document: Value) {
        self.told.lock().unwrap().discovery = Some(document);
    }

    /// Returns how often the keys were fetched.
    pub fn asked(&self) -> usize {
        *self.asked.borrow()
    }

    /// Waits until the keys were fetched this often.
    pub async fn was_asked(&self, times: usize) {
        let mut asked = self.asked.subscribe();
        asked.wait_for(|asked| *asked >= times).await.unwrap();
    }
}

type Shared = (String, Arc<Mutex<Told>>, Arc<watch::Sender<usize>>);

async fn answer(State((url, told, asked)): State<Shared>, uri: Uri) -> Response {
    let path = uri.path();
    if path == "/.well-known/openid-configuration" {
        let document = told.lock().unwrap().discovery.clone();
        let honest = json!({"issuer": url, "jwks_uri": format!("{url}/keys")});
        let document = document.unwrap_or(honest);
        return match told.lock().unwrap().mood {
            Mood::Marked => format!("\u{feff}{document}").into_response(),
            _ => Json(document).into_response(),
        };
    }
    if let Some(hops) = path.strip_prefix("/hop/") {
        let next = match hops.parse::<u32>().unwrap() {
            1 => "/keys".to_owned(),
            hops => format!("/hop/{}", hops - 1),
        };
        return (StatusCode::FOUND, [(LOCATION, next)]).into_response();
    }
    if let Some(port) = path.strip_prefix("/to/") {
        let next = format!("http://127.0.0.1:{port}/keys");
        return (StatusCode::FOUND, [(LOCATION, next)]).into_response();
    }
    asked.send_modify(|asked| *asked += 1);
    let (mood, mut set, control) = {
        let told = told.lock().unwrap();
        let set = json!({"keys": told.keys});
        (told.mood.clone(), set, told.cache_control)
    };
    match mood {
        Mood::Well => {}
        Mood::Failing(status) => return StatusCode::from_u16(status).unwrap().into_response(),
        Mood::Hanging => std::future::pending().await,
        Mood::Slow(after) => tokio::time::sleep(after).await,
        Mood::Babbling(bytes) => set["padding"] = json!("x".repeat(bytes)),
        Mood::Marked => return format!("\u{feff}{set}").into_response(),
        Mood::Confused => return "<html>Under construction</html>".into_response(),
    }
    let mut response = Json(set).into_response();
    if let Some(control) = control {
        let control = control.parse().unwrap();
        response.headers_mut().insert(CACHE_CONTROL, control);
    }
    response
}
