//! What the shared tests and the demo know of a published API: an example of every
//! operation, the form of its errors, and what it names how.
//!
//! Each dialect describes itself. The suites that run over all dialects and all APIs,
//! the table of who may what, the walk over everything that is hidden, and the requests that
//! the demo prints are made of these descriptions, and name no dialect.

/// A published API.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The name in `/openapi/<name>.json`, of its folder and of its page.
    pub name: &'static str,
    /// The name of the vendor's product, for people.
    pub title: &'static str,
    /// What all paths begin with.
    pub prefix: &'static str,
    /// Headers that every request needs beside its credential.
    pub headers: &'static [(&'static str, Sent)],
    /// Whether a correlation id of a caller must be a UUID.
    pub correlation_is_uuid: bool,
    /// Whether lists show times.
    pub has_times: bool,
    /// The form of errors.
    pub error: ErrorShape,
    /// One request for every operation, in an order in which all of them can be sent
    /// to one server: each does what it is meant to, whatever was sent before.
    pub examples: &'static [Example],
    /// The requests that the demo prints, in an order in which they can be sent.
    pub demo: Shown,
    /// Parameters of queries and properties of bodies that name nothing.
    pub nameless: &'static [&'static str],
    /// Further requests that name things in other places. They are asked for things
    /// that are hidden only.
    pub variants: &'static [Example],
}

/// Requests to try.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// What they do, in a few words.
    pub about: &'static str,
    /// The requests.
    pub requests: &'static [Example],
}

/// What a header holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The web domain of the tenant.
    Domain,
    /// A text, always the same.
    Text(&'static str),
}

/// A request for an operation.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The method.
    pub method: &'static str,
    /// The whole path, as the document spells it, and perhaps a query. `{name}` stands
    /// for one of `names`.
    pub path: &'static str,
    /// The names in the path and in the body.
    pub names: &'static [Name],
    /// JSON in which `{name}` stands for one of `names`; "" for none.
    pub body: &'static str,
    /// The status if all goes well.
    pub status: u16,
    /// The permissions that it takes, on what is named last in the path.
    pub needs: &'static [&'static str],
    /// The permissions that it takes besides, on what is named before: without them,
    /// nothing is there.
    pub sees: &'static [&'static str],
    /// What preconditions of a write are checked against.
    pub target: Target,
    /// The status of a write that is sent again. It writes no entry then.
    pub again: u16,
    /// The status of a write without the body that it needs.
    pub without_body: u16,
}

impl Example {
    /// A read that answers 200 and needs nothing. Examples are this with what differs.
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

    /// Whether it can write.
    #[must_use]
    pub const fn writes(&self) -> bool {
        !matches!(self.method.as_bytes(), b"GET")
    }
}

/// What is at the path of a write before it (RFC 9110, section 13.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A list, which a read at the same path shows with its tag.
    List,
    /// Something without a tag.
    Thing,
    /// Nothing.
    Nothing,
}

/// A place of a name in a request.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// The place: `{slot}`.
    pub slot: &'static str,
    /// What is named.
    pub of: Of,
    /// How it is named.
    pub style: Style,
}

/// A name in a request.
#[must_use]
pub const fn name(slot: &'static str, of: Of, style: Style) -> Name {
    Name { slot, of, style }
}

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A reseller; that of the customer.
    Reseller,
    /// A customer.
    Customer,
    /// A workspace.
    Workspace,
    /// A chatbot, in the workspace.
    Chatbot,
    /// One of those who are attached to it, the first being 0.
    Member(usize),
    /// One of those who are not attached to it, and could be.
    Stranger(usize),
    /// The role of this name.
    Role(&'static str),
}

/// How something is named.
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
    /// The fields of the JSON object, in the order of their bytes.
    pub fields: &'static [&'static str],
    /// Those of the statuses that have others.
    pub fields_of: &'static [(u16, &'static [&'static str])],
    /// The statuses that have no body.
    pub empty: &'static [u16],
    /// The field with a text for a developer.
    pub message: &'static str,
    /// The field that repeats the status.
    pub status_in: Option<&'static str>,
    /// Fields that begin with the same text always.
    pub fixed: &'static [(&'static str, &'static str)],
}
