//! The description of Worth for the shared tests and the demo.

use attache_http::description::{Description, ErrorShape, Example, Name, Of, Shown, Style, name};

const NAMES: &[Name] = &[name("customerID", Of::Customer, Style::Uuid)];

pub(crate) const DESCRIPTION: Description = Description {
    name: "worth",
    title: "Worth",
    prefix: "/auth/api/v1",
    headers: &[],
    correlation_is_uuid: false,
    has_times: true,
    error: ErrorShape {
        fields: &["errorCode", "message", "status"],
        fields_of: &[],
        empty: &[],
        message: "message",
        status_in: None,
        fixed: &[("status", "fail"), ("errorCode", "ERR_")],
    },
    examples: &[Example {
        path: "/auth/api/v1/customers/{customerID}/users",
        names: NAMES,
        needs: &["customers.users.list"],
        ..Example::READ
    }],
    demo: Shown {
        about: "the active users of a customer, by last name",
        requests: &[Example {
            path: "/auth/api/v1/customers/{customerID}/users?status=ACTIVE&sort=-last_name",
            names: NAMES,
            ..Example::READ
        }],
    },
    nameless: &["query"],
    variants: &[Example {
        path: "/auth/api/v1/customers/{customerID}/users?status=nonsense",
        names: NAMES,
        ..Example::READ
    }],
};
