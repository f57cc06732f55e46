//! `attache test`: a team's own expectations, without a server.

use std::path::Path;
use std::process::Command;

const GOOD: &str = "\
at: 2027-03-01
facts:
  resources:
    - {kind: customer, key: mill, name: Mill}
    - {kind: customer, key: quay, name: Quay}
  users:
    - {key: kim, first_name: Kim, last_name: Ode}
    - {key: lou, first_name: Lou}
  groups:
    - {key: night, name: Night shift}
  group_users:
    - {group: night, user: lou}
  memberships:
    - {resource: customer:mill, user: kim, expires_at: 2027-05-31}
    - {resource: customer:mill, user: lou}
  grants:
    - {subject: user:kim, role: owner, resource: customer:mill}
    - {subject: group:night, role: viewer, resource: customer:quay}
can:
  - {user: kim, permission: customers.users.add, resource: customer:mill, expect: true}
  - {user: kim, permission: customers.users.add, resource: customer:mill, at: 2027-07-01, expect: false}
  - {user: kim, permission: customers.view, resource: customer:quay, expect: false}
  - {user: group:night, permission: customers.view, resource: customer:quay, expect: true}
members:
  - {resource: customer:mill, direct: [kim, lou]}
  - {resource: customer:mill, direct: [lou], at: 2027-07-01}
  - {resource: customer:quay, effective: [lou]}
resources:
  - {user: kim, expect: [customer:mill]}
  - {user: lou, expect: ['customer:mill', 'customer:#2']}
who_can:
  - {permission: customers.users.add, resource: customer:mill, users: [kim], services: []}
";

fn run(folder: &Path, text: &str, more: &[&str]) -> (i32, String, String) {
    std::fs::write(folder.join("access.yaml"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_attache"))
        .env_clear()
        .current_dir(folder)
        .args(["test", "access.yaml"])
        .args(more)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn expectations_that_hold_end_with_0() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said, warned) = run(folder.path(), GOOD, &[]);
    assert_eq!(
        (code, said.as_str()),
        (0, "10 expectations: 10 held, 0 failed\n"),
        "{warned}"
    );
    // Nothing is left behind, and no database is made.
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn an_expectation_that_fails_is_shown_with_what_was_tried_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let text = GOOD
        .replace(
            "resource: customer:quay, expect: false",
            "resource: customer:quay, expect: true",
        )
        .replace("direct: [kim, lou]", "direct: [kim, max]");
    let (code, said, _) = run(folder.path(), &text, &[]);
    assert_eq!(code, 1, "{said}");
    for part in [
        "access.yaml:22: fails: kim may customers.view on customer:quay",
        "customer:quay (Quay)\n      ├─ nothing",
        "access.yaml:25: fails: members of customer:mill",
        "expected and not found: max",
        "found and not expected: lou",
        "10 expectations: 8 held, 2 failed",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (code, said, _) = run(folder.path(), &text, &["--output", "json"]);
    assert_eq!(code, 1);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["failed"], 2);
    assert_eq!(said["expectations"][2]["line"], 22);
    assert_eq!(said["expectations"][2]["result"], "fails");
}

#[test]
fn what_makes_no_sense_ends_with_2_and_its_line() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to, part) in [
        (
            "user: group:night, permission",
            "user: group:day, permission",
            "access.yaml:23: error: group:day may",
        ),
        (
            "    - {key: lou,",
            "    - {ky: lou,",
            "access.yaml:8: facts.users: ",
        ),
        (
            "user: lou}\n  grants",
            "user: lu}\n  grants",
            "access.yaml:15: facts.memberships: ",
        ),
        (
            "expect: true}\n  - {user: kim",
            "expct: true}\n  - {user: kim",
            "access.yaml:20: ",
        ),
        (
            "at: 2027-07-01, expect",
            "at: soon, expect",
            "access.yaml:21: at ",
        ),
        ("at: 2027-03-01", "catalogue: none.toml", "none.toml: "),
        (
            "customer:quay, effective",
            "customer:qay, effective",
            "access.yaml:27: error: ",
        ),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let (code, said, error) = run(folder.path(), &GOOD.replacen(from, to, 1), &[]);
        assert_eq!(code, 2, "{to}: {said}{error}");
        assert!(
            format!("{said}{error}").contains(part),
            "{part}: {said}{error}"
        );
    }
}

#[test]
fn a_denial_for_a_slip_of_the_pen_is_warned_of_and_refused_strictly() {
    let folder = tempfile::tempdir().unwrap();
    let from = "permission: customers.view, resource: customer:quay, expect: false";
    let text = GOOD.replace(
        from,
        "permission: customers.vew, resource: customer:quay, expect: false",
    );
    let (code, said, warned) = run(folder.path(), &text, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(warned.contains("access.yaml:22: warning: "), "{warned}");
    assert!(warned.contains("the nearest is customers.view"), "{warned}");
    let (code, said, _) = run(folder.path(), &text, &["--strict"]);
    assert_eq!(code, 2, "{said}");
}

#[test]
fn facts_and_the_catalogue_can_be_files() {
    let folder = tempfile::tempdir().unwrap();
    let facts = folder.path().join("facts");
    std::fs::create_dir(&facts).unwrap();
    std::fs::write(facts.join("users.csv"), "key,first_name\nkim,Kim\n").unwrap();
    std::fs::write(
        facts.join("resources.csv"),
        "kind,key,name\nshop,quay,Quay\n",
    )
    .unwrap();
    let exported = "\
permissions = []
[[kinds]]
name = \"tenant\"
members_may = [\"tenants.view\"]
[[kinds]]
name = \"shop\"
parents = [\"tenant\"]
members_may = [\"shops.view\"]
[[roles]]
id = \"52f22665-a60c-42d2-8918-5d950ee88136\"
name = \"admin\"
kind = \"tenant\"
label = \"Administrator\"
description = \"\"
permissions = [\"*\"]
";
    std::fs::create_dir(folder.path().join("access")).unwrap();
    std::fs::write(folder.path().join("access/catalogue.toml"), exported).unwrap();
    let text = "\
catalogue: access
import: facts
facts:
  memberships: [{resource: shop:quay, user: kim}]
members: [{resource: shop:quay, effective: [kim]}]
";
    let (code, said, error) = run(folder.path(), text, &[]);
    assert_eq!(code, 0, "{said}{error}");
    std::fs::write(
        facts.join("users.csv"),
        "key,first_name,first_nam\nkim,Kim,\n",
    )
    .unwrap();
    let (code, _, error) = run(folder.path(), text, &[]);
    assert_eq!(code, 2);
    assert!(error.contains("facts: users.csv"), "{error}");
}
