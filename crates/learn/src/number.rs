//! Numbers as they are calculated with and as people write them.

use crate::Draw;

const ONES: &str = "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen\
                    |seventeen|eighteen|nineteen";
const TENS: &str = "||twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety";

/// English words for a number below a million.
#[must_use]
pub fn words(number: u32) -> String {
    let one = |list: &'static str, at: u32| list.split('|').nth(at as usize).unwrap_or_default();
    let behind = |rest: u32, link: &str| if rest == 0 { String::new() } else { format!("{link}{}", words(rest)) };
    match number {
        0..20 => one(ONES, number).to_owned(),
        20..100 => format!("{}{}", one(TENS, number / 10), behind(number % 10, "-")),
        100..1000 => format!("{} hundred{}", one(ONES, number / 100), behind(number % 100, " and ")),
        _ => format!("{} thousand{}", words(number / 1000), behind(number % 1000, " ")),
    }
}

/// The shortest decimal text of a number that a generator drew; at most six decimals.
#[must_use]
pub fn plain(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// How readily a text spells numbers out, and sets thousands apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manner {
    /// Probability of words for a number that people say in words.
    pub spells: f64,
    /// Probability of `12,345` for a long one.
    pub groups: f64,
}

impl Manner {
    /// One for a whole text: who spells out one number mostly spells out the next.
    #[must_use]
    pub fn draw(draw: &mut Draw) -> Self {
        let spells = if draw.chance(0.12) { 0.7 } else { 0.02 };
        Self { spells, groups: f64::from(u8::from(draw.chance(0.3))) }
    }

    /// A plain number in this manner.
    pub fn show(self, plain: &str, draw: &mut Draw) -> String {
        let Ok(number) = plain.parse::<u32>() else { return plain.to_owned() };
        let short_to_say = number <= 20 || number < 100 && number % 5 == 0 || number < 100_000 && number % 100 == 0;
        let likely = if short_to_say {
            self.spells
        } else if number < 1000 {
            self.spells / 3.0
        } else {
            0.0
        };
        if draw.chance(likely) {
            return words(number);
        }
        // Most numbers around 1900 in a text are years.
        let may_be_year = (1500..2100).contains(&number);
        if number >= 1000 && !may_be_year && draw.chance(self.groups) { grouped(plain) } else { plain.to_owned() }
    }
}

/// `12,345` for `12345`.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An integer whose logarithm is uniform, so that every length is met equally often, with a liking for round ones.
pub fn integer(draw: &mut Draw, low: i64, high: i64) -> i64 {
    let drawn = draw.real((low.max(1) as f64).ln(), ((high + 1) as f64).ln()).exp();
    let mut value = drawn as i64;
    if draw.chance(0.3) {
        let digits = (value as f64).log10().floor().max(0.0);
        let unit = 10f64.powf((digits - if draw.chance(0.6) { 1.0 } else { 0.0 }).max(0.0)) as i64;
        value = value / unit * unit;
    }
    value.clamp(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelt_as_in_english() {
        for (number, text) in [
            (0, "zero"),
            (13, "thirteen"),
            (40, "forty"),
            (99, "ninety-nine"),
            (100, "one hundred"),
            (315, "three hundred and fifteen"),
            (12_000, "twelve thousand"),
            (704_021, "seven hundred and four thousand twenty-one"),
        ] {
            assert_eq!(words(number), text);
        }
    }

    #[test]
    fn plain_numbers_have_no_noise() {
        assert_eq!(plain(110.00000000000001), "110");
        assert_eq!(plain(0.1 + 0.2), "0.3");
        assert_eq!(plain(-0.0000001), "0");
        assert_eq!(grouped("1234567"), "1,234,567");
        assert_eq!(grouped("123"), "123");
    }

    #[test]
    fn integers_stay_in_their_range_and_meet_every_length() {
        let mut draw = Draw::new(1, "numbers", 0);
        let drawn: Vec<_> = (0..5000).map(|_| integer(&mut draw, 2, 99_999)).collect();
        assert!(drawn.iter().all(|value| (2..=99_999).contains(value)));
        for length in 1..=5 {
            let count = drawn.iter().filter(|value| value.to_string().len() == length).count();
            assert!(count > 400, "{length}: {count}");
        }
        let manner = Manner { spells: 1.0, groups: 1.0 };
        assert_eq!(manner.show("40", &mut draw), "forty");
        assert_eq!(manner.show("12345", &mut draw), "12,345");
        assert_eq!(manner.show("1.5", &mut draw), "1.5");
    }
}
