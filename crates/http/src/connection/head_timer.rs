//! The deadline of a request's head: a long one for idle connections, a short one for
//! heads that have begun.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::time;

use super::activity::Activity;
use crate::ServerLimits;

/// The timer of one connection. hyper uses it for heads only: hyper starts a timer after
/// it has sent an answer, and polls it after every read.
#[derive(Debug)]
pub(super) struct HeadTimer {
    activity: Arc<Activity>,
    head_within: Duration,
}

impl HeadTimer {
    pub(super) fn new(activity: Arc<Activity>, limits: &ServerLimits) -> Self {
        Self {
            activity,
            head_within: limits.head_within,
        }
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.activity.awaits_head();
        Box::pin(HeadSleep {
            activity: self.activity.clone(),
            head_within: self.head_within,
            has_begun: false,
            sleep: Box::pin(time::sleep_until(deadline.into())),
        })
    }

    fn now(&self) -> Instant {
        time::Instant::now().into()
    }
}

/// Ends when a client was idle for too long, or took too long to send a head.
struct HeadSleep {
    activity: Arc<Activity>,
    head_within: Duration,
    /// Whether the deadline is that of a head that has begun.
    has_begun: bool,
    sleep: Pin<Box<time::Sleep>>,
}

impl Future for HeadSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if !self.has_begun && self.activity.has_begun() {
            let deadline = time::Instant::now() + self.head_within;
            self.has_begun = true;
            self.sleep.as_mut().reset(deadline);
        }
        self.sleep.as_mut().poll(context)
    }
}

impl Sleep for HeadSleep {}
