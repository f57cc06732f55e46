//! Holds no code: its manifest names features, so that one build of each
//! dependency serves the tests of every package.
