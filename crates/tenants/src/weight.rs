//! Estimates the cost of commands before they are decided, so that only heavy commands
//! take turns.

use attache_core::command::Command;
use attache_core::{Locator, Ref, State};

/// Commands up to this weight are decided at once: a few milliseconds at most. A command
/// that touches one thing weighs 1, about 10 µs.
pub const LIGHT: usize = 256;

/// Returns the weight of commands that are decided together.
pub(super) fn of_all(state: &State, commands: &[Command]) -> usize {
    match commands.len() > LIGHT {
        true => commands.len(),
        false => commands.iter().map(|command| of(state, command)).sum(),
    }
}

/// Returns the weight of a command, from counts in the state.
fn of(state: &State, command: &Command) -> usize {
    let beside = match command {
        Command::SyncMembers {
            resource, users, ..
        } => users.len() + attached(state, resource),
        Command::MoveResource { resource, parent } => {
            attached(state, resource) + granted(state, parent)
        }
        Command::RemoveResource { resource } => {
            attached(state, resource) + granted(state, resource)
        }
        Command::RemoveUser { user } => of_user(state, user),
        Command::RemoveGroup { group } => of_group(state, group),
        // These rebuild the indices of the whole catalogue.
        Command::SetCatalogue { .. }
        | Command::SetRole { .. }
        | Command::RemoveRole { .. }
        | Command::SetKind { .. }
        | Command::RemoveKind { .. } => LIGHT,
        _ => 0,
    };
    beside + 1
}

fn attached(state: &State, resource: &Locator) -> usize {
    let found = state.find(resource).and_then(|node| state.node(node));
    found.map_or(0, |found| found.members.len())
}

/// Returns the number of grants on a resource itself.
fn granted(state: &State, resource: &Locator) -> usize {
    let found = state.find(resource).and_then(|node| state.node(node));
    found.map_or(0, |found| found.grants.len())
}

fn of_user(state: &State, user: &Ref) -> usize {
    let found = state.find_user(user).and_then(|user| state.user_node(user));
    found.map_or(0, |row| {
        row.resources.len() + row.granted.len() + row.groups.len()
    })
}

fn of_group(state: &State, group: &Ref) -> usize {
    let found = state.find_group(group).and_then(|it| state.group_node(it));
    found.map_or(0, |row| row.users.len() + row.granted.len())
}
