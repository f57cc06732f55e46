//! What is measured: each work once, for the clock (`time`) and for the count of
//! instructions (`instructions`). One file a subject.

mod access;
mod catalogue;
mod commands;
mod lists;
mod names;
mod people;
mod reach;
mod replay;
mod town;

use attache_core::State;

pub(crate) use town::Town;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Something that the core does, on the town's state.
pub(crate) struct Work {
    /// `subject/what`.
    pub(crate) name: String,
    pub(crate) doing: Doing,
    /// How much it finds or changes: a work that does nothing measures nothing.
    much: usize,
}

/// How a work is done.
pub(crate) enum Doing {
    /// It looks, and says how much it found. What it made for that, it frees.
    Asks(Box<dyn Fn(&State) -> usize>),
    /// It changes a copy, of which everything is still shared with the town's
    /// state, as a writer's is. Making and freeing the copy is not measured.
    Writes(Box<dyn Fn(&mut State)>),
}

impl Work {
    fn asks(name: &str, much: usize, ask: impl Fn(&State) -> usize + 'static) -> Self {
        Self {
            name: name.to_owned(),
            doing: Doing::Asks(Box::new(ask)),
            much,
        }
    }

    fn writes(name: &str, write: impl Fn(&mut State) + 'static) -> Self {
        Self {
            name: name.to_owned(),
            doing: Doing::Writes(Box::new(write)),
            much: 1,
        }
    }

    /// Do it once, and see that it does what it is there for.
    pub(crate) fn check(&self, state: &State) -> Result<(), Failure> {
        let much = match &self.doing {
            Doing::Asks(ask) => ask(state),
            Doing::Writes(write) => {
                let mut copy = state.clone();
                write(&mut copy);
                usize::from(copy.revision() == state.revision().next())
            }
        };
        match much == self.much {
            true => Ok(()),
            false => Err(format!("{}: {much} instead of {}", self.name, self.much).into()),
        }
    }
}

/// All works.
pub(crate) fn all(town: &Town) -> Result<Vec<Work>, Failure> {
    let mut works = access::works(town)?;
    works.extend(catalogue::works(town)?);
    works.extend(names::works(town)?);
    works.extend(lists::works(town)?);
    works.extend(people::works(town)?);
    works.extend(reach::works(town)?);
    works.extend(commands::works(town)?);
    works.extend(replay::works(town)?);
    Ok(works)
}
