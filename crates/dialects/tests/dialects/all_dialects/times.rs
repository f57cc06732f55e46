//! Times are RFC 3339 in UTC, `Z`, milliseconds.

use attache_core::Timestamp;
use serde_json::Value;

use attache_testkit::examples::all;
use attache_testkit::world::{World, acme, person, wishes};

/// Every text in a body that begins like a year.
fn times(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if text.starts_with("20") => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(times).collect(),
        Value::Object(fields) => fields.values().flat_map(times).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn every_time_is_in_utc_with_z_and_milliseconds() {
    let world = World::new().await;
    world.pass_millis(7);
    world
        .operate(&[
            person(90).add(),
            wishes::attach(acme::MILL, 90),
            wishes::attach(acme::HARBOR, 90),
            wishes::attach(acme::CONCIERGE, 90),
        ])
        .await;
    for operation in all().iter().filter(|operation| !operation.writes()) {
        let times = times(&operation.send(&world).await.json());
        if !operation.dialect.has_times {
            assert!(times.is_empty(), "{operation:?}: {times:?}");
            continue;
        }
        assert!(times.len() >= 4, "{operation:?}: {times:?}");
        assert!(
            times.contains(&"2026-03-03T09:30:05.007Z".to_owned()),
            "{times:?}"
        );
        for time in times {
            assert_eq!(time.len(), "2026-03-03T09:30:05.007Z".len(), "{time}");
            assert!(time.ends_with('Z'), "{time}");
            let read: Timestamp = time.parse().unwrap();
            assert_eq!(read.to_string(), time);
        }
    }
}
