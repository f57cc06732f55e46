//! The rival's tables, once for both databases.

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Number,
    Text,
    /// A UUID.
    Id,
    Hash,
    Yes,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The first `key` of them are its primary key.
    columns: &'static [(&'static str, Kind)],
    key: usize,
}

use Kind::{Hash, Id, Number, Text, Yes};

/// Numbers for what joins, UUIDs for who asks; instants in milliseconds.
pub(super) const USERS: Table = Table {
    name: "users",
    key: 1,
    columns: &[
        ("id", Number),
        ("uuid", Id),
        ("first_name", Text),
        ("last_name", Text),
        ("email", Text),
        ("mobile", Text),
        ("is_email_verified", Yes),
        ("is_first_login", Yes),
        ("created_at", Number),
        ("created_by", Id),
        ("updated_at", Number),
        ("updated_by", Id),
        ("ext_auth_ref_id", Id),
        ("status", Text),
    ],
};

pub(super) const CUSTOMERS: Table = Table {
    name: "customers",
    key: 1,
    columns: &[("id", Number), ("uuid", Id), ("name", Text)],
};

pub(super) const MEMBERSHIPS: Table = Table {
    name: "memberships",
    key: 2,
    columns: &[
        ("customer_id", Number),
        ("user_id", Number),
        ("added_at", Number),
    ],
};

/// By number they stand in the order in which the first of several is chosen.
pub(super) const ROLES: Table = Table {
    name: "roles",
    key: 1,
    columns: &[
        ("id", Number),
        ("uuid", Id),
        ("code", Text),
        ("label", Text),
        ("description", Text),
    ],
};

pub(super) const MEMBER_ROLES: Table = Table {
    name: "member_roles",
    key: 3,
    columns: &[
        ("customer_id", Number),
        ("user_id", Number),
        ("role_id", Number),
    ],
};

pub(super) const TOKENS: Table = Table {
    name: "tokens",
    key: 1,
    columns: &[
        ("hash", Hash),
        ("may_list_users", Yes),
        ("expires_at", Number),
        ("revoked_at", Number),
    ],
};

/// What is looked up by something else than the key.
pub(super) const INDEXES: [&str; 3] = [
    "CREATE UNIQUE INDEX users_uuid ON users (uuid)",
    "CREATE UNIQUE INDEX customers_uuid ON customers (uuid)",
    "CREATE INDEX memberships_of_user ON memberships (user_id)",
];

impl Table {
    fn key(&self) -> String {
        let key = self.columns.iter().take(self.key).map(|(name, _)| *name);
        format!("PRIMARY KEY ({})", key.collect::<Vec<_>>().join(", "))
    }

    /// Rows are in the order of the key, in one tree.
    pub(super) fn create_in_sqlite(&self) -> String {
        let columns = self.columns.iter().map(|(name, kind)| match kind {
            Number | Yes => format!("{name} INTEGER"),
            Text => format!("{name} TEXT"),
            Id | Hash => format!("{name} BLOB"),
        });
        let columns: Vec<String> = columns.collect();
        let own_key = matches!(self.columns, [("id", Number), ..]);
        let without = if own_key { "" } else { " WITHOUT ROWID" };
        let (name, key) = (self.name, self.key());
        format!(
            "CREATE TABLE {name} ({}, {key}){without}",
            columns.join(", ")
        )
    }

    /// Without its key, which is quicker made of all rows at once.
    pub(super) fn create_in_postgres(&self) -> String {
        let columns = self.columns.iter().map(|(name, kind)| match kind {
            Number => format!("{name} BIGINT"),
            Text => format!("{name} TEXT"),
            Id => format!("{name} UUID"),
            Hash => format!("{name} BYTEA"),
            Yes => format!("{name} BOOLEAN"),
        });
        let columns: Vec<String> = columns.collect();
        format!("CREATE TABLE {} ({})", self.name, columns.join(", "))
    }

    pub(super) fn add_key_in_postgres(&self) -> String {
        format!("ALTER TABLE {} ADD {}", self.name, self.key())
    }

    /// Add rows that are given as a JSON array of arrays; ids and hashes are
    /// hexadecimal there.
    pub(super) fn insert_in_sqlite(&self) -> String {
        let values = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, (_, kind))| match kind {
                Number | Yes | Text => format!("value->>{at}"),
                Id | Hash => format!("unhex(value->>{at})"),
            });
        let values: Vec<String> = values.collect();
        let (name, values) = (self.name, values.join(", "));
        format!("INSERT INTO {name} SELECT {values} FROM json_each($1)")
    }

    /// The same.
    pub(super) fn insert_in_postgres(&self) -> String {
        let values = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, (_, kind))| match kind {
                Number => format!("(value->>{at})::BIGINT"),
                Text => format!("value->>{at}"),
                Id => format!("(value->>{at})::UUID"),
                Hash => format!("decode(value->>{at}, 'hex')"),
                Yes => format!("(value->>{at})::BOOLEAN"),
            });
        let values: Vec<String> = values.collect();
        let (name, values) = (self.name, values.join(", "));
        format!("INSERT INTO {name} SELECT {values} FROM json_array_elements($1::JSON)")
    }
}
