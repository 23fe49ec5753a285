//! Lines and bars on standard error for what takes long. They are there only where a person watches.

use std::{io::Write as _, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use toolwright_toolbox::Progress;

use crate::style::{DIM, paint};

/// Says that an interpreter is being compiled, which happens once on a machine.
pub struct SaysCompiling;

impl Progress for SaysCompiling {
    fn compiling(&self, what: &str) {
        let line = format!("compiling {what} for this machine (once; it takes a moment)…");
        writeln!(anstream::stderr(), "{}", paint(DIM, line)).ok();
    }

    fn compiled(&self, what: &str, took: Duration) {
        let line = format!("compiled {what} in {:.1} s", took.as_secs_f64());
        writeln!(anstream::stderr(), "{}", paint(DIM, line)).ok();
    }
}

/// A bar over bytes, which indicatif hides where standard error is no terminal.
pub fn bytes_bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let template = "{wide_msg} {bar:24} {bytes}/{total_bytes} {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
