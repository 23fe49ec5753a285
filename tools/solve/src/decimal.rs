//! Decimals for the reader.

use dashu::{integer::IBig, rational::RBig};

use crate::number::{absolute, denominator, fraction, is_negative};

/// A value to ten significant digits, in plain notation where that is short.
pub(crate) fn decimal(x: &RBig) -> String {
    if x.is_zero() {
        return "0".into();
    }
    // The place of the leading digit, from the lengths of numerator and denominator, then corrected.
    let size = absolute(x);
    let ten = RBig::from(10);
    let length = |n: &IBig| n.to_string().trim_start_matches('-').len() as i64;
    let mut place = length(size.numerator()) - length(&denominator(&size));
    let scaled = |places: i64| -> RBig {
        let power = RBig::from(IBig::from(10).pow(usize::try_from(places.unsigned_abs()).unwrap_or(0)));
        if places >= 0 { &size * power } else { &size / power }
    };
    while scaled(-place) >= ten {
        place += 1;
    }
    while scaled(-place) < RBig::ONE {
        place -= 1;
    }
    let mut digits = (scaled(9 - place) + fraction(1, 2)).floor().to_string();
    if digits.len() > 10 {
        place += 1;
        digits.pop();
    }
    let sign = if is_negative(x) { "-" } else { "" };
    let trim = |text: &str| text.trim_end_matches('0').to_owned();
    if !(-7..15).contains(&place) {
        let (first, rest) = digits.split_at(1);
        let rest = trim(rest);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}e{place}");
    }
    if place < 0 {
        let zeros = "0".repeat(usize::try_from(-place - 1).unwrap_or(0));
        return format!("{sign}0.{zeros}{}", trim(&digits));
    }
    let whole = usize::try_from(place + 1).unwrap_or(1);
    if whole >= digits.len() {
        return format!("{sign}{digits}{}", "0".repeat(whole - digits.len()));
    }
    let (front, back) = digits.split_at(whole);
    let back = trim(back);
    if back.is_empty() { format!("{sign}{front}") } else { format!("{sign}{front}.{back}") }
}
