//! The place in a list of users that a cursor holds. The sort key may be a name or an
//! e-mail address; those are sealed.

use std::sync::Arc;

use attache_core::ask::{Cut, Field, MemberPlace, PlaceValue, Sort};
use attache_core::id::UserId;
use attache_http::seal::Seal;
use attache_http::{App, Problem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::page::Paging;

/// The last user of a page, with its sort key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    value: Value,
    id: UserId,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Value {
    Sealed {
        sealed: String,
    },
    /// A number or a time. Older versions wrote names here too.
    Plain(PlaceValue),
}

/// Reads and writes the places of one list.
pub(super) struct Places {
    /// The seal, if sort keys are personal data.
    seal: Option<Arc<Seal>>,
    list: Vec<u8>,
}

impl Places {
    /// Makes it for a list.
    ///
    /// # Errors
    /// If the list is sorted by personal data and the seal is not available.
    pub(super) async fn of(app: &App, paging: &Paging<Place>, sort: Sort) -> Result<Self, Problem> {
        let is_personal = !matches!(
            sort.by,
            Field::Number | Field::Added | Field::CreatedAt | Field::UpdatedAt
        );
        Ok(Self {
            seal: match is_personal {
                true => Some(app.seal().await?),
                false => None,
            },
            list: paging.list().to_vec(),
        })
    }

    /// Returns where the list continues, from its cursor.
    ///
    /// # Errors
    /// If the place was not sealed for this list.
    pub(super) fn after(&self, place: Option<&Place>) -> Result<Cut<MemberPlace>, Problem> {
        let Some(place) = place else {
            return Ok(Cut::Start);
        };
        let value = match &place.value {
            Value::Plain(value) => value.clone(),
            Value::Sealed { sealed } => {
                let opened = self.open(sealed);
                opened.ok_or_else(|| Problem::in_query("cursor", "is none that attache gave"))?
            }
        };
        Ok(Cut::After(MemberPlace {
            value,
            id: place.id,
        }))
    }

    /// Returns the place for the next cursor.
    ///
    /// # Errors
    /// If it cannot be sealed.
    pub(super) fn place(&self, next: Option<MemberPlace>) -> Result<Option<Place>, Problem> {
        let Some(MemberPlace { value, id }) = next else {
            return Ok(None);
        };
        let value = match &self.seal {
            None => Value::Plain(value),
            Some(seal) => {
                let text = serde_json::to_vec(&value).map_err(|_| Problem::Internal)?;
                let sealed = seal.shut(&self.list, &text).ok_or(Problem::Internal)?;
                Value::Sealed {
                    sealed: URL_SAFE_NO_PAD.encode(sealed),
                }
            }
        };
        Ok(Some(Place { value, id }))
    }

    fn open(&self, sealed: &str) -> Option<PlaceValue> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let text = self.seal.as_ref()?.open(&self.list, &sealed)?;
        serde_json::from_slice(&text).ok()
    }
}
