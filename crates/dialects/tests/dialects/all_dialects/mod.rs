//! What holds for all dialects alike. Each test runs over their descriptions.

mod bodies;
mod body_limit;
mod correlation;
mod credential;
mod ends;
mod entries;
mod golden;
mod heads;
mod inside;
mod large_answers;
mod methods;
mod one_server;
mod operations;
mod paths;
mod preconditions;
mod revision;
mod same_answer;
mod tags;
mod times;

pub(crate) use golden::golden;
