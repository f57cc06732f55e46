//! What the vendors' published documents say, as far as a client can tell.

/// An operation as its vendor documents it.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// Where it stands and what it is called.
    pub(super) parameters: &'static [&'static str],
    /// The status of a good answer.
    pub(super) status: &'static str,
    /// The properties of its body; `[]` is an entry of a list.
    pub(super) answer: &'static [&'static str],
    /// The properties of the request's body.
    pub(super) body: &'static [&'static str],
    pub(super) body_required: bool,
    pub(super) other_statuses: &'static [&'static str],
}

const NOTHING: Operation = Operation {
    method: "get",
    path: "",
    parameters: &[],
    status: "200",
    answer: &[],
    body: &[],
    body_required: false,
    other_statuses: &[],
};

const VOICEBOT_USERS: &[&str] = &[
    "data",
    "data[].id",
    "data[].name",
    "data[].email",
    "data[].roles",
    "data[].permissions",
    "data[].created_at",
    "data[].updated_at",
];

const VOICEBOT: &[Operation] = &[
    Operation {
        path: "/customers/{id}/users",
        parameters: &["path id"],
        answer: VOICEBOT_USERS,
        ..NOTHING
    },
    Operation {
        method: "post",
        path: "/customers/{id}/users",
        parameters: &["path id"],
        answer: VOICEBOT_USERS,
        body: &["user_ids"],
        body_required: true,
        ..NOTHING
    },
];

const WORTH: &[Operation] = &[Operation {
    path: "/customers/{customerID}/users",
    parameters: &["path customerID", "query query"],
    answer: &[
        "status",
        "message",
        "data",
        "data.records",
        "data.records[].id",
        "data.records[].first_name",
        "data.records[].last_name",
        "data.records[].email",
        "data.records[].mobile",
        "data.records[].is_email_verified",
        "data.records[].is_first_login",
        "data.records[].created_at",
        "data.records[].created_by",
        "data.records[].updated_at",
        "data.records[].updated_by",
        "data.records[].ext_auth_ref_id",
        "data.records[].status",
        "data.records[].subrole",
        "data.records[].subrole.id",
        "data.records[].subrole.code",
        "data.records[].subrole.display_name",
        "data.records[].subrole.label",
        "data.records[].subrole.description",
        "data.total_pages",
        "data.total_items",
    ],
    other_statuses: &["400", "401", "403", "500"],
    ..NOTHING
}];

const CLOUDCOCKPIT: &[Operation] = &[Operation {
    path: "/v1/customer/{customerId}/users",
    parameters: &[
        "header X-Correlation-Id",
        "header X-Tenant",
        "path customerId",
        "query resellerId",
    ],
    answer: &[
        "[].id",
        "[].firstName",
        "[].lastName",
        "[].email",
        "[].role",
        "[].groups",
    ],
    other_statuses: &["400", "401", "403", "404", "500"],
    ..NOTHING
}];

const CHATCAPTAIN: &[Operation] = &[
    Operation {
        path: "/v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users",
        parameters: &["path chatbotId", "path workspaceId"],
        answer: &[
            "users",
            "users[].id",
            "users[].name",
            "users[].email",
            "users[].added",
            "users[].roles",
            "error",
        ],
        other_statuses: &["403"],
        ..NOTHING
    },
    Operation {
        method: "post",
        path: "/v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users",
        parameters: &["path chatbotId", "path workspaceId"],
        status: "201",
        answer: &["added", "error"],
        body: &["userId"],
        body_required: true,
        other_statuses: &["403"],
    },
    Operation {
        method: "delete",
        path: "/v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users/{userId}",
        parameters: &["path chatbotId", "path userId", "path workspaceId"],
        answer: &["removed", "error"],
        other_statuses: &["403"],
        ..NOTHING
    },
    Operation {
        method: "post",
        path: "/v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users/{userId}/roles",
        parameters: &["path chatbotId", "path userId", "path workspaceId"],
        status: "201",
        answer: &[
            "permissions",
            "permissions[].name",
            "permissions[].resource",
            "error",
        ],
        body: &["role", "params"],
        body_required: true,
        other_statuses: &["403"],
    },
    Operation {
        method: "delete",
        path: "/v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users/{userId}/roles/{role}",
        parameters: &[
            "path chatbotId",
            "path role",
            "path userId",
            "path workspaceId",
        ],
        answer: &["success", "error"],
        body: &["params"],
        other_statuses: &["403"],
        ..NOTHING
    },
];

/// By dialect.
pub(super) const PUBLISHED: [(&str, &[Operation]); 4] = [
    ("voicebot", VOICEBOT),
    ("worth", WORTH),
    ("cloudcockpit", CLOUDCOCKPIT),
    ("chatcaptain", CHATCAPTAIN),
];
