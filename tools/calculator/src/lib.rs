//! The calculator: exact arithmetic on integers, fractions and decimals, functions, percent, units.
//!
//! [`evaluate`] reads one expression and gives its value or an error that points at the place. What is rational stays
//! exact, `0.1 + 0.2` as well as `sqrt(9/4)`; everything else is computed to fifty digits. An expression's length,
//! depth, numbers and work are bounded, whatever is written in it, and it never panics.
//!
//! # Language
//! - `+ - * / ^ **`, `//` (the quotient rounded down), `mod` or `%` before an operand (the remainder with the divisor's
//!   sign), `!`, the signs `× · ÷ − √ ∛ ² ³ π °`, `x` and `of` between numbers. `-2^2` is -4, `2^3^2` is 512.
//! - Percent: `50%` is 0.5; added to or taken from what is no percentage it is relative: `350 + 20%` is 420, and
//!   `20% off 350` is 280. `5% + 3%` is 0.08.
//! - Products by juxtaposition where only one reading makes sense: `2pi`, `2(3+4)`, `3 million`. `6/2(1+2)`, `2^3(4)`
//!   and `2 3` are errors.
//! - Numbers: `2,480` and `2_480`, `.5`, `1.5e3`. In the argument list of a call every comma separates. One currency's
//!   sign may stand at numbers and is read over.
//! - Units: `5 km in miles`, `5 ft 6 in to cm`, `60 km/h * 90 min`, `1/2 hour to minutes`; `to %`, `to fraction`. A
//!   year is the solar one, 365.2422 days.
//!
//! # Results
//! Integers in full up to 60 digits, decimals in full up to 12 places. Everything else is rounded to 10 decimals (below
//! 1: 10 significant digits), or has an exponent. There are no separators, so a result can be copied into the next
//! expression; an integer that had to be shortened says so.

mod approx;
mod ast;
mod error;
mod eval;
mod format;
mod functions;
mod lexer;
mod number;
mod parser;
mod tool;
mod units;

use std::fmt;

pub use error::{CalcError, ErrorKind};
pub use tool::Calculator;

use crate::{
    error::{Fault, Span},
    eval::{Evaluator, Quantity},
};

/// Characters of the longest expression.
pub const MAX_INPUT: usize = 1_000;

/// The value of an expression.
#[derive(Debug, Clone)]
pub struct Value {
    quantity: Quantity,
}

impl Value {
    /// Whether the value is the true one and not an approximation at fifty digits. What [`fmt::Display`] writes may be
    /// rounded even so: 1/3 is exact.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.quantity.number.is_exact()
    }
}

impl fmt::Display for Value {
    /// The number, then the unit if there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format::render(&self.quantity))
    }
}

/// Evaluates one expression; the crate's documentation describes the language.
///
/// # Errors
/// [`CalcError`] if the text is no expression, has no value, mixes units that do not go together or passes a limit.
///
/// # Examples
/// ```
/// let value = toolwright_calculator::evaluate("17.5% of 2,480").unwrap();
/// assert_eq!(value.to_string(), "434");
/// assert!(value.is_exact());
/// let error = toolwright_calculator::evaluate("2 * (3 + )").unwrap_err();
/// assert_eq!(error.column(), Some(10));
/// ```
pub fn evaluate(input: &str) -> Result<Value, CalcError> {
    evaluate_counted(input).0
}

/// The value, and the work that it took.
fn evaluate_counted(input: &str) -> (Result<Value, CalcError>, u64) {
    let evaluator = Evaluator::default();
    let value = check_length(input)
        .and_then(|()| parser::parse(input))
        .and_then(|node| evaluator.run(&node))
        .map(|quantity| Value { quantity })
        .map_err(|fault| CalcError::new(fault, input));
    (value, evaluator.work())
}

fn check_length(input: &str) -> Result<(), Fault> {
    match input.char_indices().nth(MAX_INPUT) {
        None => Ok(()),
        Some(_) => {
            let place = Span { start: MAX_INPUT, end: MAX_INPUT + 1 };
            Err(Fault::limit(format!("the expression is too long (at most {MAX_INPUT} characters)")).at(place))
        }
    }
}

#[cfg(test)]
#[path = "lib_tests.rs"]
mod tests;
