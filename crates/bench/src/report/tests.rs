use super::*;

/// Two parts, of which one missed a goal.
const SMALL: &str = r#"{
  "growth": {
    "at": "2026-03-03T09:30:00.000Z",
    "about": "One connection.",
    "machine": {"processor": "A Processor", "cores": 2, "memory_bytes": 25769803776, "kernel": "6.1.0", "file_system": "ext4"},
    "versions": {"SQLite": "3.50.0", "attache": "0.1.0"},
    "rounds": 1, "seconds": null, "small": true,
    "comparisons": [
      {"work": "a list & more", "limit": "the same at 1 thousand", "goal": {"figure": "p50 ÷ p50", "bound": {"at_most": 1.3}},
       "reached": [2.6], "ours": [{"p50 ms": 0.26}], "limits": [{"p50 ms": 0.1}]},
      {"work": "shown", "limit": "nothing", "goal": {"figure": "GiB", "bound": "none"},
       "reached": [1.25], "ours": [{"bytes": 1234567}], "limits": []}
    ]
  },
  "reads": {
    "at": "2026-03-03T09:00:00.000Z",
    "about": "32 connections.",
    "machine": {"processor": "A Processor", "cores": 2, "memory_bytes": 25769803776, "kernel": "6.1.0", "file_system": "ext4"},
    "versions": {"SQLite": "3.50.0", "attache": "0.1.0"},
    "rounds": 3, "seconds": 5, "small": false,
    "comparisons": [
      {"work": "list", "limit": "constant bytes", "goal": {"figure": "requests/s ÷ limit's", "bound": {"at_least": 0.6}},
       "reached": [0.7, 0.75, 0.8],
       "ours": [{"requests/s": 700, "p99 ms": 1.5}, {"requests/s": 750, "p99 ms": 1.25}, {"requests/s": 800, "p99 ms": 1.0}],
       "limits": [{"requests/s": 1000}, {"requests/s": 1000}, {"requests/s": 1000}]}
    ]
  }
}"#;

fn small() -> Report {
    serde_json::from_str(SMALL).unwrap()
}

#[test]
fn the_text_names_what_was_missed_before_all_the_rest() {
    let text = markdown::of(&small()).unwrap();
    let (beginning, rest) = text.split_once("## The machine\n").unwrap();
    assert!(beginning.starts_with("# Benchmarks\n"));
    let expected = "
- A Processor, 2 cores; 24.0 GiB of memory; Linux 6.1.0; ext4

## Missed

- a list & more: 2.60, to reach: ≤ 1.3 p50 ÷ p50

![What was reached, of what was to be reached](benchmarks.svg)

## All work

| work | beside it | to reach | reached |  |
|---|---|---|---|---|
| list | constant bytes | ≥ 0.6 requests/s ÷ limit's | 0.750 (0.700–0.800) | yes |
| a list & more | the same at 1 thousand | ≤ 1.3 p50 ÷ p50 | 2.60 | **no** |
| shown | nothing | (GiB) | 1.25 | – |

## reads

32 connections.

Measured at 2026-03-03T09:00:00.000Z, 3 rounds of 5 s each, with SQLite 3.50.0, attache 0.1.0.

| work | requests/s | beside | p99 ms |
|---|---|---|---|
| list | 750 (700–800) | 1,000 | 1.25 (1.00–1.50) |

## growth

**A try with little data, which says nothing.**

One connection.

Measured at 2026-03-03T09:30:00.000Z, 1 round, with SQLite 3.50.0, attache 0.1.0.

| work | p50 ms | beside |
|---|---|---|
| a list & more | 0.260 | 0.100 |

| work | bytes |
|---|---|
| shown | 1,234,567 |

## More

- [benchmarks.json](benchmarks.json): every figure of every round
- [performance.md](performance.md): what was tried, and what was found
";
    assert_eq!(rest, expected);
}

#[test]
fn every_goal_has_a_bar_and_missed_ones_look_so() {
    let picture = picture::of(&small()).unwrap();
    let (_, drawn) = picture.split_once("1.0</text>\n").unwrap();
    let expected = r#"<line class="line" x1="614" y1="98" x2="614" y2="204"/>
<text class="part" x="24" y="110">reads</text>
<g><title>list</title><text x="24" y="131">list</text><rect class="good" x="450" y="120" width="205" height="14" rx="2"/>
<text class="value" x="663" y="131">1.25</text></g>
<text class="part" x="24" y="170">growth</text>
<g><title>a list &amp; more</title><text x="24" y="191">a list &amp; more</text><rect class="missed" x="450" y="180" width="82" height="14" rx="2"/>
<text class="value" x="540" y="191">0.500</text></g>
</svg>
"#;
    assert_eq!(drawn, expected);
}

#[test]
fn a_part_that_is_kept_replaces_only_itself() {
    let docs = tempfile::tempdir().unwrap();
    small().write(docs.path()).unwrap();
    let measured = Measured {
        part: "growth",
        about: "Again.".to_owned(),
        rounds: 1,
        seconds: None,
        small: false,
        postgres: Some("15.4".to_owned()),
        comparisons: Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let kept = measured.keep(Some(docs.path()));
    runtime.unwrap().block_on(kept).unwrap();
    let report = Report::read(docs.path()).unwrap();
    assert_eq!(report.0["growth"].about, "Again.");
    assert_eq!(report.0["growth"].versions["PostgreSQL"], "15.4");
    assert_eq!(report.0["reads"].comparisons.len(), 1);
}

#[test]
fn what_is_no_number_is_no_figure_and_reaches_nothing() {
    let mut comparison = Comparison::new(
        "work",
        "limit",
        crate::comparison::Goal::at_most(1.0, "ratio"),
    );
    let figures = Figures::from([("requests/s".to_owned(), f64::NAN)]);
    comparison.round(f64::NAN, figures, None);
    let comparison = finite(comparison);
    assert!(comparison.ours[0].is_empty());
    assert!(!comparison.is_reached());
}
