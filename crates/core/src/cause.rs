//! Errors with their causes.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The cause of an error, as an error itself. Cheap to clone, since every waiting caller
/// gets the one failure of the database.
#[derive(Clone)]
pub struct Cause(Arc<dyn Error + Send + Sync>);

impl Cause {
    /// Makes a cause from an error.
    #[must_use]
    pub fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }

    /// Makes a cause from a boxed error.
    #[must_use]
    pub fn boxed(error: Box<dyn Error + Send + Sync>) -> Self {
        Self(error.into())
    }

    /// Makes a cause from a reason in words.
    #[must_use]
    pub fn text(reason: impl Into<String>) -> Self {
        Self::boxed(reason.into().into())
    }

    /// Replaces the cause of this error.
    #[must_use]
    pub fn because(self, cause: Self) -> Self {
        Self::new(Because { error: self, cause })
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{error}")]
struct Because {
    error: Cause,
    #[source]
    cause: Cause,
}

/// Displays an error and its causes in one line: `error: cause: cause of the cause`.
/// Leaves out a cause that ends the error's own text already, since many libraries'
/// errors display their cause.
#[derive(Clone, Copy, Debug)]
pub struct Chain<'a>(&'a (dyn Error + 'static));

/// Returns a display of an error and its causes in one line.
#[must_use]
pub fn chain<'a>(error: &'a (dyn Error + 'static)) -> Chain<'a> {
    Chain(error)
}

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = self.0.to_string();
        let mut next = self.0.source();
        while let Some(cause) = next {
            next = cause.source();
            let text = cause.to_string();
            if !line.ends_with(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
        }
        f.write_str(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the outer error")]
    struct Outer(#[source] Cause);

    #[test]
    fn chain_names_each_cause_once() {
        let inner = Cause::text("the disk is full");
        assert_eq!(chain(&inner).to_string(), "the disk is full");
        let middle = Cause::text("a.db").because(inner);
        let outer = Outer(middle);
        let line = "the outer error: a.db: the disk is full";
        assert_eq!(chain(&outer).to_string(), line);
        // As errors of libraries do.
        let repeats = Cause::text("not written: a.db").because(Cause::text("a.db"));
        assert_eq!(chain(&repeats).to_string(), "not written: a.db");
    }

    #[test]
    fn cause_keeps_the_causes_of_its_error() {
        let io = std::io::Error::new(std::io::ErrorKind::NotFound, Cause::text("gone"));
        let cause = Cause::new(Outer(Cause::new(io)));
        assert_eq!(chain(&cause).to_string(), "the outer error: gone");
        assert_eq!(chain(&cause).to_string(), "the outer error: gone");
    }
}
