use dashu::{
    base::{Abs, Sign, UnsignedAbs},
    integer::{IBig, UBig},
    rational::RBig,
};

use crate::{
    approx,
    eval::{Form, Quantity},
    number::{Number, round_half_away},
};

/// Digits of the longest integer that is written out.
const MAX_INTEGER_DIGITS: usize = 60;
/// Decimals of the longest decimal fraction that is written out in full.
const MAX_EXACT_DECIMALS: usize = 12;
/// Decimals of everything else: behind the point, and behind the leading zeros of a number below 1.
const DECIMALS: usize = 10;
/// From here on, a number with an inexact fraction is written with an exponent.
const MAX_APPROX_DIGITS: isize = 20;
/// Leading zeros behind the point from which on a small number is written with an exponent.
const MAX_LEADING_ZEROS: isize = 8;

/// The result as plain text: a number that can be copied into the next expression, then the unit.
pub(crate) fn render(value: &Quantity) -> String {
    let number = match value.form {
        Form::Percent => {
            let hundredfold = match &value.number {
                Number::Exact(x) => Number::Exact(x * RBig::from(100)),
                Number::Approx(x) => {
                    approx::mul(x, &approx::integer(100)).map_or(Number::Approx(x.clone()), Number::Approx)
                }
            };
            return decimal(&hundredfold) + "%";
        }
        Form::Fraction => match &value.number {
            Number::Exact(x) if !x.is_int() => fraction(x).unwrap_or_else(|| decimal(&value.number)),
            _ => decimal(&value.number),
        },
        Form::Decimal => decimal(&value.number),
    };
    if value.unit.is_none() { number } else { format!("{number} {}", value.unit) }
}

fn fraction(x: &RBig) -> Option<String> {
    let text = format!("{}/{}", x.numerator(), x.denominator());
    (text.len() <= MAX_INTEGER_DIGITS).then_some(text)
}

/// Writes a number: integers and short decimals in full, the rest rounded.
pub(crate) fn decimal(number: &Number) -> String {
    let exact = number.is_exact();
    let x = number.rational();
    if x.is_zero() {
        return "0".into();
    }
    let magnitude = approx::magnitude(&number.real());
    if x.is_int() && exact {
        let digits = x.numerator().unsigned_abs().to_string();
        if digits.len() <= MAX_INTEGER_DIGITS {
            return x.numerator().to_string();
        }
        return format!("{} (rounded from {} digits)", scientific(&x, magnitude), digits.len());
    }
    let places = if exact { terminating_decimals(x.denominator()).filter(|k| *k <= MAX_EXACT_DECIMALS) } else { None };
    let most = if exact { MAX_INTEGER_DIGITS as isize } else { MAX_APPROX_DIGITS };
    if magnitude >= most || (places.is_none() && -magnitude - 1 > MAX_LEADING_ZEROS) {
        return scientific(&x, magnitude);
    }
    let leading_zeros = usize::try_from(-magnitude - 1).unwrap_or(0);
    fixed(&x, places.unwrap_or(DECIMALS + leading_zeros))
}

/// How many decimals the fraction has, if they end.
fn terminating_decimals(denominator: &UBig) -> Option<usize> {
    let mut rest = denominator.clone();
    let twos = rest.remove(&UBig::from(2u8)).unwrap_or(0);
    let fives = rest.remove(&UBig::from(5u8)).unwrap_or(0);
    rest.is_one().then_some(twos.max(fives))
}

/// Rounded to `places` decimals, without zeros at the end.
fn fixed(x: &RBig, places: usize) -> String {
    let scaled = round_half_away(&(x * RBig::from(UBig::from(10u8).pow(places))));
    let negative = scaled.sign() == Sign::Negative;
    let digits = format!("{:0>width$}", scaled.unsigned_abs().to_string(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{whole}{point}{fraction}", if negative { "-" } else { "" })
}

/// `1.2345678901e75`.
fn scientific(x: &RBig, magnitude: isize) -> String {
    let power = RBig::from(IBig::from(10).pow(magnitude.unsigned_abs()));
    let mantissa = if magnitude >= 0 { x / power } else { x * power };
    let text = fixed(&mantissa, DECIMALS);
    // 9.99999999999 rounds up to the next power of ten.
    if mantissa.clone().abs() < RBig::from(10) && text.trim_start_matches('-').starts_with("10") {
        return format!("{}e{}", text.replacen("10", "1", 1), magnitude + 1);
    }
    format!("{text}e{magnitude}")
}
