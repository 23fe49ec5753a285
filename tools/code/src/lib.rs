//! Python and JavaScript in the sandbox: the tools `run_python` and `run_javascript`.
//!
//! An interpreter is a WebAssembly guest in this crate's binary. It is unpacked and compiled for the machine when it is
//! first used, and starts warm from then on. A run sees the run's workspace as `/box` and nothing else: no other file, no
//! network, no process, no environment. Files stay between the calls of one run, names do not. Whatever a program does,
//! the model gets its output and one clear error, and programs get the same as data.

mod answer;
mod config;
mod guest;
mod interpreter;
mod program;
mod report;
mod text;
mod tool;

pub use config::CodeConfig;
pub use tool::{CodeError, CodeTool};
pub use toolwright_sandbox::{Progress, Silent};
