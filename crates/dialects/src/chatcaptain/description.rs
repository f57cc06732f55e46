//! The description of ChatCaptain for the shared tests and the demo.

use attache_http::description::{
    Description, ErrorShape, Example, Name, Of, Shown, Style, Target, name,
};

const WORKSPACE: Name = name("workspaceId", Of::Workspace, Style::Reference);
const CHATBOT: Name = name("chatbotId", Of::Chatbot, Style::Reference);
const FIRST: Name = name("userId", Of::Member(0), Style::Reference);
const STRANGER: Name = name("userId", Of::Stranger(0), Style::Reference);
const SECOND: Name = name("userId", Of::Member(1), Style::Reference);

const USERS: &str = "/v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users";
const USER: &str = "/v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users/{userId}";
const ROLES: &str = "/v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users/{userId}/roles";
const ROLE: &str = "/v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users/{userId}/roles/{role}";

/// A read. The caller must see the workspace to find the chatbot in it.
const READ: Example = Example {
    sees: &["workspaces.view"],
    ..Example::READ
};

const REVOKE: Example = Example {
    method: "DELETE",
    path: ROLE,
    names: &[
        WORKSPACE,
        CHATBOT,
        FIRST,
        name("role", Of::Role("ChatbotEditor"), Style::Reference),
    ],
    body: r#"{"params": {}}"#,
    needs: &["chatbots.users.roles.revoke"],
    target: Target::Thing,
    without_body: 200,
    ..READ
};

const LIST: Example = Example {
    path: USERS,
    names: &[WORKSPACE, CHATBOT],
    needs: &["chatbots.users.list"],
    ..READ
};

const ADD: Example = Example {
    method: "POST",
    path: USERS,
    names: &[WORKSPACE, CHATBOT, STRANGER],
    body: r#"{"userId": "{userId}"}"#,
    status: 201,
    needs: &["chatbots.users.add"],
    again: 201,
    ..READ
};

/// The requests that the demo prints.
const DEMO: &[Example] = &[
    LIST,
    ADD,
    Example {
        method: "POST",
        path: ROLES,
        names: &[WORKSPACE, CHATBOT, STRANGER],
        body: r#"{"role": "InboxUser", "params": {"inboxId": "7"}}"#,
        status: 201,
        ..READ
    },
    Example {
        names: &[
            WORKSPACE,
            CHATBOT,
            STRANGER,
            name("role", Of::Role("InboxUser"), Style::Reference),
        ],
        body: r#"{"params": {"inboxId": "7"}}"#,
        ..REVOKE
    },
];

pub(crate) const DESCRIPTION: Description = Description {
    name: "chatcaptain",
    title: "ChatCaptain",
    prefix: "/v1/workspaces",
    headers: &[],
    correlation_is_uuid: false,
    has_times: true,
    error: ErrorShape {
        fields: &["error", "message", "statusCode"],
        fields_of: &[],
        empty: &[],
        message: "message",
        status_in: Some("statusCode"),
        fixed: &[],
    },
    examples: &[
        LIST,
        ADD,
        Example {
            method: "POST",
            path: ROLES,
            names: &[WORKSPACE, CHATBOT, SECOND],
            body: r#"{"role": "ChatbotMember", "params": {}}"#,
            status: 201,
            // The caller must also hold what the role gives.
            needs: &[
                "chatbots.users.roles.grant",
                "chatbots.get",
                "chatbots.users.list",
            ],
            target: Target::Nothing,
            again: 201,
            ..READ
        },
        REVOKE,
        Example {
            method: "DELETE",
            path: USER,
            names: &[WORKSPACE, CHATBOT, FIRST],
            needs: &["chatbots.users.remove"],
            target: Target::Thing,
            without_body: 200,
            ..READ
        },
    ],
    demo: Shown {
        about: "the users of a chatbot; add one, grant a role, take it back",
        requests: DEMO,
    },
    nameless: &["params"],
    variants: &[Example {
        names: &[
            WORKSPACE,
            CHATBOT,
            FIRST,
            name("role", Of::Role("ChatbotMember"), Style::Reference),
        ],
        ..REVOKE
    }],
};
