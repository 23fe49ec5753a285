//! The arguments of one call.

use jiff::{ZonedDateTime, civil::Weekday};
use serde_json::Value;

use crate::{
    DateError,
    parse::{self, Precision, When},
};

/// An operation, and the arguments that it takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    pub name: &'static str,
    pub arguments: &'static [&'static str],
}

/// Every operation, in the order in which the model is told of them.
pub(crate) const OPERATIONS: &[Operation] = &[
    Operation { name: "today", arguments: &["zone"] },
    Operation { name: "now", arguments: &["zone"] },
    Operation { name: "weekday", arguments: &["date"] },
    Operation { name: "difference", arguments: &["date", "date2"] },
    Operation {
        name: "add",
        arguments: &["date", "days", "weeks", "months", "years", "business_days", "hours", "minutes"],
    },
    Operation { name: "week_number", arguments: &["date"] },
    Operation { name: "days_in_month", arguments: &["date"] },
    Operation { name: "day_of_year", arguments: &["date"] },
    Operation { name: "is_leap_year", arguments: &["date"] },
    Operation { name: "age", arguments: &["date", "date2"] },
    Operation { name: "business_days", arguments: &["date", "date2"] },
    Operation { name: "next_weekday", arguments: &["date", "weekday"] },
    Operation { name: "previous_weekday", arguments: &["date", "weekday"] },
    Operation { name: "nth_weekday", arguments: &["date", "weekday", "n"] },
    Operation { name: "easter", arguments: &["date"] },
    Operation { name: "convert", arguments: &["date", "zone", "zone2"] },
];

/// The arguments behind their checks.
pub(crate) struct Request<'a> {
    pub operation: &'static Operation,
    arguments: &'a Value,
    now: &'a ZonedDateTime,
}

impl<'a> Request<'a> {
    /// Refuses arguments that the operation would ignore, since the model meant something by them.
    pub(crate) fn new(arguments: &'a Value, now: &'a ZonedDateTime) -> Result<Self, DateError> {
        let names = || OPERATIONS.iter().map(|operation| operation.name).collect::<Vec<_>>().join(", ");
        let name = arguments.get("operation").and_then(Value::as_str).unwrap_or_default();
        let operation = OPERATIONS.iter().find(|operation| operation.name == name);
        let operation = operation
            .ok_or_else(|| DateError::Malformed { argument: "operation", expected: format!("one of {}", names()) })?;
        for (key, value) in arguments.as_object().into_iter().flatten() {
            if key != "operation" && !operation.arguments.contains(&key.as_str()) && !is_blank(value) {
                let (operation, allowed) = (operation.name, operation.arguments.join(", "));
                return Err(DateError::Superfluous { operation, argument: key.clone(), allowed });
            }
        }
        Ok(Self { operation, arguments, now })
    }

    /// The argument as it came.
    pub(crate) fn value(&self, argument: &str) -> Option<&'a Value> {
        self.arguments.get(argument)
    }

    pub(crate) fn text(&self, argument: &'static str) -> Result<Option<&'a str>, DateError> {
        match self.arguments.get(argument) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            None | Some(Value::Null | Value::String(_)) => Ok(None),
            Some(_) => Err(DateError::Malformed { argument, expected: "a text".into() }),
        }
    }

    /// The date of an argument, as exact as `needed` or more; today where there is none.
    pub(crate) fn date(&self, argument: &'static str, needed: Precision) -> Result<When, DateError> {
        let Some(text) = self.text(argument)? else { return Ok(When::day(self.now.date())) };
        let when = parse::parse(text, self.now)?;
        if when.precision < needed {
            let needed = if needed == Precision::Day { "day" } else { "month" };
            return Err(DateError::TooVague { argument, text: text.trim().to_owned(), needed });
        }
        Ok(when)
    }

    /// The same where today is no sensible guess.
    pub(crate) fn required(&self, argument: &'static str, example: &'static str) -> Result<When, DateError> {
        if self.text(argument)?.is_none() {
            return Err(DateError::Missing { operation: self.operation.name, needed: example });
        }
        self.date(argument, Precision::Day)
    }

    /// An integer, 0 where there is none.
    pub(crate) fn integer(&self, argument: &'static str) -> Result<i64, DateError> {
        let value = match self.arguments.get(argument) {
            None | Some(Value::Null) => return Ok(0),
            Some(value) => value,
        };
        // JSON Schema takes 30.0 for an integer.
        let whole = value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 1e15).map(|n| n as i64);
        let number = value.as_i64().or(whole);
        number.ok_or_else(|| DateError::Malformed { argument, expected: "a whole number".into() })
    }

    pub(crate) fn weekday(&self) -> Result<Weekday, DateError> {
        let needed = "`weekday`, as Friday";
        let missing = DateError::Missing { operation: self.operation.name, needed };
        let text = self.text("weekday")?.ok_or(missing)?;
        let expected = || DateError::Malformed { argument: "weekday", expected: "a day, as Friday".into() };
        parse::weekday(text.trim().to_lowercase().as_str()).ok_or_else(expected)
    }
}

/// What a model fills in where it means nothing.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        _ => false,
    }
}
