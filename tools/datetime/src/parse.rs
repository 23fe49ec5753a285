//! Dates as people write them.

use jiff::{
    ZonedDateTime,
    civil::{Date, ISOWeekDate, Time, Weekday},
    tz::Offset,
};

use crate::{
    DateError,
    calendar::{self, MONTHS, WEEKDAYS},
    zone,
};

/// Characters of the longest date.
const MAX_TEXT: usize = 80;

/// How exact a date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precision {
    Year,
    Month,
    Day,
}

/// A date, with a time of day and an offset where they were given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct When {
    /// The first day of a month or a year that was given alone.
    pub date: Date,
    pub precision: Precision,
    pub time: Option<Time>,
    pub offset: Option<Offset>,
}

impl When {
    pub(crate) fn day(date: Date) -> Self {
        Self { date, precision: Precision::Day, time: None, offset: None }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Digits(String),
    Word(String),
    Sign(char),
}

/// Reads a date; words such as `today` are relative to `now`.
pub(crate) fn parse(text: &str, now: &ZonedDateTime) -> Result<When, DateError> {
    let shown: String = text.trim().chars().take(MAX_TEXT).collect();
    if text.trim().chars().count() > MAX_TEXT {
        return Err(DateError::NotADate(shown + "…"));
    }
    let mut tokens = tokens(&shown);
    let reader = Reader { text: &shown, now };
    let (time, offset) = reader.take_time(&mut tokens)?;
    let weekday = take_weekday(&mut tokens);
    tokens.retain(|token| !is_noise(token));
    let mut when = reader.date(&tokens, time.is_some())?;
    if let Some(given) = weekday {
        let actual = when.date.weekday();
        if when.precision < Precision::Day {
            return Err(DateError::NotADate(shown));
        }
        if actual != given {
            let (actual, given) = (calendar::weekday_name(actual), calendar::weekday_name(given));
            return Err(DateError::WrongWeekday { date: when.date.to_string(), actual, given });
        }
    }
    if time.is_some() && when.precision < Precision::Day {
        return Err(DateError::NotADate(shown));
    }
    when.time = time.or(when.time);
    when.offset = offset;
    Ok(when)
}

/// Reads the name of a weekday, whole or its first letters.
pub(crate) fn weekday(word: &str) -> Option<Weekday> {
    let index = by_prefix(&WEEKDAYS, word)?;
    Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()
}

fn by_prefix(names: &[&str], word: &str) -> Option<usize> {
    let word = if word == "sept" { "sep" } else { word };
    let fits = |name: &&str| {
        let start = name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        // `mon`, `tues`, `thurs`, `jan`; not `mo` or `j`, which are several.
        start && (word.len() == name.len() || (3..=5).contains(&word.len()))
    };
    names.iter().position(fits)
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut previous = ' ';
    for c in text.chars() {
        match tokens.last_mut() {
            Some(Token::Digits(digits)) if c.is_ascii_digit() && previous.is_ascii_digit() => digits.push(c),
            Some(Token::Word(word)) if c.is_alphabetic() && previous.is_alphabetic() => word.extend(c.to_lowercase()),
            _ if c.is_ascii_digit() => tokens.push(Token::Digits(c.into())),
            _ if c.is_alphabetic() => tokens.push(Token::Word(c.to_lowercase().collect())),
            _ if c.is_whitespace() => {}
            _ => tokens.push(Token::Sign(if matches!(c, '−' | '–' | '‑') { '-' } else { c })),
        }
        previous = c;
    }
    // `16th` is 16.
    let mut after_digits = false;
    tokens.retain(|token| {
        let suffix = matches!(token, Token::Word(w) if matches!(w.as_str(), "st" | "nd" | "rd" | "th"));
        let keep = !(suffix && after_digits);
        after_digits = matches!(token, Token::Digits(_));
        keep
    });
    tokens
}

fn is_noise(token: &Token) -> bool {
    match token {
        Token::Sign(c) => matches!(c, ',' | '(' | ')'),
        Token::Word(word) => matches!(word.as_str(), "the" | "of" | "on" | "at" | "t"),
        Token::Digits(_) => false,
    }
}

fn take_weekday(tokens: &mut Vec<Token>) -> Option<Weekday> {
    let found = tokens.iter().enumerate().find_map(|(index, token)| match token {
        Token::Word(word) => weekday(word).map(|weekday| (index, weekday)),
        _ => None,
    });
    let (index, weekday) = found?;
    tokens.remove(index);
    if tokens.get(index) == Some(&Token::Sign('.')) {
        tokens.remove(index);
    }
    Some(weekday)
}

struct Reader<'a> {
    text: &'a str,
    now: &'a ZonedDateTime,
}

impl Reader<'_> {
    fn not_a_date(&self) -> DateError {
        DateError::NotADate(self.text.to_owned())
    }

    fn number(&self, digits: &str) -> Result<i64, DateError> {
        digits.parse().map_err(|_| self.not_a_date())
    }

    /// Takes the time of day out of the tokens, with the offset behind it.
    fn take_time(&self, tokens: &mut Vec<Token>) -> Result<(Option<Time>, Option<Offset>), DateError> {
        use Token::{Digits, Sign, Word};
        let half_of_day = |token: Option<&Token>| match token {
            Some(Word(word)) if word == "am" => Some(0),
            Some(Word(word)) if word == "pm" => Some(12),
            _ => None,
        };
        let place = (0..tokens.len()).find(|&at| match tokens.get(at..).unwrap_or_default() {
            [Digits(_), Sign(':'), Digits(_), ..] => true,
            [Digits(_), word, ..] => half_of_day(Some(word)).is_some(),
            [Word(word), ..] => word == "noon" || word == "midnight",
            _ => false,
        });
        let Some(at) = place else { return Ok((None, None)) };
        let rest = tokens.get(at..).unwrap_or_default();
        let (mut hour, minute, second, mut length) = match rest {
            [Word(word), ..] => (if word == "noon" { 12 } else { 0 }, 0, 0, 1),
            [Digits(h), Sign(':'), Digits(m), Sign(':'), Digits(s), Sign('.'), Digits(_), ..] => {
                (self.number(h)?, self.number(m)?, self.number(s)?, 7)
            }
            [Digits(h), Sign(':'), Digits(m), Sign(':'), Digits(s), ..] => {
                (self.number(h)?, self.number(m)?, self.number(s)?, 5)
            }
            [Digits(h), Sign(':'), Digits(m), ..] => (self.number(h)?, self.number(m)?, 0, 3),
            [Digits(h), ..] => (self.number(h)?, 0, 0, 1),
            _ => return Ok((None, None)),
        };
        let no_such_time = || DateError::NoSuchTime(self.text.to_owned());
        if let Some(half) = half_of_day(rest.get(length)) {
            if !(1..=12).contains(&hour) {
                return Err(no_such_time());
            }
            hour = hour % 12 + half;
            length += 1;
        }
        let (offset, taken) = self.offset(rest.get(length..).unwrap_or_default())?;
        let part = |n: i64| i8::try_from(n).map_err(|_| no_such_time());
        let time = Time::new(part(hour)?, part(minute)?, part(second)?, 0).map_err(|_| no_such_time())?;
        tokens.drain(at..at + length + taken);
        Ok((Some(time), offset))
    }

    /// `Z`, `UTC`, `+02:00`, `UTC-5` at the beginning of the tokens, and how many of them it takes.
    fn offset(&self, tokens: &[Token]) -> Result<(Option<Offset>, usize), DateError> {
        use Token::{Digits, Sign, Word};
        let (name, rest) = match tokens {
            [Word(word), rest @ ..] if matches!(word.as_str(), "z" | "utc" | "gmt") => (1, rest),
            _ => (0, tokens),
        };
        let (written, taken) = match rest {
            [Sign(sign @ ('+' | '-')), Digits(h), Sign(':'), Digits(m), ..] => (format!("{sign}{h}:{m}"), 4),
            [Sign(sign @ ('+' | '-')), Digits(h), ..] => (format!("{sign}{h}"), 2),
            _ if name == 1 => return Ok((Some(Offset::UTC), 1)),
            _ => return Ok((None, 0)),
        };
        let offset = zone::offset(&written).ok_or(DateError::UnknownZone(written))?;
        Ok((Some(offset), name + taken))
    }

    fn date(&self, tokens: &[Token], has_time: bool) -> Result<When, DateError> {
        use Token::{Digits, Sign, Word};
        let today = self.now.date();
        let relative = |days| calendar::add(today.at(0, 0, 0, 0), 0, days, 0).map(|moved| When::day(moved.date()));
        match tokens {
            [] if has_time => Ok(When::day(today)),
            [Word(word)] if word == "today" => Ok(When::day(today)),
            [Word(word)] if word == "tomorrow" => relative(1),
            [Word(word)] if word == "yesterday" => relative(-1),
            [Word(word)] if word == "now" => {
                let time = Time::new(self.now.hour(), self.now.minute(), self.now.second(), 0).ok();
                Ok(When { time, ..When::day(today) })
            }
            [Sign('-'), Digits(_), ..] => Err(DateError::OutOfRange),
            [Digits(year)] if year.len() == 4 => self.vague(year, 1, Precision::Year),
            [Digits(d)] if d.len() == 8 => self.parts(&d[..4], &d[4..6], &d[6..]),
            [Digits(year), Sign('-'), Word(w), Digits(week), rest @ ..] if w == "w" => self.week(year, week, rest),
            [Digits(year), Word(w), Digits(week)] if w == "w" => self.week(year, week, &[]),
            [Digits(year), Sign(_), Digits(month)] if year.len() == 4 => {
                self.vague(year, self.month(month)?, Precision::Month)
            }
            [Digits(month), Sign('/' | '-'), Digits(year)] if year.len() == 4 => {
                self.vague(year, self.month(month)?, Precision::Month)
            }
            [Digits(a), Sign(first), Digits(b), Sign(second), Digits(c)] if first == second => {
                self.numeric(*first, a, b, c)
            }
            _ => self.english(tokens),
        }
    }

    fn vague(&self, year: &str, month: i64, precision: Precision) -> Result<When, DateError> {
        let date = calendar::date(self.number(year)?, month, 1)?;
        Ok(When { precision, ..When::day(date) })
    }

    fn month(&self, digits: &str) -> Result<i64, DateError> {
        let month = self.number(digits)?;
        if (1..=12).contains(&month) { Ok(month) } else { Err(DateError::NoSuchMonth(self.text.to_owned())) }
    }

    fn parts(&self, year: &str, month: &str, day: &str) -> Result<When, DateError> {
        if year.len() < 3 {
            return Err(DateError::ShortYear(self.text.to_owned()));
        }
        calendar::date(self.number(year)?, self.month(month)?, self.number(day)?).map(When::day)
    }

    /// `2026-W48`, `2026-W48-2`.
    fn week(&self, year: &str, week: &str, rest: &[Token]) -> Result<When, DateError> {
        let day = match rest {
            [] => 1,
            [Token::Sign('-'), Token::Digits(day)] => self.number(day)?,
            _ => return Err(self.not_a_date()),
        };
        let small = |n: i64| i8::try_from(n).map_err(|_| self.not_a_date());
        let weekday = Weekday::from_monday_one_offset(small(day)?).map_err(|_| self.not_a_date())?;
        let year = i16::try_from(self.number(year)?).map_err(|_| DateError::OutOfRange)?;
        let date = ISOWeekDate::new(year, small(self.number(week)?)?, weekday).map_err(|_| self.not_a_date())?.date();
        if (1..=9999).contains(&date.year()) { Ok(When::day(date)) } else { Err(DateError::OutOfRange) }
    }

    /// Three numbers. A year first means year, month, day; dots mean day, month, year; with strokes the order is the
    /// writer's secret unless a number above 12 gives it away.
    fn numeric(&self, separator: char, a: &str, b: &str, c: &str) -> Result<When, DateError> {
        if !matches!(separator, '-' | '/' | '.') {
            return Err(self.not_a_date());
        }
        if a.len() >= 3 {
            return self.parts(a, b, c);
        }
        let (first, second) = (self.number(a)?, self.number(b)?);
        if separator == '.' || first > 12 || first == second {
            return self.parts(c, b, a);
        }
        if second > 12 {
            return self.parts(c, a, b);
        }
        let (day_first, month_first) = (self.parts(c, b, a)?.date, self.parts(c, a, b)?.date);
        let (first, second) = (day_first.to_string(), month_first.to_string());
        Err(DateError::Ambiguous { text: self.text.to_owned(), first, second })
    }

    /// A month's name with a day and a year in the usual orders.
    fn english(&self, tokens: &[Token]) -> Result<When, DateError> {
        use Token::{Digits, Sign, Word};
        let words: Vec<&Token> = tokens.iter().filter(|token| !matches!(token, Sign('-' | '.' | '/'))).collect();
        let named =
            |word: &str| by_prefix(&MONTHS, word).map(|month| (month + 1).to_string()).ok_or_else(|| self.not_a_date());
        match words.as_slice() {
            [Digits(year), Word(month), Digits(day)] if year.len() >= 3 => self.parts(year, &named(month)?, day),
            [Digits(day), Word(month), Digits(year)] | [Word(month), Digits(day), Digits(year)] => {
                self.parts(year, &named(month)?, day)
            }
            [Digits(year), Word(month)] | [Word(month), Digits(year)] if year.len() >= 3 => {
                let month = self.month(&named(month)?)?;
                self.vague(year, month, Precision::Month)
            }
            [Digits(_), Word(month)] | [Word(month), Digits(_)] => {
                named(month)?;
                Err(DateError::NoYear(self.text.to_owned()))
            }
            _ => Err(self.not_a_date()),
        }
    }
}
