//! The description of Voicebot Studio for the shared tests and the demo.

use attache_http::description::{Description, ErrorShape, Example, Of, Shown, Style, Target, name};

const USERS: &str = "/third-party/v1/customers/{id}/users";

pub(crate) const DESCRIPTION: Description = Description {
    name: "voicebot",
    title: "Voicebot Studio",
    prefix: "/third-party/v1",
    headers: &[],
    correlation_is_uuid: false,
    has_times: true,
    error: ErrorShape {
        fields: &["message"],
        fields_of: &[(422, &["errors", "message"])],
        empty: &[],
        message: "message",
        status_in: None,
        fixed: &[],
    },
    examples: EXAMPLES,
    demo: Shown {
        about: "the users of a customer; then exactly two of them",
        requests: EXAMPLES,
    },
    nameless: &[],
    variants: &[],
};

const EXAMPLES: &[Example] = &[
    Example {
        path: USERS,
        names: &[name("id", Of::Customer, Style::Number)],
        needs: &["customers.users.list"],
        ..Example::READ
    },
    Example {
        method: "POST",
        path: USERS,
        names: &[
            name("id", Of::Customer, Style::Number),
            name("kept", Of::Member(0), Style::Number),
            name("added", Of::Stranger(0), Style::Number),
        ],
        body: r#"{"user_ids": [{kept}, {added}]}"#,
        needs: &["customers.users.add", "customers.users.remove"],
        target: Target::List,
        without_body: 422,
        ..Example::READ
    },
];
