//! A private part as a row.

use attache_core::cause::Cause;
use attache_core::record::{Private, Salt};
use uuid::Uuid;

/// A private part as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PrivateRow {
    pub(super) about: String,
    pub(super) salt: Vec<u8>,
    pub(super) data: String,
}

impl From<Private> for PrivateRow {
    fn from(part: Private) -> Self {
        Self {
            about: part.about.to_string(),
            salt: part.salt.0.to_vec(),
            data: part.data.into(),
        }
    }
}

impl TryFrom<&PrivateRow> for Private {
    type Error = Cause;

    fn try_from(row: &PrivateRow) -> Result<Self, Cause> {
        let broken = || Cause::text(format!("its private part about {} is broken", row.about));
        Ok(Self {
            about: Uuid::parse_str(&row.about).map_err(|_| broken())?,
            salt: Salt(row.salt.as_slice().try_into().map_err(|_| broken())?),
            data: row.data.as_str().into(),
        })
    }
}
