//! The kinds of callers.

use attache_core::catalogue::{Kind, Pattern};
use attache_core::model::TokenHash;
use attache_core::{Command, Ref, Timestamp};
use serde_json::json;

use crate::rows::Row;
use attache_testkit::scene::Scene;
use attache_testkit::world::acme::{ADA, CLEO, DORA, HUGO, NAMELESS};
use attache_testkit::world::wishes::{ROOT, grant, role, user_of};
use attache_testkit::world::{Answer, Ask, acme};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    NoCredential,
    BadToken,
    OtherTenant,
    InactiveUser,
    ExpiredToken,
    /// A member of all that is asked about, who holds nothing but that.
    WithoutPermission,
    /// Somebody who holds exactly what the row says that it takes, on the root.
    WithPermission,
    Admin,
    Operator,
}

pub(crate) const ALL: [Caller; 9] = [
    Caller::NoCredential,
    Caller::BadToken,
    Caller::OtherTenant,
    Caller::InactiveUser,
    Caller::ExpiredToken,
    Caller::WithoutPermission,
    Caller::WithPermission,
    Caller::Admin,
    Caller::Operator,
];

impl Caller {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoCredential => "no credential",
            Self::BadToken => "bad token",
            Self::OtherTenant => "other tenant's token",
            Self::InactiveUser => "inactive user",
            Self::ExpiredToken => "expired token",
            Self::WithoutPermission => "member without it",
            Self::WithPermission => "member with it",
            Self::Admin => "admin",
            Self::Operator => "operator",
        }
    }

    /// Whether this caller can change what the others find.
    pub(crate) fn may_change(self) -> bool {
        matches!(self, Self::WithPermission | Self::Admin | Self::Operator)
    }

    /// What this caller is answered.
    pub(crate) async fn ask(self, scene: &Scene, row: &Row) -> Answer {
        let ask = row.ask(&scene.world).await;
        self.with_credential(scene, ask).send().await
    }

    /// What this caller is answered that sends something else.
    pub(crate) async fn sends(self, scene: &Scene, row: &Row, body: &str) -> Answer {
        let ask = row.ask_with(&scene.world, body).await;
        self.with_credential(scene, ask).send().await
    }

    pub(crate) fn with_credential<'a>(self, scene: &'a Scene, ask: Ask<'a>) -> Ask<'a> {
        let bearer =
            |ask: Ask<'a>, token: &str| ask.header("Authorization", &format!("Bearer {token}"));
        match self {
            Self::NoCredential => ask,
            Self::BadToken => bearer(ask, "attache_2222222222222222"),
            Self::OtherTenant => ask.by("globex"),
            Self::InactiveUser => bearer(ask, &scene.token(CLEO)),
            Self::ExpiredToken => {
                let mut claims = scene.claims(ADA);
                claims["exp"] = json!(scene.now() - 3_600);
                bearer(ask, &scene.key.token(&claims))
            }
            Self::WithoutPermission => bearer(ask, &scene.token(NAMELESS)),
            Self::WithPermission => bearer(ask, &scene.token(HUGO)),
            Self::Admin => bearer(ask, &scene.token(ADA)),
            Self::Operator => {
                bearer(ask, scene.world.operator_token()).header("Attache-Tenant", "acme")
            }
        }
    }
}

/// Where a row is asked about.
pub(crate) async fn scene(row: &Row) -> Scene {
    let scene = Scene::new().await;
    scene.world.operate(&given(row)).await;
    scene
}

/// The same, where larger bodies are read.
pub(crate) async fn scene_with_bodies_of(row: &Row, body_bytes: usize) -> Scene {
    let scene = Scene::with_bodies_of(body_bytes).await;
    scene.world.operate(&given(row)).await;
    scene
}

/// A role that gives exactly what a row takes, and somebody who holds it.
fn given(row: &Row) -> Vec<Command> {
    // A kind that nothing is of, and a role that nobody holds.
    let unused = Kind {
        name: "shed".into(),
        parents: vec!["customer".into()],
        members_may: Vec::new(),
        members_from_parent: false,
    };
    let mut commands = vec![
        Command::SetKind {
            kind: Box::new(unused),
        },
        Command::SetRole {
            role: Box::new(role(901, "unused", "customer", &[])),
        },
    ];
    if row.is_about_an_invitation() {
        commands.push(Command::InviteUser {
            user: Ref::Number(DORA),
            hash: TokenHash([7; 32]),
            expires_at: Timestamp::from_millis(i64::from(u32::MAX) * 1_000),
        });
    }
    if row.takes.is_empty() {
        return commands;
    }
    let permissions: Vec<String> = row.takes.iter().map(|text| (*text).to_owned()).collect();
    assert!(permissions.iter().all(|text| Pattern::new(text).is_ok()));
    let role = role(900, "exactly", "tenant", &permissions);
    let role = Command::SetRole {
        role: Box::new(role),
    };
    commands.extend([role, grant(ROOT, user_of(HUGO), "exactly")]);
    // Worth answers users only who are attached to the customer.
    commands.push(Command::AddMember {
        resource: attache_core::Locator::of("customer", Ref::Number(acme::MILL.1)),
        user: Ref::Number(HUGO),
        expires_at: None,
    });
    commands
}
