//! Grants.

use attache_core::Refusal;
use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::ResourceId;
use attache_core::model::{Parameters, SubjectId};
use attache_core::time::Timestamp;

use super::facts::{counts, earlier};
use super::holding::{by_role, work};
use super::run::{invalid, must_be_to_come, unknown};
use super::{Act, Granted, Tenant};

impl Tenant {
    pub(crate) fn grant(
        &mut self,
        act: &Act,
        wanted: &GrantRef,
        end: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        let what = ["users.roles.grant", "users.roles.revoke"];
        let on = self.authorize_either(act, &wanted.resource, what)?;
        let role = self.role(&wanted.role).ok_or(unknown("role"))?.clone();
        let reads = self.authorize_catalogue(&act.by, act.at).is_ok();
        if role.kind.as_str() != self.kind_of(on) && !reads {
            return Err(unknown("role"));
        }
        if role.kind.as_str() != self.kind_of(on) {
            return Err(invalid("role"));
        }
        let subject = self.subject(act, &wanted.subject);
        let named = subject.clone().ok().flatten();
        let old =
            named.and_then(|subject| self.position(on, subject, &wanted.role, &wanted.parameters));
        let stands = old.is_some_and(|old| counts(self.grants[old].end, act.at));
        for (name, value) in wanted.parameters.iter() {
            let declared = role.parameters.iter().any(|it| it.name == name);
            if !declared || !stands && !can_be_new(value) {
                return Err(invalid(&format!("parameters.{name}")));
            }
        }
        for parameter in &role.parameters {
            if parameter.required && wanted.parameters.get(&parameter.name).is_none() {
                return Err(invalid(&format!("parameters.{}", parameter.name)));
            }
        }
        must_be_to_come(act, end)?;
        let granted = named.and_then(|subject| {
            let old = self.position(on, subject, &wanted.role, &wanted.parameters)?;
            let is_there = match subject {
                SubjectId::User(user) => self.is_member(on, user, act.at),
                SubjectId::Group(_) | SubjectId::Service(_) => true,
            };
            let end = self.grants[old].end;
            (is_there && counts(end, act.at)).then_some(end)
        });
        let shortens = granted.is_some_and(|old| old != end && earlier(old, end) == end);
        let family = format!("{}s.users.roles", self.kind_of(on));
        if shortens {
            self.must_may(&act.by, on, &format!("{family}.revoke"), act.at)?;
        } else {
            let permission = format!("{family}.grant");
            self.must_may(&act.by, on, &permission, act.at)?;
            let mut given = by_role(on, &role, on, &wanted.parameters, end);
            given.push(work(on, &permission, end));
            match granted == Some(end) {
                true => self.must_hold_now(act, &given)?,
                false => self.must_hold(act, Some("expires_at"), &given)?,
            }
        }
        let Some(subject) = subject? else {
            let is_root = self.root() == Some(on);
            return Err(match &wanted.subject {
                SubjectRef::User(_) if !is_root => self.not_a_member(on),
                SubjectRef::User(_) => unknown("user"),
                SubjectRef::Group(_) => unknown("group"),
                SubjectRef::Service(_) => unknown("service"),
            });
        };
        if let SubjectId::User(user) = subject
            && !self.is_member(on, user, act.at)
        {
            return Err(self.not_a_member(on));
        }
        // One that has run out is another: it began earlier.
        let old = self.position(on, subject, &wanted.role, &wanted.parameters);
        if granted != Some(end) {
            self.note_roles(act, on, subject);
        }
        match old {
            Some(old) if counts(self.grants[old].end, act.at) => self.grants[old].end = end,
            _ => {
                self.grants.extend(Some(Granted {
                    resource: on,
                    subject,
                    role: wanted.role.as_ref().into(),
                    parameters: wanted.parameters.clone(),
                    granted_at: act.stamp,
                    granted_by: act.by.actor,
                    origin: act.origin,
                    end,
                }));
                old.map(|old| self.grants.remove(old));
            }
        }
        Ok(())
    }

    pub(crate) fn revoke(&mut self, act: &Act, wanted: &GrantRef) -> Result<(), Refusal> {
        let on = self.authorize(&act.by, &wanted.resource, "users.roles.revoke", act.at)?;
        if !self.roles_ever.iter().any(|known| **known == *wanted.role) {
            return match self.authorize_catalogue(&act.by, act.at) {
                Ok(()) => Err(unknown("role")),
                Err(_) => Ok(()),
            };
        }
        let Some(subject) = self.subject(act, &wanted.subject)? else {
            return Ok(());
        };
        let Some(old) = self.position(on, subject, &wanted.role, &wanted.parameters) else {
            return Ok(());
        };
        // What no longer counts is the sweep's, not the caller's.
        let stands = match subject {
            SubjectId::User(user) => self.is_member(on, user, act.at),
            SubjectId::Group(_) | SubjectId::Service(_) => true,
        };
        if stands && counts(self.grants[old].end, act.at) {
            self.grants.remove(old);
            self.note_roles(act, on, subject);
        }
        Ok(())
    }

    fn position(
        &self,
        on: ResourceId,
        subject: SubjectId,
        role: &str,
        parameters: &Parameters,
    ) -> Option<usize> {
        self.grants.iter().position(|granted| {
            granted.resource == on
                && granted.subject == subject
                && &*granted.role == role
                && forms(&granted.parameters) == forms(parameters)
        })
    }

    /// `None`: there is none, and the caller may not know so.
    fn subject(&self, act: &Act, subject: &SubjectRef) -> Result<Option<SubjectId>, Refusal> {
        let (found, one, all) = match subject {
            SubjectRef::User(user) => {
                let found = self.find_user(user).map(SubjectId::User);
                (found, "user", "users")
            }
            SubjectRef::Group(group) => {
                let found = self.find_group(group).map(SubjectId::Group);
                (found, "group", "groups")
            }
            SubjectRef::Service(service) => {
                let found = self.find_service(service).map(SubjectId::Service);
                (found, "service", "services")
            }
        };
        match found {
            None if self.may_list(act, all) => Err(unknown(one)),
            found => Ok(found),
        }
    }
}

/// A text in the one form in which texts are compared. Only one letter of the histories has two.
pub(super) fn form(text: &str) -> String {
    text.replace("e\u{308}", "\u{eb}")
}

fn forms(parameters: &Parameters) -> Vec<(String, String)> {
    let pairs = parameters.iter();
    pairs
        .map(|(name, value)| (form(name), form(value)))
        .collect()
}

/// Whether a value may be new: of the characters of the histories, these are refused.
fn can_be_new(value: &str) -> bool {
    let is_refused = |c: char| c.is_control() || matches!(c, '/' | '\u{200b}' | '\u{308}');
    !value.is_empty() && value.len() <= 255 && value.trim() == value && !value.contains(is_refused)
}
