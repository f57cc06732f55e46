//! Builds users for tests.

use attache_core::model::{Email, ExternalId, Name, Profile, Status, UserFacts};
use attache_core::{Command, Ref};

use super::{ids, wishes};

/// A user that is not added yet.
pub struct Person {
    number: u32,
    key: Option<&'static str>,
    profile: Profile,
    status: Status,
    facts: UserFacts,
}

/// Makes a user of whom only the number is known.
pub fn person(number: u32) -> Person {
    Person {
        number,
        key: None,
        profile: Profile::default(),
        status: Status::Active,
        facts: UserFacts::default(),
    }
}

impl Person {
    /// Sets the names.
    pub fn called(mut self, first: &str, last: &str) -> Self {
        let name = |text: &str| (!text.is_empty()).then(|| Name::new(text).unwrap());
        self.profile.first_name = name(first);
        self.profile.last_name = name(last);
        self
    }

    /// Sets the e-mail address.
    pub fn email(mut self, email: &str) -> Self {
        self.profile.email = Some(Email::new(email).unwrap());
        self
    }

    /// Sets the phone number.
    pub fn phone(mut self, phone: &str) -> Self {
        self.profile.phone = Some(Name::new(phone).unwrap());
        self
    }

    /// Sets the key.
    pub fn key(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets the status.
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// Marks the user as one who has logged in, with a verified e-mail address.
    pub fn known_to_the_provider_as(mut self, external_auth_id: impl Into<ExternalId>) -> Self {
        self.facts = UserFacts {
            email_verified: true,
            first_login: false,
            external_auth_id: Some(external_auth_id.into()),
        };
        self
    }

    /// Returns the command that adds the user.
    pub fn add(self) -> Command {
        Command::AddUser {
            id: ids::user(self.number),
            number: Some(self.number),
            key: self.key.map(wishes::key),
            profile: Box::new(self.profile),
            status: self.status,
            facts: self.facts,
        }
    }

    /// Returns the command that gives an existing user this profile.
    pub fn change(self) -> Command {
        Command::ChangeUser {
            user: Ref::Number(self.number),
            key: None,
            profile: Box::new(self.profile.into()),
            status: None,
            facts: Default::default(),
        }
    }
}
