use std::cmp::Ordering;

use dashu::integer::IBig;

use crate::{
    approx::{self, Trigonometric},
    error::{Fault, Outcome},
    number::{self, Number, Rounding},
};

/// Largest number of decimals (or zeros) that `round` takes, and largest degree of `root`.
const MAX_PLACES: i64 = 100;
const MAX_DEGREE: u32 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Sqrt,
    Cbrt,
    Root,
    Power,
    Exp,
    Ln,
    /// Decimal, or to the base given second.
    Log,
    Log2,
    Trigonometric(Trigonometric),
    Hyperbolic(Trigonometric),
    Asin,
    Acos,
    Atan,
    Atan2,
    Degrees,
    Radians,
    Hypot,
    Abs,
    Sign,
    Round(Rounding),
    Min,
    Max,
    Sum,
    Mean,
    Median,
    Product,
    Factorial,
    Combinations,
    Permutations,
    Gcd,
    Lcm,
    Modulo,
}

/// What a function does with units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnitRule {
    /// Plain numbers only.
    Plain,
    /// The first argument's unit is the result's; the others are plain.
    Keep,
    /// All arguments are brought to the first one's unit, which is the result's.
    Common,
    /// As a power does: `sqrt(16 m^2)` is 4 m.
    Root,
    /// An angle; a plain number is in radians.
    Angle,
}

const MANY: usize = usize::MAX;

/// Names (the first one is the function's), least and most arguments.
const TABLE: [(&[&str], Function, usize, usize); 40] = [
    (&["sqrt", "squareroot"], Function::Sqrt, 1, 1),
    (&["cbrt"], Function::Cbrt, 1, 1),
    (&["root", "nthroot"], Function::Root, 2, 2),
    (&["pow", "power"], Function::Power, 2, 2),
    (&["exp"], Function::Exp, 1, 1),
    (&["ln"], Function::Ln, 1, 1),
    (&["log"], Function::Log, 1, 2),
    (&["log10", "lg"], Function::Log, 1, 1),
    (&["log2"], Function::Log2, 1, 1),
    (&["sin"], Function::Trigonometric(Trigonometric::Sin), 1, 1),
    (&["cos"], Function::Trigonometric(Trigonometric::Cos), 1, 1),
    (&["tan"], Function::Trigonometric(Trigonometric::Tan), 1, 1),
    (&["asin", "arcsin"], Function::Asin, 1, 1),
    (&["acos", "arccos"], Function::Acos, 1, 1),
    (&["atan", "arctan"], Function::Atan, 1, 1),
    (&["atan2"], Function::Atan2, 2, 2),
    (&["sinh"], Function::Hyperbolic(Trigonometric::Sin), 1, 1),
    (&["cosh"], Function::Hyperbolic(Trigonometric::Cos), 1, 1),
    (&["tanh"], Function::Hyperbolic(Trigonometric::Tan), 1, 1),
    (&["degrees"], Function::Degrees, 1, 1),
    (&["radians"], Function::Radians, 1, 1),
    (&["hypot"], Function::Hypot, 2, 2),
    (&["abs"], Function::Abs, 1, 1),
    (&["sign", "sgn"], Function::Sign, 1, 1),
    (&["round"], Function::Round(Rounding::HalfAway), 1, 2),
    (&["floor"], Function::Round(Rounding::Down), 1, 2),
    (&["ceil", "ceiling"], Function::Round(Rounding::Up), 1, 2),
    (&["trunc", "int"], Function::Round(Rounding::ToZero), 1, 2),
    (&["min", "minimum"], Function::Min, 1, MANY),
    (&["max", "maximum"], Function::Max, 1, MANY),
    (&["sum", "total"], Function::Sum, 1, MANY),
    (&["mean", "avg", "average"], Function::Mean, 1, MANY),
    (&["median"], Function::Median, 1, MANY),
    (&["product", "prod"], Function::Product, 1, MANY),
    (&["factorial", "fact"], Function::Factorial, 1, 1),
    (&["ncr", "comb", "choose", "binomial", "combinations"], Function::Combinations, 2, 2),
    (&["npr", "perm", "permutations"], Function::Permutations, 2, 2),
    (&["gcd", "gcf", "hcf"], Function::Gcd, 1, MANY),
    (&["lcm"], Function::Lcm, 1, MANY),
    (&["mod", "modulo"], Function::Modulo, 2, 2),
];

impl Function {
    pub(crate) fn lookup(name: &str) -> Option<Self> {
        match name {
            "C" => return Some(Self::Combinations),
            "P" => return Some(Self::Permutations),
            _ => {}
        }
        let name = name.to_lowercase();
        TABLE.iter().find(|(names, ..)| names.contains(&name.as_str())).map(|(_, function, ..)| *function)
    }

    fn row(self) -> Option<&'static (&'static [&'static str], Self, usize, usize)> {
        TABLE.iter().find(|(_, function, ..)| *function == self)
    }

    pub(crate) fn name(self) -> &'static str {
        self.row().and_then(|(names, ..)| names.first()).copied().unwrap_or("function")
    }

    pub(crate) fn check_arity(self, count: usize) -> Outcome<()> {
        let Some((_, _, least, most)) = self.row() else { return Ok(()) };
        if (*least..=*most).contains(&count) {
            return Ok(());
        }
        let wanted = match (least, most) {
            (1, 1) => "1 argument".to_owned(),
            (a, &MANY) => format!("at least {a} argument"),
            (a, b) if a == b => format!("{a} arguments"),
            (a, b) => format!("{a} or {b} arguments"),
        };
        let hint =
            if count > *most { "; in a call a comma separates arguments, so write 2480 and not 2,480" } else { "" };
        Err(Fault::syntax(format!("`{}` takes {wanted}, not {count}{hint}", self.name())))
    }

    pub(crate) fn unit_rule(self) -> UnitRule {
        match self {
            Self::Sqrt | Self::Cbrt | Self::Root => UnitRule::Root,
            Self::Trigonometric(_) | Self::Degrees => UnitRule::Angle,
            Self::Abs | Self::Round(_) => UnitRule::Keep,
            Self::Min | Self::Max | Self::Sum | Self::Mean | Self::Median | Self::Hypot => UnitRule::Common,
            _ => UnitRule::Plain,
        }
    }

    /// Work of a call beyond that of its arguments' size, in word operations.
    pub(crate) fn work(self, arguments: &[Number]) -> u64 {
        match self {
            Self::Factorial | Self::Combinations | Self::Permutations => {
                // The count of factors, times the words of the largest result.
                let count = arguments.last().and_then(Number::integer).and_then(|n| u64::try_from(n).ok());
                let count = match (self, arguments) {
                    (Self::Combinations, [n, k]) => n
                        .sub(k)
                        .ok()
                        .and_then(|d| d.integer())
                        .and_then(|d| u64::try_from(d).ok().zip(count).map(|(a, b)| a.min(b))),
                    _ => count,
                };
                // A factorial is a balanced product; the others multiply (and divide) step by step.
                let share = if self == Self::Factorial { 8 } else { 2 };
                count.unwrap_or(0).min(number::MAX_BITS as u64) * (number::MAX_BITS as u64 / 64) / share
            }
            Self::Gcd | Self::Lcm => arguments.iter().map(|n| n.words() * n.words() / 4).sum(),
            Self::Abs | Self::Sign | Self::Min | Self::Max | Self::Sum | Self::Mean => 0,
            _ => 500,
        }
    }

    /// Computes the function of plain numbers, as many as [`Self::check_arity`] allows.
    pub(crate) fn apply(self, arguments: &[Number]) -> Outcome<Number> {
        let missing = || Fault::syntax(format!("`{}` is missing an argument", self.name()));
        let x = arguments.first().ok_or_else(missing)?;
        let second = || arguments.get(1).ok_or_else(missing);
        let real = |result: Outcome<approx::Real>| result.map(Number::Approx);
        let unless_zero = |value: fn(&approx::Real) -> Outcome<approx::Real>| {
            if x.is_exact() && x.is_zero() { Ok(Number::from(0)) } else { real(value(&x.real())) }
        };
        match self {
            Self::Sqrt => x.root(2),
            Self::Cbrt => x.root(3),
            Self::Root => x.root(degree(second()?)?),
            Self::Power => x.power(second()?),
            Self::Exp if x.is_exact() && x.is_zero() => Ok(Number::from(1)),
            Self::Exp => real(approx::exp(&x.real())),
            Self::Ln if x.compare(&Number::from(1)) == Ordering::Equal => Ok(Number::from(0)),
            Self::Ln => real(approx::ln(&x.real())),
            Self::Log => x.log(arguments.get(1).unwrap_or(&Number::from(10))),
            Self::Log2 => x.log(&Number::from(2)),
            Self::Trigonometric(Trigonometric::Cos) if x.is_exact() && x.is_zero() => Ok(Number::from(1)),
            Self::Trigonometric(_) if x.is_exact() && x.is_zero() => Ok(Number::from(0)),
            Self::Trigonometric(function) => real(approx::trigonometric(function, &x.real())),
            Self::Hyperbolic(function) => real(approx::hyperbolic(function, &x.real())),
            Self::Asin => unless_zero(approx::asin),
            Self::Acos => real(approx::acos(&x.real())),
            Self::Atan => unless_zero(approx::atan),
            Self::Atan2 => real(approx::atan2(&x.real(), &second()?.real())),
            Self::Degrees => x.mul(&Number::from(180))?.div(&Number::Approx(approx::pi())),
            Self::Radians => x.mul(&Number::Approx(approx::pi()))?.div(&Number::from(180)),
            Self::Hypot => x.mul(x)?.add(&second()?.mul(second()?)?)?.root(2),
            Self::Abs => Ok(x.abs()),
            Self::Sign => Ok(Number::from(i64::from(!x.is_zero()) * if x.is_negative() { -1 } else { 1 })),
            Self::Round(rounding) => match arguments.get(1) {
                None => Ok(x.round_to_integer(rounding)),
                Some(places) => {
                    let places = places.integer().and_then(|n| i64::try_from(n).ok());
                    let places = places.filter(|n| n.abs() <= MAX_PLACES).ok_or_else(|| {
                        Fault::limit(format!(
                            "the number of decimals must be whole, from -{MAX_PLACES} to {MAX_PLACES}"
                        ))
                    })?;
                    x.round_to_places(places, rounding)
                }
            },
            Self::Min => Ok(extreme(arguments, Ordering::Less).unwrap_or_else(|| x.clone())),
            Self::Max => Ok(extreme(arguments, Ordering::Greater).unwrap_or_else(|| x.clone())),
            Self::Sum => arguments.iter().try_fold(Number::from(0), |sum, n| sum.add(n)),
            Self::Mean => Self::Sum.apply(arguments)?.div(&Number::from(arguments.len() as i64)),
            Self::Median => median(arguments).ok_or_else(missing)?,
            Self::Product => arguments.iter().try_fold(Number::from(1), |product, n| product.mul(n)),
            Self::Factorial => number::factorial(x),
            Self::Combinations => number::combinations(x, second()?),
            Self::Permutations => number::permutations(x, second()?),
            Self::Gcd => fold_integers(arguments, |a, b| Ok(number::gcd(a, b))),
            Self::Lcm => fold_integers(arguments, |a, b| {
                // The result of every step is checked, so the numbers stay small before the next.
                Number::from(number::lcm(a, b)).mul(&Number::from(1))?.integer().ok_or_else(Fault::too_large)
            }),
            Self::Modulo => x.modulo(second()?),
        }
    }
}

pub(crate) fn degree(n: &Number) -> Outcome<u32> {
    n.integer()
        .and_then(|n| u32::try_from(n).ok())
        .filter(|n| (1..=MAX_DEGREE).contains(n))
        .ok_or_else(|| Fault::math(format!("the degree of a root must be a whole number from 1 to {MAX_DEGREE}")))
}

fn extreme(numbers: &[Number], wanted: Ordering) -> Option<Number> {
    numbers.iter().cloned().reduce(|best, n| if n.compare(&best) == wanted { n } else { best })
}

fn median(numbers: &[Number]) -> Option<Outcome<Number>> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(Number::compare);
    let upper = sorted.get(sorted.len() / 2)?;
    if !sorted.len().is_multiple_of(2) {
        return Some(Ok(upper.clone()));
    }
    let lower = sorted.get(sorted.len() / 2 - 1)?;
    Some(lower.add(upper).and_then(|sum| sum.div(&Number::from(2))))
}

fn fold_integers(numbers: &[Number], step: impl Fn(&IBig, &IBig) -> Outcome<IBig>) -> Outcome<Number> {
    let mut integers = numbers.iter().map(|n| n.integer().ok_or_else(|| Fault::math("this needs whole numbers")));
    let first = integers.next().unwrap_or(Ok(IBig::ZERO))?;
    let first = number::gcd(&first, &IBig::ZERO);
    integers.try_fold(first, |folded, n| step(&folded, &n?)).map(Number::from)
}

/// The known function whose name is nearest, if one is near.
pub(crate) fn suggestion(name: &str) -> Option<&'static str> {
    let name: Vec<char> = name.to_lowercase().chars().take(24).collect();
    let names = TABLE.iter().flat_map(|(names, ..)| names.iter().copied());
    let near = names.map(|known| (distance(&name, known), known)).min()?;
    (near.0 > 0 && near.0 <= 2 && near.0 * 2 < name.len().max(1)).then_some(near.1)
}

/// Levenshtein distance.
fn distance(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (i, cb) in b.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, ca) in row.iter_mut().skip(1).zip(a) {
            let best = (diagonal + usize::from(*ca != cb)).min(*cell + 1).min(left + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}
