/// Why a question about dates has no answer. Every message says what to give instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// The text is no date.
    #[error("`{0}` is not a date; write it as 1969-07-16 or 16 July 1969")]
    NotADate(String),
    /// Day and month could be exchanged.
    #[error("`{text}` can be read as {first} or as {second}; write the one you mean")]
    Ambiguous {
        /// As given.
        text: String,
        /// One reading, in ISO form.
        first: String,
        /// The other.
        second: String,
    },
    /// A year of one or two digits.
    #[error("which century is the year of `{0}`? write it with four digits, as 1969-07-16")]
    ShortYear(String),
    /// A day and a month alone.
    #[error("`{0}` has no year; write it as 1969-07-16")]
    NoYear(String),
    /// Well formed, but not in the calendar.
    #[error("there is no {day} in {month_name} {year}: that month has {last} days")]
    NoSuchDay {
        /// The year.
        year: i16,
        /// The month in words.
        month_name: &'static str,
        /// The day asked for.
        day: i64,
        /// The month's last day.
        last: i8,
    },
    /// A month beyond 12, or 0.
    #[error("`{0}` has no month from 1 to 12; write year-month-day, as 1969-07-16")]
    NoSuchMonth(String),
    /// Outside the years 1 to 9999.
    #[error("only the years 1 to 9999 are known here")]
    OutOfRange,
    /// An hour, minute or second that no day has.
    #[error("`{0}` has no valid time of day; write it as 14:30 or 2:30 pm")]
    NoSuchTime(String),
    /// The weekday beside the date is another one.
    #[error("{date} is a {actual}, not a {given}; leave the weekday out or correct the date")]
    WrongWeekday {
        /// The date in ISO form.
        date: String,
        /// Its weekday.
        actual: &'static str,
        /// The weekday that was given.
        given: &'static str,
    },
    /// A month or a year where a day is needed.
    #[error("`{argument}` needs a {needed}: `{text}` is not exact enough")]
    TooVague {
        /// The argument's name.
        argument: &'static str,
        /// As given.
        text: String,
        /// What is needed: day or month.
        needed: &'static str,
    },
    /// An argument that the operation cannot do without.
    #[error("`{operation}` needs {needed}")]
    Missing {
        /// The operation.
        operation: &'static str,
        /// Which, with an example.
        needed: &'static str,
    },
    /// An argument that the operation would have ignored.
    #[error("`{operation}` takes no `{argument}`, only: {allowed}")]
    Superfluous {
        /// The operation.
        operation: &'static str,
        /// The argument.
        argument: String,
        /// What it takes.
        allowed: String,
    },
    /// An argument of the wrong kind.
    #[error("`{argument}` must be {expected}")]
    Malformed {
        /// The argument.
        argument: &'static str,
        /// What it must be.
        expected: String,
    },
    /// No such time zone.
    #[error("unknown time zone `{0}`; give an IANA name such as Europe/Berlin, or an offset such as UTC+02:00")]
    UnknownZone(String),
    /// One time with an offset, the other without.
    #[error("one of the two times has a UTC offset and the other has none; give both or neither")]
    OneOffset,
    /// The second date of an age or a count is before the first.
    #[error("{later} is before {earlier}; exchange `date` and `date2`")]
    WrongOrder {
        /// What should be the earlier one.
        earlier: String,
        /// What should be the later one.
        later: String,
    },
    /// The fifth Monday of a month with four.
    #[error("{month} has no {weekday} number {n}; `n` counts from 1 to 5, and from the end as -1 to -5")]
    NoSuchWeekday {
        /// The month in ISO form.
        month: String,
        /// The weekday.
        weekday: &'static str,
        /// The number asked for.
        n: i64,
    },
}
