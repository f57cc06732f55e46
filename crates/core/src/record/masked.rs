//! Changes without what names their things.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use super::RecordError;
use super::words::Words;
use crate::catalogue::KindName;
use crate::change::Change;
use crate::id::{
    GroupId, GroupNumber, IssuerId, ResourceId, ResourceNumber, ServiceId, ServiceNumber, TenantId,
    UserId, UserNumber,
};
use crate::model::{FindsBy, KeySource, Name, Status, Trust, UserFacts};

/// How a masked change ends, and no other: no field of a change is called so.
pub(super) const END: &str = ",\"private\":true}";

/// A change of which the private part has the rest. Its `type` is the change's.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Masked {
    TenantCreated {
        tenant: TenantId,
        root: ResourceId,
        private: Marker,
    },
    IssuerAdded {
        issuer: IssuerId,
        private: Marker,
    },
    IssuerChanged {
        issuer: IssuerId,
        private: Marker,
    },
    ResourceAdded {
        resource: ResourceId,
        kind: KindName,
        number: ResourceNumber,
        parent: ResourceId,
        private: Marker,
    },
    ResourceChanged {
        resource: ResourceId,
        private: Marker,
    },
    UserAdded {
        user: UserId,
        number: UserNumber,
        status: Status,
        facts: OpenFacts,
        private: Marker,
    },
    UserChanged {
        user: UserId,
        facts: OpenFacts,
        private: Marker,
    },
    GroupAdded {
        group: GroupId,
        number: GroupNumber,
        private: Marker,
    },
    GroupChanged {
        group: GroupId,
        private: Marker,
    },
    ServiceAdded {
        service: ServiceId,
        number: ServiceNumber,
        private: Marker,
    },
    ServiceChanged {
        service: ServiceId,
        private: Marker,
    },
}

/// The facts of a user that name nobody.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenFacts {
    email_verified: bool,
    first_login: bool,
}

impl From<&UserFacts> for OpenFacts {
    fn from(facts: &UserFacts) -> Self {
        let UserFacts {
            email_verified,
            first_login,
            external_auth_id: _,
        } = *facts;
        Self {
            email_verified,
            first_login,
        }
    }
}

/// Says that a private part has the rest. Written as `true`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marker;

impl Serialize for Marker {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl<'de> Deserialize<'de> for Marker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match bool::deserialize(deserializer)? {
            true => Ok(Self),
            false => Err(de::Error::custom("private is true, or left out")),
        }
    }
}

impl Masked {
    /// A change apart, where it names a thing: the thing, the rest of the change, and what
    /// names the thing.
    pub(super) fn of(change: &Change) -> Option<(Uuid, Self, Words<'_>)> {
        let about = Words::about(change)?;
        let private = Marker;
        let (masked, words) = match change {
            Change::TenantCreated { tenant, root, name } => {
                let (tenant, root) = (*tenant, *root);
                let masked = Self::TenantCreated {
                    tenant,
                    root,
                    private,
                };
                (masked, Words::named(name, None))
            }
            Change::IssuerAdded { issuer, trust } => {
                let issuer = *issuer;
                (
                    Self::IssuerAdded { issuer, private },
                    Words::of_issuer(trust),
                )
            }
            Change::IssuerChanged { issuer, trust } => {
                let issuer = *issuer;
                let masked = Self::IssuerChanged { issuer, private };
                (masked, Words::of_issuer(trust))
            }
            Change::ResourceAdded {
                resource,
                kind,
                number,
                key,
                name,
                parent,
            } => {
                let masked = Self::ResourceAdded {
                    resource: *resource,
                    kind: kind.clone(),
                    number: *number,
                    parent: *parent,
                    private,
                };
                (masked, Words::named(name, key.as_ref()))
            }
            Change::ResourceChanged {
                resource,
                name,
                key,
            } => {
                let resource = *resource;
                let masked = Self::ResourceChanged { resource, private };
                (masked, Words::named(name, key.as_ref()))
            }
            Change::UserAdded {
                user,
                number,
                key,
                status,
                facts,
            } => {
                let masked = Self::UserAdded {
                    user: *user,
                    number: *number,
                    status: *status,
                    facts: facts.into(),
                    private,
                };
                let external = facts.external_auth_id.as_ref();
                (masked, Words::of_user(key.as_ref(), external))
            }
            Change::UserChanged { user, key, facts } => {
                let masked = Self::UserChanged {
                    user: *user,
                    facts: facts.into(),
                    private,
                };
                let external = facts.external_auth_id.as_ref();
                (masked, Words::of_user(key.as_ref(), external))
            }
            Change::GroupAdded {
                group,
                number,
                key,
                name,
            } => {
                let (group, number) = (*group, *number);
                let masked = Self::GroupAdded {
                    group,
                    number,
                    private,
                };
                (masked, Words::named(name, key.as_ref()))
            }
            Change::GroupChanged { group, name, key } => {
                let group = *group;
                let masked = Self::GroupChanged { group, private };
                (masked, Words::named(name, key.as_ref()))
            }
            Change::ServiceAdded {
                service,
                number,
                key,
                name,
            } => {
                let (service, number) = (*service, *number);
                let masked = Self::ServiceAdded {
                    service,
                    number,
                    private,
                };
                (masked, Words::named(name, key.as_ref()))
            }
            Change::ServiceChanged { service, name, key } => {
                let service = *service;
                let masked = Self::ServiceChanged { service, private };
                (masked, Words::named(name, key.as_ref()))
            }
            // `Words::about` names nothing else.
            _ => return None,
        };
        Some((about, masked, words))
    }

    /// The thing that the change is about.
    pub(super) fn about(&self) -> Uuid {
        match self {
            Self::TenantCreated { root, .. } => root.0,
            Self::IssuerAdded { issuer, .. } | Self::IssuerChanged { issuer, .. } => issuer.0,
            Self::ResourceAdded { resource, .. } | Self::ResourceChanged { resource, .. } => {
                resource.0
            }
            Self::UserAdded { user, .. } | Self::UserChanged { user, .. } => user.0,
            Self::GroupAdded { group, .. } | Self::GroupChanged { group, .. } => group.0,
            Self::ServiceAdded { service, .. } | Self::ServiceChanged { service, .. } => service.0,
        }
    }

    /// Whether the change is in the history of the thing that it is about.
    pub(super) fn has_home(&self) -> bool {
        !matches!(self, Self::IssuerAdded { .. } | Self::IssuerChanged { .. })
    }

    /// The whole change. Without words, its part was erased.
    pub(super) fn whole(self, words: Option<Words<'_>>) -> Result<Change, RecordError> {
        let about = self.about();
        let lacking = || RecordError::Lacking(about);
        let is_erased = words.is_none();
        let words = words.unwrap_or_default();
        let key = words.key.map(std::borrow::Cow::into_owned);
        let external = words.external_auth_id.map(std::borrow::Cow::into_owned);
        let name = match words.name {
            Some(name) => Ok(name.into_owned()),
            None if is_erased => Ok(erased_name(about)),
            None => Err(lacking()),
        };
        let trust = match words.trust {
            Some(trust) => Ok(Box::new(trust.into_owned())),
            None if is_erased => Ok(Box::new(erased_trust(about))),
            None => Err(lacking()),
        };
        let facts = |open: OpenFacts| UserFacts {
            email_verified: open.email_verified,
            first_login: open.first_login,
            external_auth_id: external,
        };
        Ok(match self {
            Self::TenantCreated { tenant, root, .. } => Change::TenantCreated {
                tenant,
                root,
                name: name?,
            },
            Self::IssuerAdded { issuer, .. } => Change::IssuerAdded {
                issuer,
                trust: trust?,
            },
            Self::IssuerChanged { issuer, .. } => Change::IssuerChanged {
                issuer,
                trust: trust?,
            },
            Self::ResourceAdded {
                resource,
                kind,
                number,
                parent,
                ..
            } => Change::ResourceAdded {
                resource,
                kind,
                number,
                key,
                name: name?,
                parent,
            },
            Self::ResourceChanged { resource, .. } => Change::ResourceChanged {
                resource,
                name: name?,
                key,
            },
            Self::UserAdded {
                user,
                number,
                status,
                facts: open,
                ..
            } => Change::UserAdded {
                user,
                number,
                key,
                status,
                facts: facts(open),
            },
            Self::UserChanged {
                user, facts: open, ..
            } => Change::UserChanged {
                user,
                key,
                facts: facts(open),
            },
            Self::GroupAdded { group, number, .. } => Change::GroupAdded {
                group,
                number,
                key,
                name: name?,
            },
            Self::GroupChanged { group, .. } => Change::GroupChanged {
                group,
                name: name?,
                key,
            },
            Self::ServiceAdded {
                service, number, ..
            } => Change::ServiceAdded {
                service,
                number,
                key,
                name: name?,
            },
            Self::ServiceChanged { service, .. } => Change::ServiceChanged {
                service,
                name: name?,
                key,
            },
        })
    }
}

/// What a thing is called whose name was erased: things stay apart in a list.
fn erased_name(about: Uuid) -> Name {
    let digits = about.as_u128() & 0xFFFF_FFFF;
    Name::from(format!("erased {digits:08x}"))
}

/// The terms of an issuer that were erased: no token is on these terms.
fn erased_trust(about: Uuid) -> Trust {
    let nobody: Box<str> = format!("erased:{about}").into();
    Trust {
        issuer: nobody.clone(),
        keys: KeySource::Pasted(r#"{"keys":[]}"#.into()),
        audience: nobody,
        subject_claim: "sub".into(),
        finds_by: FindsBy::Id,
        tenant_claim: None,
        token_type: None,
        accepts_invitations: false,
    }
}
