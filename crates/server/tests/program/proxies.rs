//! The nginx configurations of the page about proxies, run in front of a server. Skipped where
//! nginx is not installed.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command_line::begun;
use crate::process::Program;

/// How long nginx may take to listen.
const SOON: Duration = Duration::from_secs(30);

/// nginx with a configuration, ended with the test.
struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The nginx blocks of the page, in their order.
fn blocks() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/proxies.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks = page.split("```nginx\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap().to_owned());
    blocks.collect()
}

/// A port that is free now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Start nginx in a folder with what stands in `http`; `None` where there is no nginx.
fn nginx(folder: &Path, port: u16, http: &str) -> Option<Nginx> {
    let root = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {root}/{name};\n"))
        .concat();
    let text = format!(
        "daemon off; master_process off; pid {root}/nginx.pid; error_log {root}/error.log;\n\
         events {{}}\nhttp {{ access_log off;\n{temporary}{http}\n}}\n"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder).arg("-c").arg(&file);
    let child = command.stderr(Stdio::null()).spawn().ok()?;
    let mut nginx = Nginx(child);
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = || std::fs::read_to_string(folder.join("error.log")).unwrap_or_default();
        let ended = nginx.0.try_wait().unwrap();
        assert!(ended.is_none(), "nginx ended: {}", log());
        assert!(began.elapsed() < SOON, "nginx does not listen: {}", log());
        std::thread::yield_now();
    }
    Some(nginx)
}

/// What a page of the proxy answers.
async fn status(port: u16, path: &str) -> u16 {
    let answer = reqwest::get(format!("http://127.0.0.1:{port}{path}")).await;
    answer.unwrap().status().as_u16()
}

/// Asks the pages that must stay inside, and pages that must not, below a path.
async fn keeps_inside(port: u16, path: &str) {
    for inside in ["/metrics", "/healthz", "/readyz", "/readyz/reads"] {
        assert_eq!(
            status(port, &format!("{path}{inside}")).await,
            404,
            "{path}{inside}"
        );
    }
    for (served, answer) in [("/docs/", 200), ("/api/v1/me", 401), ("/metrics/x", 404)] {
        assert_eq!(
            status(port, &format!("{path}{served}")).await,
            answer,
            "{path}{served}"
        );
    }
}

#[tokio::test]
async fn nginx_as_on_the_page_serves_everything_but_what_is_for_operators() {
    let folder = begun();
    let server = Program::start(folder.path(), "");
    let port = free_port();
    let block = blocks()[0]
        .replace(
            "127.0.0.1:8080",
            server.url.strip_prefix("http://").unwrap(),
        )
        .replace("443 ssl", &format!("127.0.0.1:{port}"));
    let without_tls = block
        .lines()
        .filter(|line| !line.contains("ssl_certificate"));
    let without_tls: String = without_tls.map(|line| format!("{line}\n")).collect();
    let Some(_nginx) = nginx(folder.path(), port, &without_tls) else {
        return;
    };
    keeps_inside(port, "").await;
}

#[tokio::test]
async fn nginx_under_a_path_as_on_the_page_keeps_inside_what_is_for_operators() {
    let folder = begun();
    let port = free_port();
    let url = format!("public_url = \"http://127.0.0.1:{port}/access\"\n");
    let server = Program::start_with(folder.path(), "", &url);
    let address = server.url.strip_prefix("http://").unwrap();
    let block = blocks()[1].replace("127.0.0.1:8080", address);
    let http = format!("server {{ listen 127.0.0.1:{port}; server_name localhost;\n{block}}}");
    let Some(_nginx) = nginx(folder.path(), port, &http) else {
        return;
    };
    keeps_inside(port, "/access").await;
    let name = format!("http://127.0.0.1:{port}/access");
    let metadata = "/.well-known/authzen-configuration";
    for path in [format!("{metadata}/access"), format!("/access{metadata}")] {
        let answer = reqwest::get(format!("http://127.0.0.1:{port}{path}")).await;
        let answer: serde_json::Value = answer.unwrap().json().await.unwrap();
        assert_eq!(answer["policy_decision_point"], name, "{path}");
    }
}
