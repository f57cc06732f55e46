//! What one server wrote, another sees: because it is told, or because it looks.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::json;

use crate::client::{Client, Request};
use crate::history::Told;
use crate::installation::Installation;
use attache_own_postgres::Postgres;

const PATIENCE: Duration = Duration::from_secs(60);
/// How often one writes and the other is asked.
const WRITES: usize = 5;

async fn one_sees_what_the_other_wrote(settings: &str) {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let urls = vec![postgres.fresh_database(); 2];
    let installation = Installation::start(&urls, settings).await;
    let client = Client::new(Instant::now(), PATIENCE);
    for write in 0..WRITES {
        // Both have it open: nothing is read because it is opened.
        for server in 0..2 {
            let read = installation.get(&client, server, 0).await;
            assert!(matches!(read, Told::Answered(_)), "{read:?}");
        }
        let request = Request {
            method: Method::POST,
            body: Some(&json!({"name": format!("Group {write}")})),
            ..Request::get("/groups")
        };
        let (url, _) = installation.servers[write % 2].now();
        let token = &installation.tenants[0].token;
        let Told::Answered(written) = client.ask(&url, token, request).await.told else {
            panic!("nothing is wrong, and it is not written");
        };
        assert_eq!(written.status, 201, "{written:?}");
        let end = Instant::now() + PATIENCE;
        loop {
            let read = installation.get(&client, (write + 1) % 2, 0).await;
            if let Told::Answered(read) = read
                && read.revision >= written.revision
            {
                assert_eq!(read.body["total"], write + 1);
                break;
            }
            assert!(Instant::now() < end, "the other does not see it");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_told_looks() {
    let settings = "[tenants]\npoll_every = \"200ms\"\n[postgres]\nlisten = false\n";
    one_sees_what_the_other_wrote(settings).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_told_need_not_look() {
    let settings = "[tenants]\npoll_every = \"1s\"\n[postgres]\nlisten = true\n";
    one_sees_what_the_other_wrote(settings).await;
}
