//! attache's own router in a process of its own, with the limit beside it.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use attache::config::{LogFormat, Logging};
use attache_ambient::Ambient;
use attache_apis::router_with;
use attache_http::{App, Limits, Server, ServerLimits};
use attache_tenants::{Settings, Tenants};
use clap::Args;

use crate::processor::Times;
use crate::{Failure, limit, world};

/// Serve what stands in a folder. Only this program calls this.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    folder: PathBuf,
}

impl Serve {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let logging = Logging {
            level: "info".to_owned(),
            format: LogFormat::Json,
        };
        attache::logging::begin(&logging)?;
        let log = world::open(&self.folder).await?;
        let settings = Settings {
            open_within: Duration::MAX,
            ..Settings::default()
        };
        let tenants = Tenants::new(Arc::new(log), Ambient::of_the_machine(), settings);
        tenants.refresh().await?;
        let began = Instant::now();
        for row in &tenants.directory().all() {
            tenants.open(row.id).await?;
        }
        let opened = began.elapsed().as_secs_f64();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Server::bind(address, ServerLimits::default()).await?;
        let limits = Limits {
            answer_within: Duration::from_secs(120),
            ..Limits::default()
        };
        let app = App::new(tenants, limits);
        let mut out = std::io::stdout();
        writeln!(out, "{} {opened}", server.address())?;
        out.flush()?;
        server
            .serve(router_with(app, limit::routes()), std::future::pending())
            .await;
        Ok(())
    }
}

/// A server that runs, and ends with this.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    /// How long it took to open its tenants.
    pub(crate) opened_in: Duration,
    child: Child,
}

impl Served {
    /// Start one over a folder. Its log lines go into the folder.
    pub(crate) fn start(folder: &Path) -> Result<Self, Failure> {
        Self::run(&["serve".as_ref(), folder.as_ref()], &folder.join("log"))
    }

    /// Run this program so that it serves: it says where, and how long it took
    /// to open what it serves. Its log lines go into a file.
    pub(crate) fn run(arguments: &[&OsStr], log: &Path) -> Result<Self, Failure> {
        let log = std::fs::File::create(log)?;
        let mut child = Command::new(std::env::current_exe()?)
            .env_clear()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("a server has no output")?;
        BufReader::new(out).read_line(&mut line)?;
        let (address, opened) = line
            .trim()
            .split_once(' ')
            .ok_or_else(|| format!("the server does not start: {line}"))?;
        Ok(Self {
            address: address.parse()?,
            opened_in: Duration::from_secs_f64(opened.parse()?),
            child,
        })
    }

    /// Processor time that it has used so far, in seconds.
    pub(crate) fn processor_seconds(&self) -> Result<f64, Failure> {
        Ok(Times::of(self.child.id())?.own)
    }

    /// The memory that it holds, in bytes.
    pub(crate) fn resident_bytes(&self) -> Result<u64, Failure> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        let kibibytes: u64 = number.ok_or("/proc has another form")?.parse()?;
        Ok(kibibytes * 1024)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // What it holds was saved before: it need not end well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
