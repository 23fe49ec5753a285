//! What words mean: functions, constants, variables, and products of one-letter variables such as `xy`.

use crate::{
    error::{Fault, Outcome, Span},
    expr::{Expr, Function},
    number::fraction,
};

#[derive(Debug, Clone)]
pub(crate) enum Meaning {
    Value(Expr),
    /// A product of variables.
    Letters(Vec<Expr>),
    Function(Reading),
}

/// How a function's name is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Plain(Function),
    /// One over the function.
    Reciprocal(Function),
    Exp,
    /// A logarithm to base 10, or to the second argument.
    Log,
    Log2,
    /// A square root, or the root of the degree in the second argument.
    Root,
    CubeRoot,
}

impl Reading {
    /// The function that `sin^-1` names.
    pub(crate) fn inverse(self) -> Option<Self> {
        match self {
            Self::Plain(Function::Sin) => Some(Self::Plain(Function::Asin)),
            Self::Plain(Function::Cos) => Some(Self::Plain(Function::Acos)),
            Self::Plain(Function::Tan) => Some(Self::Plain(Function::Atan)),
            _ => None,
        }
    }

    /// The expression for the function of `argument`.
    pub(crate) fn apply(self, argument: Expr, second: Option<Expr>) -> Outcome<Expr> {
        let reciprocal = |e| Expr::raw_power(e, Expr::int(-1));
        let call = |function, e| Expr::Call(function, Box::new(e));
        Ok(match self {
            Self::Plain(function) => call(function, argument),
            Self::Reciprocal(function) => reciprocal(call(function, argument)),
            Self::Exp => Expr::raw_power(Expr::E, argument),
            Self::Log | Self::Log2 => {
                let base = second.unwrap_or(Expr::int(if self == Self::Log { 10 } else { 2 }));
                Expr::Product(vec![call(Function::Ln, argument), reciprocal(call(Function::Ln, base))])
            }
            Self::Root => match second {
                None => Expr::raw_power(argument, Expr::Number(fraction(1, 2))),
                Some(Expr::Number(n)) if n.is_int() && !n.is_zero() => {
                    Expr::raw_power(argument, Expr::Number(fraction(1, 1) / n))
                }
                Some(_) => return Err(Fault::syntax("the degree of a root is a whole number")),
            },
            Self::CubeRoot => Expr::raw_power(argument, Expr::Number(fraction(1, 3))),
        })
    }
}

fn function(word: &str) -> Option<Reading> {
    use Function as F;
    Some(match word {
        "abs" => Reading::Plain(F::Abs),
        "ln" => Reading::Plain(F::Ln),
        "log" | "log10" | "lg" => Reading::Log,
        "log2" => Reading::Log2,
        "exp" => Reading::Exp,
        "sqrt" | "root" => Reading::Root,
        "cbrt" => Reading::CubeRoot,
        "sin" => Reading::Plain(F::Sin),
        "cos" => Reading::Plain(F::Cos),
        "tan" | "tg" => Reading::Plain(F::Tan),
        "cot" | "ctg" => Reading::Reciprocal(F::Tan),
        "sec" => Reading::Reciprocal(F::Cos),
        "csc" | "cosec" => Reading::Reciprocal(F::Sin),
        "asin" | "arcsin" => Reading::Plain(F::Asin),
        "acos" | "arccos" => Reading::Plain(F::Acos),
        "atan" | "arctan" => Reading::Plain(F::Atan),
        "sinh" => Reading::Plain(F::Sinh),
        "cosh" => Reading::Plain(F::Cosh),
        "tanh" => Reading::Plain(F::Tanh),
        _ => return None,
    })
}

pub(crate) fn is_function(word: &str) -> bool {
    function(word).is_some()
}

/// Letters that stand for variables next to one another: `xy`, `abc`. Words with other letters are names.
const LETTERS: &str = "abcdkmnpqrstuvwxyz";

/// Whether a word with a bracket right behind it is a function rather than a factor, as `f(x)` and `floor(x)` are, and
/// `x(x + 1)` and `xy(x + 1)` are not.
pub(crate) fn looks_like_a_function(word: &str) -> bool {
    let known = is_function(word) || is_function(&word.to_lowercase()) || matches!(word, "pi" | "Pi" | "PI" | "π");
    let letters: Vec<char> = word.chars().collect();
    let factor = match letters.as_slice() {
        [only] => !matches!(only, 'f' | 'g'),
        [_, _] | [_, _, _] => letters.iter().all(|c| LETTERS.contains(*c)),
        _ => false,
    };
    !known && !factor
}

pub(crate) fn lookup(word: &str, place: Span) -> Outcome<Meaning> {
    if let Some(reading) = function(word).or_else(|| function(&word.to_lowercase())) {
        return Ok(Meaning::Function(reading));
    }
    let value = match word {
        "pi" | "Pi" | "PI" | "π" => Expr::PI,
        "e" => Expr::E,
        "i" => Expr::I,
        "inf" | "infinity" | "oo" | "Infinity" => {
            return Err(Fault::syntax("infinity can only be a bound of an integral or the point of a limit").at(place));
        }
        _ => {
            let letters: Vec<char> = word.chars().collect();
            let product = (2..=3).contains(&letters.len()) && letters.iter().all(|c| LETTERS.contains(*c));
            if product {
                let letters = letters.iter().map(|c| Expr::variable(&c.to_string())).collect();
                return Ok(Meaning::Letters(letters));
            }
            // `xe` may be x*e or a name.
            let mixed = letters.iter().all(|c| LETTERS.contains(*c) || matches!(c, 'e' | 'i'));
            if mixed && (2..=3).contains(&letters.len()) {
                let parts: Vec<String> = letters.iter().map(char::to_string).collect();
                let hint = format!("`{word}` can be read in two ways: write {}, or another name", parts.join("*"));
                return Err(Fault::syntax(hint).at(place));
            }
            if let Some(hint) = joined_function(word) {
                return Err(Fault::syntax(hint).at(place));
            }
            Expr::variable(word)
        }
    };
    Ok(Meaning::Value(value))
}

/// A word such as `xsin` or `sinx` is a slip rather than a name.
fn joined_function(word: &str) -> Option<String> {
    for name in ["sin", "cos", "tan", "sqrt", "exp", "log", "ln"] {
        let rest = word.strip_prefix(name).or_else(|| word.strip_suffix(name));
        if let Some(rest) = rest.filter(|rest| (1..=2).contains(&rest.chars().count())) {
            return Some(format!("`{word}`: write {name}({rest}) or {rest}*{name}(…)"));
        }
    }
    None
}
