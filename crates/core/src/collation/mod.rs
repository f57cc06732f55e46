//! Sorting and searching of names by the Unicode collation algorithm, with the tailoring
//! of CLDR's root, as ICU4X implements it.
//!
//! A [`SortKey`] orders by letters first and accents second. A [`Folded`] text is
//! searched by letters alone. Both ignore case.

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
