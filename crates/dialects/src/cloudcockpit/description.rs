//! The description of CloudCockpit for the shared tests and the demo.

use attache_http::description::{Description, ErrorShape, Example, Of, Sent, Shown, Style, name};

pub(crate) const DESCRIPTION: Description = Description {
    name: "cloudcockpit",
    title: "CloudCockpit",
    prefix: "/v1/customer",
    headers: &[("X-Tenant", Sent::Domain)],
    correlation_is_uuid: true,
    has_times: false,
    error: ErrorShape {
        fields: &[
            "correlationId",
            "description",
            "errors",
            "statusCode",
            "type",
        ],
        fields_of: &[],
        empty: &[401, 403],
        message: "description",
        status_in: Some("statusCode"),
        fixed: &[],
    },
    examples: &[USERS],
    demo: Shown {
        about: "the users of a customer, by name; in the context of a reseller",
        requests: &[USERS, IN_CONTEXT],
    },
    nameless: &[],
    variants: &[IN_CONTEXT],
};

const USERS: Example = Example {
    path: "/v1/customer/{customerId}/users",
    names: &[name("customerId", Of::Customer, Style::Uuid)],
    needs: &["customers.users.list"],
    ..Example::READ
};

const IN_CONTEXT: Example = Example {
    path: "/v1/customer/{customerId}/users?resellerId={resellerId}",
    names: &[
        name("customerId", Of::Customer, Style::Uuid),
        name("resellerId", Of::Reseller, Style::Uuid),
    ],
    ..Example::READ
};
