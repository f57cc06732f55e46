//! Writers and readers, each with one tenant and all servers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Method;
use tokio_util::sync::CancellationToken;

use crate::client::{Client, Request};
use crate::dice::Dice;
use crate::history::{Attempt, Read, Told, Write};
use crate::installation::Installation;
use crate::question::Question;
use crate::wish::Wish;

/// How long one with an Idempotency-Key asks again.
const STUBBORN_FOR: Duration = Duration::from_secs(90);

/// How often something happened.
pub(crate) type Counts = BTreeMap<&'static str, usize>;

/// One who writes or reads, of one tenant.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) installation: Arc<Installation>,
    pub(crate) client: Client,
    pub(crate) tenant: usize,
    /// The highest revision that anybody was told of this tenant.
    pub(crate) told: Arc<AtomicU64>,
    /// Cancelled when it is to end.
    pub(crate) end: CancellationToken,
}

impl Person {
    async fn ask(&self, server: usize, request: Request<'_>) -> (Attempt, usize) {
        let (url, life) = self.installation.servers[server].now();
        let token = &self.installation.tenants[self.tenant].token;
        let attempt = self.client.ask(&url, token, request).await;
        if let Told::Answered(answer) = &attempt.told {
            self.told.fetch_max(answer.revision, Ordering::SeqCst);
        }
        (attempt, life)
    }

    fn any_server(&self, dice: &mut Dice) -> usize {
        dice.below(self.installation.servers.len() as u64) as usize
    }

    /// Write until the end.
    pub(crate) async fn write(self, mut dice: Dice, called: String) -> Vec<Write> {
        let mut writes = Vec::new();
        while !self.end.is_cancelled() {
            let name = format!("{called}-{}", writes.len());
            let write = self.one_write(&mut dice, name).await;
            // Where nobody listens there is no answer to wait for.
            let is_done = write
                .attempts
                .iter()
                .any(|it| !matches!(it.told, Told::Nothing));
            let pause = if is_done { 5 } else { 20 };
            writes.push(write);
            tokio::time::sleep(dice.millis(0, pause)).await;
        }
        writes
    }

    async fn one_write(&self, dice: &mut Dice, name: String) -> Write {
        let wish = Wish::any(dice);
        let (method, path, body) = wish.request(&name);
        let is_keyed = dice.one_in(2);
        let mut headers = vec![("x-correlation-id", name.clone())];
        if is_keyed {
            headers.push(("idempotency-key", name.clone()));
        }
        let end = self.client.now() + STUBBORN_FOR;
        let mut attempts: Vec<Attempt> = Vec::new();
        loop {
            let request = Request {
                method: method.clone(),
                path: &path,
                body: body.as_ref(),
                headers: &headers,
            };
            let server = self.any_server(dice);
            let (attempt, _) = self.ask(server, request).await;
            let is_told = matches!(attempt.told, Told::Answered(_));
            attempts.push(attempt);
            if is_told || !is_keyed {
                return Write {
                    name,
                    wish,
                    attempts,
                };
            }
            assert!(self.client.now() < end, "never told: {name}: {attempts:?}");
            tokio::time::sleep(dice.millis(0, 20)).await;
        }
    }

    /// Read until the end. Also how many reads were not answered.
    pub(crate) async fn read(self, mut dice: Dice) -> (Vec<Read>, usize) {
        let (mut reads, mut unanswered) = (Vec::new(), 0);
        while !self.end.is_cancelled() {
            let question = Question::any(&mut dice);
            let told = self.told.load(Ordering::SeqCst);
            // What was told, or what may not even be there yet.
            let at_least = dice.one_in(3).then(|| told + dice.below(6) / 4);
            match self
                .one_read(self.any_server(&mut dice), question, at_least)
                .await
            {
                Some(read) => reads.push(read),
                None => unanswered += 1,
            }
            tokio::time::sleep(dice.millis(0, 10)).await;
        }
        (reads, unanswered)
    }

    /// Ask a server. `None` if it does not answer, or says that it cannot.
    pub(crate) async fn one_read(
        &self,
        server: usize,
        question: Question,
        at_least: Option<u64>,
    ) -> Option<Read> {
        let path = question.path();
        let header = at_least.map(|revision| ("attache-at-least", revision.to_string()));
        let headers: Vec<_> = header.into_iter().collect();
        let request = Request {
            method: Method::GET,
            headers: &headers,
            ..Request::get(&path)
        };
        let (attempt, life) = self.ask(server, request).await;
        let Told::Answered(answer) = attempt.told else {
            return None;
        };
        Some(Read {
            question,
            at_least,
            sent: attempt.sent,
            answered: attempt.answered,
            answer,
            server: (server, life),
        })
    }
}

/// What became of writes.
pub(crate) fn count(writes: &[Write], counts: &mut Counts) {
    for attempt in writes.iter().flat_map(|write| &write.attempts) {
        let what = match &attempt.told {
            Told::Nothing => "not done",
            Told::Unknown => "unknown",
            Told::Answered(answer) if answer.status == 410 => "done before and gone",
            Told::Answered(answer) if answer.replayed => "done before",
            Told::Answered(answer) if answer.is_done() => "done",
            Told::Answered(_) => "refused",
        };
        *counts.entry(what).or_default() += 1;
    }
}
