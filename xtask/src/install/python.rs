//! Python: the interpreters that the machine has, and virtual environments with exactly what lock files name.

mod environment;
mod interpreter;
mod lock;
pub(crate) mod peers;

pub(crate) use environment::Environment;
pub(crate) use interpreter::Interpreter;
