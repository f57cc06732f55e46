//! CloudCockpit, as the shared tests know it.

use attache_http::description::{Description, ErrorShape, Example, Of, Sent, Style, name};

pub(crate) const DESCRIPTION: Description = Description {
    name: "cloudcockpit",
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
    examples: &[Example {
        path: "/v1/customer/{customerId}/users",
        names: &[name("customerId", Of::Customer, Style::Uuid)],
        needs: &["customers.users.list"],
        ..Example::READ
    }],
    nameless: &[],
    variants: &[Example {
        path: "/v1/customer/{customerId}/users?resellerId={resellerId}",
        names: &[
            name("customerId", Of::Customer, Style::Uuid),
            name("resellerId", Of::Reseller, Style::Uuid),
        ],
        ..Example::READ
    }],
};
