//! Why a measurement fails.

use std::error::Error;

/// Why a measurement could not be made.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;
