//! What the histories reached: a generator that never reaches a rule proves
//! nothing about it.

use std::collections::BTreeMap;
use std::fmt;

use attache_core::catalogue::Pattern;
use attache_core::{Command, Refusal};

use super::Questions;

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) histories: u64,
    pub(crate) questions: Questions,
    /// By command: accepted, refused.
    commands: BTreeMap<&'static str, (u64, u64)>,
    refusals: BTreeMap<&'static str, u64>,
    /// By command: refused because it gives for longer than the caller holds.
    outlasts: BTreeMap<&'static str, u64>,
    /// By command: refused because an earlier end takes the permission to remove.
    shortens: BTreeMap<&'static str, u64>,
}

impl Counts {
    pub(crate) fn decided(&mut self, command: &Command, refusal: Option<&Refusal>) {
        let (accepted, refused) = self.commands.entry(name_of_command(command)).or_default();
        match refusal {
            None => *accepted += 1,
            Some(refusal) => {
                *refused += 1;
                *self.refusals.entry(name_of_refusal(refusal)).or_default() += 1;
                let name = name_of_command(command);
                match refusal {
                    Refusal::Outlasts { .. } => *self.outlasts.entry(name).or_default() += 1,
                    Refusal::Forbidden { permission } if is_to_shorten(command, permission) => {
                        *self.shortens.entry(name).or_default() += 1;
                    }
                    _ => {}
                }
            }
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.questions.0 += other.questions.0;
        for (name, (accepted, refused)) in &other.commands {
            let mine = self.commands.entry(name).or_default();
            mine.0 += accepted;
            mine.1 += refused;
        }
        for (mine, others) in [
            (&mut self.refusals, &other.refusals),
            (&mut self.outlasts, &other.outlasts),
            (&mut self.shortens, &other.shortens),
        ] {
            for (name, count) in others {
                *mine.entry(name).or_default() += count;
            }
        }
    }

    pub(crate) fn refused(&self) -> u64 {
        self.refusals.values().sum()
    }

    /// Commands that were never accepted, refusals that never came.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let accepted = |name: &&str| self.commands.get(*name).is_some_and(|it| it.0 > 0);
        let commands = COMMANDS.iter().filter(|name| !accepted(name));
        // So many users as a mass detach takes are not in these small histories:
        // `rule/members.rs` has it.
        let refusals = REFUSALS
            .iter()
            .filter(|name| **name != "MassDetach" && !self.refusals.contains_key(*name));
        let outlasts = GIVING.iter();
        let outlasts = outlasts.filter(|name| !self.outlasts.contains_key(*name));
        let shortens = ["ChangeMember", "Grant"];
        let shortens = shortens.iter();
        let shortens = shortens.filter(|name| !self.shortens.contains_key(*name));
        let all = commands.chain(refusals).chain(outlasts).chain(shortens);
        all.copied().collect()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accepted: u64 = self.commands.values().map(|it| it.0).sum();
        writeln!(f, "{:>10} histories", self.histories)?;
        writeln!(f, "{accepted:>10} commands accepted")?;
        writeln!(f, "{:>10} commands refused", self.refused())?;
        writeln!(f, "{:>10} questions compared", self.questions.0)?;
        for (name, (accepted, refused)) in &self.commands {
            writeln!(f, "{name:>18}: {accepted:>9} accepted {refused:>9} refused")?;
        }
        for (name, count) in &self.refusals {
            writeln!(f, "{name:>18}: {count:>9}")?;
        }
        for (name, count) in &self.outlasts {
            writeln!(
                f,
                "{name:>18}: {count:>9} would give for longer than is held"
            )?;
        }
        for (name, count) in &self.shortens {
            writeln!(
                f,
                "{name:>18}: {count:>9} would end what may not be removed"
            )?;
        }
        Ok(())
    }
}

/// Commands that give something, and can so give it for longer than it is held. Two
/// users with one address and an end are too rare to ask it of those that add and
/// remove users.
const GIVING: [&str; 14] = [
    "AddGroupUser",
    "AddIssuer",
    "AddMember",
    "ChangeGroup",
    "ChangeIssuer",
    "ChangeMember",
    "ChangeService",
    "ChangeUser",
    "CreateToken",
    "Grant",
    "MoveResource",
    "SetCatalogue",
    "SetKind",
    "SyncMembers",
];

/// Whether a command was refused because it lets something end earlier.
fn is_to_shorten(command: &Command, lacking: &Pattern) -> bool {
    match command {
        Command::ChangeMember { .. } | Command::MoveResource { .. } => {
            lacking.as_str().ends_with(".users.remove")
        }
        Command::Grant { .. } => lacking.as_str().ends_with(".users.roles.revoke"),
        _ => false,
    }
}

macro_rules! names {
    ($list:ident, $function:ident, $type:ident: $($variant:ident)*) => {
        const $list: &[&str] = &[$(stringify!($variant)),*];

        /// Without a wildcard: a new variant must be counted.
        fn $function(value: &$type) -> &'static str {
            match value {
                $($type::$variant { .. } => stringify!($variant),)*
            }
        }
    };
}

names! { COMMANDS, name_of_command, Command:
    CreateTenant SetCatalogue SetRole RemoveRole SetKind RemoveKind
    AddIssuer ChangeIssuer RemoveIssuer
    AddResource ChangeResource MoveResource RemoveResource
    AddUser ChangeUser PutUser RemoveUser
    InviteUser RevokeInvitation AcceptInvitation AcceptBySignIn
    AddGroup ChangeGroup RemoveGroup AddGroupUser RemoveGroupUser
    AddService ChangeService RemoveService CreateToken RevokeToken
    AddMember ChangeMember RemoveMember SyncMembers
    Grant Revoke Expire
}

names! { REFUSALS, name_of_refusal, Refusal:
    NotFound Forbidden Exceeds Outlasts Unknown UnknownUsers Invalid Taken
    NotAMember NotInParent LastAdmin MassDetach InUse
}
