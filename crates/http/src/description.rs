//! The description of a published API for the shared tests and the demo: an example of
//! every operation, the form of its errors, and how it names things.
//!
//! Each dialect describes itself. All suites that run over every dialect and API, the
//! access table, the search for hidden things in answers, and the demo's requests are
//! made from these descriptions and name no dialect.

/// The description of a published API.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The name in `/openapi/<name>.json`, of its folder and of its docs page.
    pub name: &'static str,
    /// The name of the vendor's product, for people.
    pub title: &'static str,
    /// The prefix of all paths.
    pub prefix: &'static str,
    /// The headers that every request needs besides its credential.
    pub headers: &'static [(&'static str, Sent)],
    /// Whether a correlation id of a caller must be a UUID.
    pub correlation_is_uuid: bool,
    /// Whether lists show times.
    pub has_times: bool,
    /// The form of errors.
    pub error: ErrorShape,
    /// One request for every operation, in an order in which all of them can be sent to
    /// one server: each succeeds after the ones before it.
    pub examples: &'static [Example],
    /// The requests that the demo prints, in an order in which they can be sent.
    pub demo: Shown,
    /// The parameters of queries and properties of bodies that name nothing.
    pub nameless: &'static [&'static str],
    /// Further requests, which name things in other places. Tests send them about hidden
    /// things only.
    pub variants: &'static [Example],
}

/// Requests that the demo prints.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// The effect of the requests, in a few words.
    pub about: &'static str,
    /// The requests.
    pub requests: &'static [Example],
}

/// The value of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The web domain of the tenant.
    Domain,
    /// A constant text.
    Text(&'static str),
}

/// A request for an operation.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The method.
    pub method: &'static str,
    /// The complete path, in the spelling of the document, perhaps with a query. `{name}`
    /// stands for one of [`Example::names`].
    pub path: &'static str,
    /// The things named in the path and in the body.
    pub names: &'static [Name],
    /// JSON in which `{name}` stands for one of [`Example::names`]; "" for no body.
    pub body: &'static str,
    /// The status of success.
    pub status: u16,
    /// The permissions that the request takes, on the thing named last in the path.
    pub needs: &'static [&'static str],
    /// The permissions that it also takes, on the things named before. Without them, the
    /// answer is that nothing is there.
    pub sees: &'static [&'static str],
    /// The target of the write's preconditions.
    pub target: Target,
    /// The status of the write when it is repeated. The repetition writes no entry.
    pub again: u16,
    /// The status of the write without the body that it needs.
    pub without_body: u16,
}

impl Example {
    /// A read that answers 200 and needs nothing. Examples are made from it by struct
    /// update.
    pub const READ: Self = Self {
        method: "GET",
        path: "",
        names: &[],
        body: "",
        status: 200,
        needs: &[],
        sees: &[],
        target: Target::List,
        again: 200,
        without_body: 400,
    };

    /// Returns whether the request can write.
    #[must_use]
    pub const fn writes(&self) -> bool {
        !matches!(self.method.as_bytes(), b"GET")
    }
}

/// The target of a write's preconditions, as a read of the path shows it (RFC 9110, 13.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A list, which a read at the path shows with a tag.
    List,
    /// A thing without a tag.
    Thing,
    /// Nothing.
    Nothing,
}

/// A placeholder in a request, and what it names.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// The placeholder's name, as in `{slot}`.
    pub slot: &'static str,
    /// The thing that it names.
    pub of: Of,
    /// How it is named.
    pub style: Style,
}

/// Makes a placeholder.
#[must_use]
pub const fn name(slot: &'static str, of: Of, style: Style) -> Name {
    Name { slot, of, style }
}

/// The thing that a placeholder names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The reseller of the customer.
    Reseller,
    /// The customer.
    Customer,
    /// The workspace.
    Workspace,
    /// A chatbot of the workspace.
    Chatbot,
    /// One of the users who are attached to the resource, counted from 0.
    Member(usize),
    /// One of the users who are not attached to the resource and could be.
    Stranger(usize),
    /// The role of this name.
    Role(&'static str),
}

/// The form of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// By its number.
    Number,
    /// By its id, or by a key that is a UUID.
    Uuid,
    /// By its key, its id, or `#` and its number.
    Reference,
}

/// The form of errors.
#[derive(Clone, Copy, Debug)]
pub struct ErrorShape {
    /// The fields of the JSON object, in byte order.
    pub fields: &'static [&'static str],
    /// The fields at statuses whose errors have other fields.
    pub fields_of: &'static [(u16, &'static [&'static str])],
    /// The statuses that have no body.
    pub empty: &'static [u16],
    /// The field with a text for a developer.
    pub message: &'static str,
    /// The field that repeats the status, if there is one.
    pub status_in: Option<&'static str>,
    /// Fields whose values always begin with a constant text.
    pub fixed: &'static [(&'static str, &'static str)],
}
