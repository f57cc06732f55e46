//! acme, and an issuer that it trusts.

use attache_core::Actor;
use attache_core::Command;
use attache_core::id::{IssuerId, TenantId};
use attache_core::model::{FindsBy, KeySource, Trust};
use attache_jwt as jwt;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::issuer::Issuer;
use crate::mint::Key;
use crate::world::{Answer, World, acme, ids};

/// The audience of tokens.
pub const AUDIENCE: &str = "attache";

/// A world in which acme trusts an issuer, which has one key and names users by their
/// ids.
pub struct Scene {
    /// The server and its tenants.
    pub world: World,
    /// The issuer that acme trusts.
    pub issuer: Issuer,
    /// The issuer's key.
    pub key: Key,
}

/// Returns the terms of an issuer, with defaults.
pub fn trust(issuer: &str, keys: KeySource) -> Trust {
    Trust {
        issuer: issuer.into(),
        keys,
        audience: AUDIENCE.into(),
        subject_claim: "sub".into(),
        finds_by: FindsBy::Id,
        tenant_claim: None,
        token_type: None,
        accepts_invitations: false,
    }
}

/// Returns the id of an issuer with a number.
pub fn issuer_id(number: u32) -> IssuerId {
    IssuerId(Uuid::from_u128(0x1550_0000 + u128::from(number)))
}

impl Scene {
    /// Makes a scene with the default settings of tokens.
    pub async fn new() -> Self {
        Self::with(jwt::Settings::default()).await
    }

    /// Makes a scene with these settings of tokens.
    pub async fn with(settings: jwt::Settings) -> Self {
        let scene = Self::untrusting(settings).await;
        scene.trust(acme::tenant(), 1, scene.own_trust()).await;
        scene
    }

    /// Makes a scene in which acme trusts no issuer yet.
    pub async fn untrusting(settings: jwt::Settings) -> Self {
        let key = Key::ed25519("one");
        Self {
            world: World::with(settings).await,
            issuer: Issuer::with(&[&key]).await,
            key,
        }
    }

    /// Makes a scene whose server reads bodies of this many bytes.
    pub async fn with_bodies_of(body_bytes: usize) -> Self {
        let untrusting = Self::untrusting(jwt::Settings::default()).await;
        let scene = Self {
            world: World::with_bodies_of(body_bytes).await,
            ..untrusting
        };
        scene.trust(acme::tenant(), 1, scene.own_trust()).await;
        scene
    }

    /// Returns the terms on which acme trusts the issuer.
    pub fn own_trust(&self) -> Trust {
        trust(self.issuer.url(), KeySource::Discovery)
    }

    /// Makes a tenant trust an issuer.
    pub async fn trust(&self, tenant: TenantId, number: u32, trust: Trust) {
        let added = Command::AddIssuer {
            id: issuer_id(number),
            trust: Box::new(trust),
        };
        self.world.write(tenant, Actor::Operator, &[added]).await;
    }

    /// Changes the terms on which acme trusts its issuer.
    pub async fn change(&self, trust: Trust) {
        let changed = Command::ChangeIssuer {
            issuer: issuer_id(1),
            trust: Box::new(trust),
        };
        self.world.operate(&[changed]).await;
    }

    /// Returns the time, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.world.now().as_millis() / 1_000
    }

    /// Returns the claims of a valid token of a user of acme.
    pub fn claims(&self, user: u32) -> Value {
        json!({
            "iss": self.issuer.url(),
            "aud": AUDIENCE,
            "sub": ids::user(user).to_string(),
            "iat": self.now(),
            "exp": self.now() + 600,
        })
    }

    /// Returns the claims of a valid token of Ada, with one claim changed.
    pub fn claims_with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims(acme::ADA);
        claims[name] = value;
        claims
    }

    /// Returns a valid token of a user of acme.
    pub fn token(&self, user: u32) -> String {
        self.key.token(&self.claims(user))
    }

    /// Requests the users of the mill with a token.
    pub async fn ask(&self, token: &str) -> Answer {
        self.ask_for(token, None).await
    }

    /// Requests the users of the mill with a token and a header that names the tenant.
    pub async fn ask_for(&self, token: &str, tenant: Option<&str>) -> Answer {
        let mut ask = self.world.get("/third-party/v1/customers/1/users");
        ask = ask.header("Authorization", &format!("Bearer {token}"));
        if let Some(tenant) = tenant {
            ask = ask.header("Attache-Tenant", tenant);
        }
        ask.send().await
    }

    /// Checks that Ada's token is accepted.
    pub async fn accepts(&self, token: &str) {
        let answer = self.ask(token).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Checks that a token gets the one answer to bad tokens.
    pub async fn refuses(&self, token: &str) {
        let bad = self.world.get("/third-party/v1/customers/1/users");
        let bad = bad.header("Authorization", "Bearer x").send();
        let (answer, bad) = (self.ask(token).await, bad.await);
        assert_eq!(bad.status, 401);
        assert_eq!(answer.all_of_it(), bad.all_of_it(), "{token}");
    }

    /// Checks that the server answers that it cannot tell now whether a token is good.
    pub async fn cannot_tell(&self, token: &str) {
        let answer = self.ask(token).await;
        assert_eq!(answer.status, 503, "{}", answer.body);
    }
}
