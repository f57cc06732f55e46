//! Waiting a little for those who write again as soon as they are answered.
//!
//! While one commit is on its way to the disk, others come for the next one.
//! Those whom a commit answers would always just miss that: two halves of all
//! who write would take turns, each waiting for the other's commit. Where a
//! commit takes long, as long a wait, 5 ms at the most, brings them together.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// Where a commit takes so long, those whom it answered are waited for. With
/// 6 ms a sync, 32 clients that add members write 1.2 to 1.4 times as much; a
/// quarter of that wait brings nothing.
const SLOW: Duration = Duration::from_millis(4);

/// The longest wait.
const LONGEST: Duration = Duration::from_millis(5);

/// For how many commits nobody is waited for, after few have come.
const PAUSE: u32 = 16;

/// Group commit: how long to wait for the writers of the last commit, which write again as
/// soon as they are answered. See the module for why.
#[derive(Debug, Default)]
pub struct GroupCommit {
    /// How many write, as far as it is known.
    writing: usize,
    /// How long to wait.
    wait: Duration,
    /// For how many commits nobody is waited for.
    pause: u32,
}

impl GroupCommit {
    /// Notes a commit: how many writers it answered, how long it took, and how many writers
    /// came meanwhile.
    pub fn answered(&mut self, some: usize, took: Duration, came: usize) {
        self.writing = match some {
            // Who is alone waits for nobody.
            0 | 1 => 0,
            some => some + came,
        };
        self.wait = match took >= SLOW {
            true => took.min(LONGEST),
            false => Duration::ZERO,
        };
    }

    /// Moves items from the channel to `there` until the writers that are expected have
    /// come, for at most 5 ms. Returns at once if commits are fast, if the writer is alone,
    /// or if few came the last time.
    pub async fn wait_for_more<T>(&mut self, there: &mut Vec<T>, coming: &mut mpsc::Receiver<T>) {
        let before = there.len();
        let lack = self.writing.saturating_sub(before);
        if lack == 0 || self.wait.is_zero() {
            return;
        }
        if self.pause > 0 {
            self.pause -= 1;
            return;
        }
        let end = Instant::now() + self.wait;
        while there.len() < self.writing {
            let most = self.writing - there.len();
            match timeout_at(end, coming.recv_many(there, most)).await {
                Ok(some) if some > 0 => {}
                _ => break,
            }
        }
        if there.len() - before < lack / 2 {
            self.pause = PAUSE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: Duration = Duration::from_millis(8);

    #[tokio::test(start_paused = true)]
    async fn those_who_were_answered_are_waited_for() {
        let (sender, mut coming) = mpsc::channel(8);
        let mut group_commit = GroupCommit::default();
        group_commit.answered(3, COMMIT, 1);
        let mut there = vec![0];
        let come = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            for one in 1..=3 {
                sender.send(one).await.unwrap();
            }
        };
        let began = Instant::now();
        tokio::join!(group_commit.wait_for_more(&mut there, &mut coming), come);
        assert_eq!(there, [0, 1, 2, 3]);
        // All are there: nothing more is waited for.
        assert!(began.elapsed() < LONGEST);
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_come_is_not_waited_for_again_at_once() {
        let (_sender, mut coming) = mpsc::channel::<u8>(8);
        let mut group_commit = GroupCommit::default();
        let mut waited = Vec::new();
        for _ in 0..3 {
            group_commit.answered(4, COMMIT, 0);
            let began = Instant::now();
            group_commit.wait_for_more(&mut vec![0], &mut coming).await;
            waited.push(began.elapsed());
        }
        assert!(waited[0] >= LONGEST);
        assert_eq!(waited[1..], [Duration::ZERO; 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_who_is_alone_or_where_a_commit_is_short() {
        let (_sender, mut coming) = mpsc::channel::<u8>(8);
        let mut group_commit = GroupCommit::default();
        let began = Instant::now();
        for (some, took) in [(1, COMMIT), (8, SLOW / 2)] {
            group_commit.answered(some, took, 0);
            group_commit.wait_for_more(&mut vec![0], &mut coming).await;
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
