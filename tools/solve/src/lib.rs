//! Symbolic algebra and calculus with exact numbers: simplify, expand, factor, solve, differentiate, integrate, limits,
//! substitution.
//!
//! [`run`] reads a [`Request`] and gives the answer as one line, whose expressions can be read again. Nothing is guessed:
//! solutions are put into the equation as it was written, antiderivatives are differentiated, the signs that decide
//! inequalities are taken to fifty digits and more, and what is only known as a decimal is marked with `≈`. The work of a
//! call is counted and bounded, whatever is asked, and it never panics.
//!
//! # What it does
//! - *Simplify, expand, factor*: quotients of polynomials in any number of variables, roots, trigonometric, hyperbolic
//!   and exponential functions. Factors are irreducible over the rationals; whole numbers become primes.
//! - *Solve*: polynomials (roots of degree up to two, of pure powers and of what factors into these exactly, other real
//!   roots isolated and shown as decimals), equations that reduce to them through roots, moduli, exponentials,
//!   logarithms and trigonometric functions (families with a free integer), and other equations in one variable by a
//!   search between -50 and 50 that says whether it can have missed anything. Systems: linear ones with parameters,
//!   polynomial ones whose eliminations have exact roots. Inequalities in one variable, and several at once.
//! - *Differentiate* everything; up to the 20th derivative.
//! - *Integrate* rational functions whose denominators factor into degree two and less, polynomials with exponentials,
//!   sines and cosines, rational functions of sine and cosine, roots of quadratics, and what substitution and parts bring
//!   to these. Between bounds, poles, jumps and improper ends are looked for, and without an antiderivative the value is
//!   a decimal with a proven error. Formulas with letters say for which values they hold.
//! - *Limits* from either side and at infinity, by the growth of exponentials (Gruntz's algorithm).
//! - *Substitute* expressions for variables.
//!
//! # What it does not
//! No exact roots of irreducible cubics and quartics, no Risch algorithm (a refusal does not mean that there is no closed
//! form), no functions such as erf or the W function, no periodic inequalities or inequalities with parameters, no case
//! distinctions on parameters beyond the conditions that it states, no assumptions on variables but that they are real;
//! no matrices, series, sums and differential equations. Simplified forms may be defined where the original is not
//! (`x/x` is 1).
//!
//! # Language
//! - `+ - * / ^ **`, `( ) [ ] { }`, `|x|`, the signs `× · ÷ − √ ∛ ² ³ π ≤ ≥ ∞`, decimals (which are exact: `0.1` is 1/10).
//! - Products by juxtaposition: `2x`, `3(x+1)`, `x sin x`, `xy`. `1/2x`, `e^2x` and `2 3` can be read in two ways and are
//!   errors. Words of two or three letters are products of variables (`xy`, `abc`), unless they have a vowel other
//!   than `a` and `u` in them or are named as a variable; longer words are one variable.
//! - `sin cos tan cot sec csc asin acos atan sinh cosh tanh exp ln log` (base 10, or `log(x, base)`) `sqrt cbrt
//!   root(x, n) abs`; `sin 2x` is `sin(2*x)`, `sin^2 x` a square, `sin^-1 x` the inverse function.
//! - `e`, `pi`, `i`. Variables are real; odd roots of negative numbers are the real ones.
//! - Equations are separated by `,`, `;`, `and` or new lines; an expression without `=` is equal to zero.

mod auto;
mod decimal;
mod differentiate;
mod error;
mod expr;
mod field;
mod integers;
mod integrate;
mod interval;
mod lexer;
mod limit;
mod number;
mod numeric;
mod parser;
mod poly;
mod precise;
mod print;
mod request;
mod simplify;
mod solve;
mod tool;
mod work;

pub use error::{ErrorKind, SolveError};
pub use request::{Operation, Request, run, value_at};
pub use tool::Solve;

#[cfg(test)]
#[path = "lib_tests.rs"]
mod tests;
