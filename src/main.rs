//! The program: arguments, configuration, logging, then the console or one command.
fn main() {}
