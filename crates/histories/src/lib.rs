//! Holds no code of its own: its test drives random histories through the core and through a
//! naive model of the core, and compares every decision and every answer.
