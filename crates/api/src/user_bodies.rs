//! The bodies that add, replace and change a user.

use attache_core::id::{Key, UserId};
use attache_core::model::{
    Email, ExternalId, FactsChange, Name, Profile, ProfileChange, Status, UserFacts,
};
use attache_core::{Command, Ref};
use serde::Deserialize;
use utoipa::ToSchema;

use super::words;

/// Declares a body with all fields of a user: the given ones, and those that every such
/// body has.
macro_rules! whole_user {
    (
        $(#[$about:meta])*
        $name:ident {
            $($(#[$of:meta])* $field:ident: $kind:ty,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$of])* $field: $kind,)*
            /// If left out: `active`.
            #[schema(value_type = words::Status)]
            #[serde(default)]
            status: Status,
            #[schema(value_type = Option<String>, example = "Freya")]
            #[serde(default, deserialize_with = "super::written::optional")]
            first_name: Option<Name>,
            #[schema(value_type = Option<String>, example = "Holm")]
            #[serde(default, deserialize_with = "super::written::optional")]
            last_name: Option<Name>,
            #[schema(value_type = Option<String>, format = Email, example = "freya.holm@harbour-bakery.example")]
            #[serde(default, deserialize_with = "super::written::optional")]
            email: Option<Email>,
            #[schema(value_type = Option<String>)]
            #[serde(default, deserialize_with = "super::written::optional")]
            phone: Option<Name>,
            /// If left out: false.
            #[serde(default)]
            email_verified: bool,
            /// If left out: true.
            first_login: Option<bool>,
            /// The user's id at the identity provider: 1 to 255 characters. Unique among the tenant's
            /// users.
            #[schema(value_type = Option<String>, example = "auth0|5f7c1a2b3d4e")]
            #[serde(default, deserialize_with = "super::written::optional")]
            external_auth_id: Option<ExternalId>,
        }

        impl $name {
            /// Returns the profile, the status and the facts of the user.
            fn parts(self) -> (Box<Profile>, Status, UserFacts) {
                let profile = Profile {
                    first_name: self.first_name,
                    last_name: self.last_name,
                    email: self.email,
                    phone: self.phone,
                };
                let facts = UserFacts {
                    email_verified: self.email_verified,
                    first_login: self.first_login.unwrap_or(true),
                    external_auth_id: self.external_auth_id,
                };
                (Box::new(profile), self.status, facts)
            }
        }
    };
}

whole_user! {
    /// A user to add.
    NewUser {
        /// The number of the user in another system; if left out, the next number.
        #[schema(minimum = 1)]
        number: Option<u32>,
        /// The id of the user in another system. Unique among the tenant's users.
        #[schema(value_type = Option<String>, example = "freya.holm")]
        #[serde(default, deserialize_with = "super::written::optional")]
        key: Option<Key>,
    }
}

whole_user! {
    /// A complete user. Fields that are left out are empty, as for a new user.
    UserPut {
        /// If the path names the user by its key: that key, or left out. Otherwise the
        /// user's new key; left out to remove it.
        #[schema(value_type = Option<String>, example = "freya.holm")]
        #[serde(default, deserialize_with = "super::written::optional")]
        key: Option<Key>,
    }
}

impl NewUser {
    pub(super) fn command(mut self, id: UserId) -> Command {
        let (number, key) = (self.number, self.key.take());
        let (profile, status, facts) = self.parts();
        Command::AddUser {
            id,
            number,
            key,
            profile,
            status,
            facts,
        }
    }
}

impl UserPut {
    pub(super) fn command(mut self, id: UserId, user: Ref) -> Command {
        let key = self.key.take();
        let (profile, status, facts) = self.parts();
        Command::PutUser {
            id,
            user,
            key,
            profile,
            status,
            facts,
        }
    }
}

/// The changes of a user. Fields that are left out stay, null removes a value.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserChange)]
pub(super) struct UserPatch {
    #[serde(default, deserialize_with = "super::written::nullable")]
    #[schema(value_type = Option<String>)]
    key: Option<Option<Key>>,
    #[serde(default, deserialize_with = "super::body::given")]
    #[schema(value_type = Option<words::Status>, nullable = false)]
    status: Option<Status>,
    #[serde(default, deserialize_with = "super::written::nullable")]
    #[schema(value_type = Option<String>)]
    first_name: Option<Option<Name>>,
    #[serde(default, deserialize_with = "super::written::nullable")]
    #[schema(value_type = Option<String>)]
    last_name: Option<Option<Name>>,
    #[serde(default, deserialize_with = "super::written::nullable")]
    #[schema(value_type = Option<String>, format = Email)]
    email: Option<Option<Email>>,
    #[serde(default, deserialize_with = "super::written::nullable")]
    #[schema(value_type = Option<String>)]
    phone: Option<Option<Name>>,
    #[serde(default, deserialize_with = "super::body::given")]
    #[schema(nullable = false)]
    email_verified: Option<bool>,
    #[serde(default, deserialize_with = "super::body::given")]
    #[schema(nullable = false)]
    first_login: Option<bool>,
    #[serde(default, deserialize_with = "super::written::nullable")]
    #[schema(value_type = Option<String>)]
    external_auth_id: Option<Option<ExternalId>>,
}

impl UserPatch {
    pub(super) fn command(self, user: Ref) -> Command {
        Command::ChangeUser {
            user,
            key: self.key,
            profile: Box::new(ProfileChange {
                first_name: self.first_name,
                last_name: self.last_name,
                email: self.email,
                phone: self.phone,
            }),
            status: self.status,
            facts: FactsChange {
                email_verified: self.email_verified,
                first_login: self.first_login,
                external_auth_id: self.external_auth_id,
            },
        }
    }
}
