//! The rival's answer: the same form as attache's.

use attache_core::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// A page.
#[derive(Serialize)]
pub(super) struct Users<'r> {
    pub(super) status: &'static str,
    pub(super) message: &'static str,
    pub(super) data: Data<'r>,
}

#[derive(Serialize)]
pub(super) struct Data<'r> {
    pub(super) records: Vec<Record<'r>>,
    pub(super) total_pages: usize,
    pub(super) total_items: String,
}

/// A member. Its texts are the database's: they are not copied.
#[derive(Serialize)]
pub(super) struct Record<'r> {
    pub(super) id: Uuid,
    pub(super) first_name: &'r str,
    pub(super) last_name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<&'r str>,
    pub(super) mobile: Option<&'r str>,
    pub(super) is_email_verified: bool,
    pub(super) is_first_login: bool,
    pub(super) created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created_by: Option<Uuid>,
    pub(super) updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) updated_by: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ext_auth_ref_id: Option<Uuid>,
    pub(super) status: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subrole: Option<Subrole<'r>>,
}

#[derive(Serialize)]
pub(super) struct Subrole<'r> {
    pub(super) id: Uuid,
    pub(super) code: &'r str,
    pub(super) display_name: &'r str,
    pub(super) label: &'r str,
    pub(super) description: &'r str,
}
