//! What holds for all four alike.

mod bodies;
mod body_limit;
mod correlation;
mod credential;
mod ends;
mod entries;
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
mod words;
