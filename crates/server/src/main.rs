//! attache: who is attached to this customer, in which role, and what may they see and
//! do.

fn main() -> std::process::ExitCode {
    attache::cli::main()
}
