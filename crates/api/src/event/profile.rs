//! The personal data that an entry sets.

use attache_core::model::{Email, Name, Profile};
use serde::Serialize;
use utoipa::ToSchema;

/// A user's personal data, as an entry sets it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventProfile)]
pub(crate) struct EventProfile<'a> {
    #[schema(value_type = Option<String>, required = true, example = "Freya")]
    first_name: Option<&'a Name>,
    #[schema(value_type = Option<String>, required = true, example = "Holm")]
    last_name: Option<&'a Name>,
    #[schema(value_type = Option<String>, required = true, format = Email, example = "freya.holm@harbour-bakery.example")]
    email: Option<&'a Email>,
    #[schema(value_type = Option<String>, required = true)]
    phone: Option<&'a Name>,
}

impl<'a> EventProfile<'a> {
    /// Returns a profile as events show it. A new field of a profile has to be placed here.
    pub(crate) fn of(profile: &'a Profile) -> Self {
        let Profile {
            first_name,
            last_name,
            email,
            phone,
        } = profile;
        Self {
            first_name: first_name.as_ref(),
            last_name: last_name.as_ref(),
            email: email.as_ref(),
            phone: phone.as_ref(),
        }
    }
}
