//! Makes docs/problems.md from the types of problems, so that the page cannot differ from
//! them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use attache_core::catalogue::Pattern;
use attache_core::cause::Cause;
use attache_core::{Refusal, Timestamp};
use attache_http::{Fault, Problem};

use super::problem_pages::{ALL, PREFIX, of};

/// The beginning of the page.
const BEGINNING: &str = "\
# Problem types

An error of attache's own API is a problem (RFC 9457), with the content type `application/problem+json`:

```json
{
  \"type\": \"/problems/forbidden\",
  \"title\": \"Permission missing\",
  \"status\": 403,
  \"detail\": \"This needs the permission customers.users.list.\",
  \"permission\": \"customers.users.list\",
  \"correlation_id\": \"0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34\"
}
```

| member | meaning |
|---|---|
| `type` | one of the types below. It never changes: decide by it. The server shows a page at this address |
| `title` | the type for people |
| `status` | the HTTP status, which is that of the answer |
| `detail` | what went wrong in this request, for people. Its words can change |
| `correlation_id` | finds the request in the server's log |
| `errors` | the fields that are wrong: `field`, such as `users[3]` or `operations[3].user`, and `reason`, the end of a sentence about it |
| `permission` | the permission that the caller lacks |
| `in_use_by` | what is in the way of a removal: grants and resources that the caller sees, at most 100 |
| `operation` | the number of the refused operation of a bulk, from 0 |

The last four are left out where they do not apply. New versions can add types and members: treat an unknown type by
its `status`. Where `public_url` has a path, `type` begins with it.

The published APIs and AuthZEN answer in the words of their own documents, with the same statuses except where
such a document says otherwise.
";

/// The end of the page.
const END: &str = "
This page is made from the types: `ATTACHE_WRITE_DOCS=1 cargo test -p attache-api --lib problem_reference` writes it
anew.
";

/// Returns a problem of each type.
fn samples() -> Vec<Problem> {
    let permission = Pattern::new("customers.view").unwrap();
    let refusals = [
        Refusal::NotFound {
            what: "customer".into(),
        },
        Refusal::Forbidden {
            permission: permission.clone(),
        },
        Refusal::Exceeds {
            permission: permission.clone(),
        },
        Refusal::Outlasts {
            field: None,
            permission,
            until: Timestamp::from_millis(0),
        },
        Refusal::Unknown {
            field: "user",
            what: "user",
        },
        Refusal::Taken { field: "key" },
        Refusal::NotAMember {
            kind: "customer".into(),
        },
        Refusal::NotInParent {
            kind: "chatbot".into(),
            parent: "workspace".into(),
            positions: vec![0],
        },
        Refusal::LastAdmin,
        Refusal::MassDetach {
            detached: 6,
            of: 10,
        },
        Refusal::InUse {
            what: "role".into(),
            by: "grants".into(),
            uses: Vec::new(),
        },
    ];
    let others = [
        Problem::Unauthenticated,
        Problem::Invalid(vec![Fault::new("page_size", "must be a number")]),
        Problem::AsOf(Fault::in_query("at", "is in the future")),
        Problem::PastNotReady,
        Problem::Encoded,
        Problem::OtherTenant,
        Problem::OperatorOnly,
        Problem::NoSuchPath,
        Problem::MethodNotAllowed,
        Problem::BodyTooLarge(1),
        Problem::BodyTimedOut,
        Problem::Changed,
        Problem::Running,
        Problem::ImportRunning,
        Problem::Differs,
        Problem::Gone(1),
        Problem::Stale(1),
        Problem::unavailable(""),
        Problem::Unknown(Cause::text("")),
        Problem::TimedOut,
        Problem::Internal,
    ];
    let refused = refusals.into_iter().map(Problem::Refused);
    refused.chain(others).collect()
}

/// Returns the status of each type, by name.
fn statuses() -> BTreeMap<&'static str, u16> {
    let status = |problem: &Problem| (of(problem).name, problem.status().as_u16());
    samples().iter().map(status).collect()
}

fn page() -> String {
    let statuses = statuses();
    let status = |name: &str| {
        let status = statuses.get(name);
        *status.unwrap_or_else(|| panic!("{name} needs a problem in `samples`"))
    };
    let mut text = BEGINNING.to_owned();
    text.push_str("\n| type | status | title |\n|---|---|---|\n");
    for page in ALL {
        let (name, title) = (page.name, page.title);
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| [`{PREFIX}/{name}`](#{name}) | {} | {title} |",
            status(name)
        );
    }
    for page in ALL {
        let (name, title) = (page.name, page.title);
        let status = status(name);
        let _ = write!(text, "\n## {name}\n\n**{status} {title}.** {}\n", page.text);
    }
    text + END
}

#[test]
fn the_page_of_problem_types_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/problems.md");
    let page = page();
    if std::env::var_os("ATTACHE_WRITE_DOCS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let stands = std::fs::read_to_string(&file).unwrap_or_default();
    let different = page.lines().zip(stands.lines()).find(|(is, was)| is != was);
    assert!(
        page == stands,
        "docs/problems.md is not what the types say, at {different:?}: \
         ATTACHE_WRITE_DOCS=1 cargo test -p attache-api --lib problem_reference writes it anew"
    );
}
