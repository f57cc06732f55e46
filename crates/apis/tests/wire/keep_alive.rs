//! Deadlines of a connection: idle ones wait, slow heads do not.

use std::time::Duration;

use attache_http::ServerLimits;

use crate::server::serve;
use attache_testkit::world::World;

const HEAD: Duration = Duration::from_millis(300);
const IDLE: Duration = Duration::from_millis(1_500);
const PING: &str = "GET /healthz HTTP/1.1\r\nHost: a.example\r\n\r\n";

fn limits() -> ServerLimits {
    ServerLimits {
        head_within: HEAD,
        keep_alive_for: IDLE,
        ..ServerLimits::default()
    }
}

#[test]
fn idle_connections_outlast_those_of_common_proxies() {
    let limits = ServerLimits::default();
    assert!(limits.keep_alive_for > Duration::from_secs(75));
    assert!(limits.head_within <= Duration::from_secs(10));
}

#[tokio::test]
async fn an_idle_connection_ends_after_its_own_time_and_not_before() {
    let world = World::new().await;
    let served = serve(&world, limits()).await;
    let mut client = served.connect().await;
    for _ in 0..3 {
        client.send(PING).await;
        assert_eq!(client.answer().await.0, 200);
    }
    let (rest, after) = client.rest().await;
    assert_eq!(rest, "");
    assert!(after >= IDLE - Duration::from_millis(100), "{after:?}");
}

#[tokio::test]
async fn a_slow_head_is_cut_on_a_new_and_on_a_used_connection() {
    let world = World::new().await;
    let served = serve(&world, limits()).await;
    for begin in ["G", "GET /healthz HTTP/1.1\r\nHost: a", "\r\nG"] {
        for used in [false, true] {
            let mut client = served.connect().await;
            if used {
                client.send(PING).await;
                assert_eq!(client.answer().await.0, 200);
            }
            client.send(begin).await;
            let (rest, after) = client.rest().await;
            assert_eq!(rest, "", "{begin:?}");
            assert!(after < IDLE, "{begin:?} {used}: {after:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_opened_ahead_is_idle_until_a_head_begins() {
    let world = World::new().await;
    let served = serve(&world, limits()).await;
    for begin in ["", "\r\n"] {
        for used in [false, true] {
            let mut client = served.connect().await;
            if used {
                client.send(PING).await;
                assert_eq!(client.answer().await.0, 200);
            }
            client.send(begin).await;
            let (rest, after) = client.rest().await;
            assert_eq!(rest, "", "{begin:?}");
            let least = IDLE - Duration::from_millis(100);
            assert!(after >= least, "{begin:?} {used}: {after:?}");
        }
    }
}

#[tokio::test]
async fn a_slow_head_behind_a_whole_request_is_cut_too() {
    let world = World::new().await;
    let served = serve(&world, limits()).await;
    let mut client = served.connect().await;
    client
        .send(format!("{PING}GET /healthz HTTP/1.1\r\n"))
        .await;
    assert_eq!(client.answer().await.0, 200);
    let (_, after) = client.rest().await;
    assert!(after < IDLE, "{after:?}");
}

#[tokio::test]
async fn a_head_that_dribbles_in_is_cut_all_the_same() {
    let world = World::new().await;
    let served = serve(&world, limits()).await;
    let mut client = served.connect().await;
    client.send(PING).await;
    assert_eq!(client.answer().await.0, 200);
    let began = std::time::Instant::now();
    let mut ticks = tokio::time::interval(HEAD / 10);
    // Each byte comes long before the deadline; all of them do not.
    while began.elapsed() < IDLE {
        ticks.tick().await;
        if client.try_send(b"X").await.is_err() {
            break;
        }
    }
    assert!(began.elapsed() < IDLE, "{:?}", began.elapsed());
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let world = World::new().await;
    let served = serve(&world, ServerLimits::default()).await;
    // It is accepted before the other one is.
    let mut fresh = served.connect().await;
    let mut used = served.connect().await;
    used.send(PING).await;
    assert_eq!(used.answer().await.0, 200);
    let took = served.stop().await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(used.rest().await.0, "");
    assert_eq!(fresh.rest().await.0, "");
}

#[tokio::test]
async fn at_the_bound_connections_wait_and_the_server_can_still_stop() {
    let world = World::new().await;
    let few = ServerLimits {
        connections: 2,
        ..ServerLimits::default()
    };
    let served = serve(&world, few).await;
    let mut open = [served.connect().await, served.connect().await];
    for client in &mut open {
        client.send(PING).await;
        assert_eq!(client.answer().await.0, 200);
    }
    // The system takes it; the server does once there is a place for it.
    let mut waiting = served.connect().await;
    waiting.send(PING).await;
    let [first, mut second] = open;
    second.send(PING).await;
    assert_eq!(second.answer().await.0, 200);
    drop(first);
    assert_eq!(waiting.answer().await.0, 200);
    let mut never = served.connect().await;
    never.send(PING).await;
    let took = served.stop().await;
    assert!(took < Duration::from_secs(5), "{took:?}");
}
