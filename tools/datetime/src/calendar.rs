//! What the calendar says, beyond what jiff does.

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime, Weekday},
};

use crate::DateError;

/// The days from Monday.
pub(crate) const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The months from January.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(crate) fn weekday_name(weekday: Weekday) -> &'static str {
    WEEKDAYS.get(weekday.to_monday_zero_offset() as usize).copied().unwrap_or_default()
}

/// The date of a year, month and day that were written down.
pub(crate) fn date(year: i64, month: i64, day: i64) -> Result<Date, DateError> {
    let year = i16::try_from(year).ok().filter(|year| (1..=9999).contains(year)).ok_or(DateError::OutOfRange)?;
    let out_of_range = |_| DateError::OutOfRange;
    let first = Date::new(year, i8::try_from(month).map_err(|_| DateError::OutOfRange)?, 1).map_err(out_of_range)?;
    let last = first.days_in_month();
    let exact = i8::try_from(day).ok().and_then(|day| Date::new(year, first.month(), day).ok());
    let month_name = MONTHS.get(first.month().unsigned_abs() as usize - 1).copied().unwrap_or_default();
    exact.ok_or(DateError::NoSuchDay { year, month_name, day, last })
}

/// Adds months, then days, then minutes. A day that the month reached does not have becomes its last one, so 31 January
/// and a month are 28 or 29 February.
pub(crate) fn add(start: DateTime, months: i64, days: i64, minutes: i64) -> Result<DateTime, DateError> {
    let checked = || {
        let moved = start.checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
        let moved = moved.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        let moved = moved.checked_add(jiff::Span::new().try_minutes(minutes).ok()?).ok()?;
        (1..=9999).contains(&moved.year()).then_some(moved)
    };
    checked().ok_or(DateError::OutOfRange)
}

/// Days from `from` up to, not including, `to` that are no Saturday or Sunday; negative if `to` is earlier.
pub(crate) fn business_days(from: Date, to: Date) -> i64 {
    if to < from {
        return -business_days(to, from);
    }
    let days = i64::from(days_between(from, to));
    let first = i64::from(from.weekday().to_monday_zero_offset());
    let rest = (0..days % 7).filter(|day| (first + day) % 7 < 5).count() as i64;
    days / 7 * 5 + rest
}

/// The `n`-th working day after `start`, or before it for a negative `n`.
pub(crate) fn add_business_days(start: Date, n: i64) -> Result<Date, DateError> {
    let weekday = i64::from(start.weekday().to_monday_zero_offset());
    // From a weekend, count from the working day that lies on the far side of the direction.
    let (shift, weekday) = match (n.signum(), weekday) {
        (0, _) => return Ok(start),
        (1, 5..) => (4 - weekday, 4),
        (-1, 5..) => (7 - weekday, 0),
        _ => (0, weekday),
    };
    let (weeks, rest) = (n / 5, n % 5);
    let over_a_weekend = if !(0..5).contains(&(weekday + rest)) { 2 * n.signum() } else { 0 };
    let days = weeks.checked_mul(7).and_then(|days| days.checked_add(rest + over_a_weekend + shift));
    let days = days.ok_or(DateError::OutOfRange)?;
    Ok(add(start.at(0, 0, 0, 0), 0, days, 0)?.date())
}

pub(crate) fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// Whole years, then whole months, then days from one date to a later one. Who was born on 29 February becomes a year
/// older on 1 March of a common year.
pub(crate) fn age(from: Date, to: Date) -> (i64, i64, i64) {
    let mut months = (i64::from(to.year()) - i64::from(from.year())) * 12 + i64::from(to.month() - from.month());
    if to.day() < from.day() {
        months -= 1;
    }
    let anniversary = from.checked_add(months.months()).unwrap_or(from);
    (months / 12, months % 12, i64::from(days_between(anniversary, to)))
}

/// The first such weekday after `date`, or the last before it.
pub(crate) fn nearest_weekday(date: Date, weekday: Weekday, after: bool) -> Result<Date, DateError> {
    let days = if after { date.weekday().until(weekday) } else { -date.weekday().since(weekday) };
    let days = match i64::from(days) {
        0 if after => 7,
        0 => -7,
        days => days,
    };
    Ok(add(date.at(0, 0, 0, 0), 0, days, 0)?.date())
}

/// Easter Sunday of the western churches: the "anonymous" Gregorian algorithm (Nature, 1876; Meeus, Astronomical
/// Algorithms, chapter 8).
pub(crate) fn easter(year: i16) -> Result<Date, DateError> {
    let year = i64::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    date(year, n / 31, n % 31 + 1)
}
