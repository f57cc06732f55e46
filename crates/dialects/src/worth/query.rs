//! Parses filters, pages and order from the query.

use attache_core::ask::{Cut, Field, Filter, Include, MemberQuery, Sort, Value};
use attache_core::collation::Folded;
use attache_core::model::Status;
use uuid::Uuid;

use attache_http::position::Position;
use attache_http::query::parameters;
use attache_http::{Fault, Problem};

const ITEMS_PER_PAGE: usize = 100;
const MOST_ITEMS_PER_PAGE: usize = 1_000;

/// The parameters of a list.
#[derive(Debug)]
pub(super) struct Query {
    filters: Vec<Filter>,
    sort: Sort,
    pub(super) position: Position,
}

impl Query {
    /// Parses a query. The problem names all faults.
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        let mut query = Self {
            filters: Vec::new(),
            sort: Sort::ascending(Field::CreatedAt),
            position: Position {
                page: 1,
                size: ITEMS_PER_PAGE,
            },
        };
        let mut faults = Vec::new();
        for parameter in parameters(text, plain) {
            if parameter.is_repeated {
                faults.push(Fault::in_query(parameter.name, "is repeated"));
            } else if let Err(reason) = query.take(&parameter.name, &parameter.value) {
                faults.push(Fault::in_query(parameter.name, reason));
            }
        }
        if faults.is_empty() {
            Ok(query)
        } else {
            Err(Problem::Invalid(faults))
        }
    }

    pub(super) fn list(&self) -> MemberQuery {
        MemberQuery {
            include: Include::Direct,
            filters: self.filters.clone(),
            sort: self.sort,
            cut: Cut::Skip(self.position.skip()),
            take: self.position.size,
        }
    }

    fn take(&mut self, key: &str, text: &str) -> Result<(), String> {
        match key {
            "page" => self.position.page = number(text, usize::MAX)?,
            "items_per_page" => self.position.size = number(text, MOST_ITEMS_PER_PAGE)?,
            "sort" => {
                let (name, descending) = match text.strip_prefix('-') {
                    Some(name) => (name, true),
                    None => (text, false),
                };
                let by = field(name).ok_or("must be a field of a record, or - and a field")?;
                self.sort = Sort { by, descending };
            }
            name => {
                let field = field(name).ok_or("is not known here")?;
                self.filters.push(filter(field, text)?);
            }
        }
        Ok(())
    }
}

/// Returns the name of a filter: `search_filter[x]` and `filter[x]` mean `x`.
fn plain(key: &str) -> &str {
    ["search_filter[", "filter["]
        .iter()
        .find_map(|front| key.strip_prefix(front)?.strip_suffix(']'))
        .unwrap_or(key)
}

fn number(text: &str, most: usize) -> Result<usize, String> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| match most {
            usize::MAX => "must be a whole number from 1".to_owned(),
            most => format!("must be a whole number from 1 to {most}"),
        })
}

fn field(name: &str) -> Option<Field> {
    Some(match name {
        "id" => Field::Id,
        "first_name" => Field::FirstName,
        "last_name" => Field::LastName,
        "email" => Field::Email,
        "mobile" => Field::Phone,
        "is_email_verified" => Field::EmailVerified,
        "is_first_login" => Field::FirstLogin,
        "created_at" => Field::CreatedAt,
        "created_by" => Field::CreatedBy,
        "updated_at" => Field::UpdatedAt,
        "updated_by" => Field::UpdatedBy,
        "ext_auth_ref_id" => Field::ExternalAuthId,
        "status" => Field::Status,
        "subrole" => Field::FirstRole,
        _ => return None,
    })
}

/// Makes a filter. Names and other written texts are compared without case and accents;
/// addresses are compared exactly.
fn filter(field: Field, text: &str) -> Result<Filter, String> {
    let is_text = field.is_name() || field == Field::Phone;
    match is_text && !text.is_empty() {
        true => Ok(Filter::Reads(field, Folded::new(text))),
        false => Ok(Filter::Is(field, value(field, text)?)),
    }
}

fn value(field: Field, text: &str) -> Result<Value, String> {
    let uuid = || Uuid::parse_str(text).map_err(|_| "must be a UUID".to_owned());
    Ok(match field {
        Field::Id | Field::CreatedBy | Field::UpdatedBy | Field::ExternalAuthId => {
            Value::Id(uuid()?)
        }
        Field::EmailVerified | Field::FirstLogin => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err("must be true or false".to_owned()),
        },
        Field::CreatedAt | Field::UpdatedAt | Field::Added => {
            Value::Time(text.parse().map_err(|reason: &str| reason.to_owned())?)
        }
        Field::Status => match text.to_ascii_uppercase().as_str() {
            "ACTIVE" => Value::Status(Status::Active),
            "INACTIVE" => Value::Status(Status::Inactive),
            "INVITED" => Value::Status(Status::Invited),
            _ => return Err("must be ACTIVE, INACTIVE or INVITED".to_owned()),
        },
        Field::Email if !text.is_empty() => Value::email(text),
        Field::Number
        | Field::FirstName
        | Field::LastName
        | Field::FullName
        | Field::Email
        | Field::Phone
        | Field::FirstRole => match text {
            "" => Value::Nothing,
            text => Value::text(text),
        },
    })
}
