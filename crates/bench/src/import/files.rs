//! The files that are imported.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use clap::Args;

use crate::Failure;

/// How much there is of what.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Size {
    /// How many memberships are imported, about.
    #[arg(long, default_value_t = 1_000_000)]
    memberships: u32,
    /// How many users there are, each attached to equally many customers.
    #[arg(long, default_value_t = 100_000)]
    users: u32,
    /// How many customers there are.
    #[arg(long, default_value_t = 50_000)]
    customers: u32,
}

/// A membership: the customer's key and the user's.
pub(super) type Pair = (String, String);

impl Size {
    /// A twentieth of it, where little is wanted.
    pub(super) fn of(self, small: bool) -> Self {
        let part = if small { 20 } else { 1 };
        Self {
            memberships: self.memberships / part,
            users: self.users / part,
            customers: self.customers / part,
        }
    }

    /// All memberships, each once, those of a customer together, as another
    /// system would give them out.
    pub(super) fn pairs(self) -> Vec<Pair> {
        let (users, customers) = (self.users.max(1), self.customers.max(1));
        let each = (self.memberships / users).clamp(1, customers);
        // So that no user meets a customer twice.
        let apart = customers / each;
        let of_user = |user: u32| {
            (0..each).map(move |nth| (user.wrapping_add(nth * apart) % customers, user))
        };
        let mut pairs: Vec<(u32, u32)> = (0..users).flat_map(of_user).collect();
        pairs.sort_unstable();
        let keys = pairs.into_iter();
        keys.map(|(customer, user)| (customer_key(customer), user_key(user)))
            .collect()
    }
}

fn user_key(user: u32) -> String {
    format!("user-{user:07}")
}

fn customer_key(customer: u32) -> String {
    format!("customer-{customer:07}")
}

/// Users and customers.
pub(super) fn write_things(folder: &Path, size: Size) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let mut users = BufWriter::new(File::create(folder.join("users.csv"))?);
    writeln!(users, "key,first_name,last_name,email")?;
    for user in 0..size.users.max(1) {
        let key = user_key(user);
        writeln!(users, "{key},Freya,Holm,{key}@people.example")?;
    }
    users.flush()?;
    let mut resources = BufWriter::new(File::create(folder.join("resources.csv"))?);
    writeln!(resources, "kind,key,name")?;
    for customer in 0..size.customers.max(1) {
        let key = customer_key(customer);
        writeln!(resources, "customer,{key},Customer {customer}")?;
    }
    resources.flush()?;
    Ok(())
}

pub(super) fn write_memberships(folder: &Path, pairs: &[Pair]) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let mut file = BufWriter::new(File::create(folder.join("memberships.csv"))?);
    writeln!(file, "resource,user")?;
    for (customer, user) in pairs {
        writeln!(file, "customer:{customer},{user}")?;
    }
    file.flush()?;
    Ok(())
}
