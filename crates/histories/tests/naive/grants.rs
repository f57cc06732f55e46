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
        if role.kind.as_str() != self.kind_of(on) {
            return Err(invalid("role"));
        }
        for (name, value) in wanted.parameters.iter() {
            let declared = role.parameters.iter().any(|it| it.name == name);
            if !declared || value.is_empty() || value.len() > 255 || value.contains('/') {
                return Err(invalid(&format!("parameters.{name}")));
            }
        }
        for parameter in &role.parameters {
            if parameter.required && wanted.parameters.get(&parameter.name).is_none() {
                return Err(invalid(&format!("parameters.{}", parameter.name)));
            }
        }
        must_be_to_come(act, end)?;
        let subject = self.subject(&wanted.subject);
        let granted = subject.as_ref().ok().and_then(|subject| {
            let old = self.position(on, *subject, &wanted.role, &wanted.parameters)?;
            let is_there = match subject {
                SubjectId::User(user) => self.is_member(on, *user, act.at),
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
        let subject = subject?;
        if let SubjectId::User(user) = subject
            && !self.is_member(on, user, act.at)
        {
            return Err(self.not_a_member(on));
        }
        // One that has run out is another: it began earlier.
        let old = self.position(on, subject, &wanted.role, &wanted.parameters);
        match old {
            Some(old) if counts(self.grants[old].end, act.at) => self.grants[old].end = end,
            _ => {
                self.grants.extend(Some(Granted {
                    resource: on,
                    subject,
                    role: wanted.role.as_ref().into(),
                    parameters: wanted.parameters.clone(),
                    granted_at: act.at,
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
            return Err(unknown("role"));
        }
        let subject = self.subject(&wanted.subject)?;
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
                && granted.parameters == *parameters
        })
    }

    fn subject(&self, subject: &SubjectRef) -> Result<SubjectId, Refusal> {
        match subject {
            SubjectRef::User(user) => {
                let found = self.find_user(user).ok_or(unknown("user"))?;
                Ok(SubjectId::User(found))
            }
            SubjectRef::Group(group) => {
                let found = self.find_group(group).ok_or(unknown("group"))?;
                Ok(SubjectId::Group(found))
            }
            SubjectRef::Service(service) => {
                let found = self.find_service(service).ok_or(unknown("service"))?;
                Ok(SubjectId::Service(found))
            }
        }
    }
}
