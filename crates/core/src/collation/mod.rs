//! How names are sorted and found: by the Unicode collation algorithm, as the
//! root of CLDR tailors it and ICU4X implements it.
//!
//! A [`SortKey`] orders by letters first and by accents second. A [`Folded`]
//! text is searched by letters alone. Case counts in neither.

mod classes;
mod fold;
mod root;
mod sort_key;
#[cfg(test)]
mod tests;
mod weights;

pub use fold::Folded;
pub use sort_key::SortKey;

pub(crate) use fold::fold;
