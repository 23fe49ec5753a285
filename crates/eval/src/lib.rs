//! Suites of questions with known answers, asked of a model through the runtime as a user would ask them.
//!
//! A [`Suite`] reads [`Case`]s from public files or draws them from the curriculum's held-out wordings; a [`Judge`] runs
//! them and says of each whether it was right; a [`Report`] has the shares with their confidence intervals. The same
//! cases run with tools or without, and with any model.

mod case;
mod judge;
mod report;
mod stand_in;
mod suites;

pub use case::{Case, Check, Offer};
pub use judge::{EvalError, Given, Judge, Verdict};
pub use report::{Category, Report};
pub use suites::{Setting, Suite, SuiteError};
