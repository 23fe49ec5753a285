use async_trait::async_trait;
use jiff::{
    ZonedDateTime,
    civil::{Date, DateTime, Time},
};
use serde_json::{Value, json};
use toolwright_protocol::ToolSpec;
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

use crate::{
    Clock, DateError,
    calendar::{self, WEEKDAYS, weekday_name},
    parse::{Precision, When},
    request::{OPERATIONS, Request},
    zone,
};

/// What the model is told, from `tool.md`.
const DESCRIPTION: &str = include_str!("../tool.md");

/// The tool `datetime`. It knows the time from its [`Clock`] and has no effects.
#[derive(Debug)]
pub struct Datetime {
    spec: ToolSpec,
    clock: Clock,
}

impl Datetime {
    /// The tool with the clock that says what "today" and "now" are.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let operations: Vec<_> = OPERATIONS.iter().map(|operation| operation.name).collect();
        let integer = json!({ "type": "integer" });
        let parameters = json!({
            "type": "object",
            "properties": {
                "operation": { "type": "string", "enum": operations },
                "date": { "type": "string", "description": "as 1969-07-16 or 1969-07-16 14:30; left out: today" },
                "date2": { "type": "string" },
                "days": integer,
                "weeks": integer,
                "months": integer,
                "years": integer,
                "business_days": integer,
                "hours": integer,
                "minutes": integer,
                "weekday": { "type": "string", "enum": WEEKDAYS },
                "n": { "type": "integer", "description": "which one of the month; -1: the last" },
                "zone": { "type": "string", "description": "as Europe/Berlin or UTC+02:00" },
                "zone2": { "type": "string" }
            },
            "required": ["operation"],
            "additionalProperties": false
        });
        let spec = ToolSpec {
            name: "datetime".into(),
            description: DESCRIPTION.trim().into(),
            parameters,
            effects: Vec::new(),
        };
        Self { spec, clock }
    }

    /// Answers one question; the arguments are those of the tool.
    ///
    /// # Errors
    /// [`DateError`]: what is wrong, and what to give instead.
    pub fn answer(&self, arguments: &Value) -> Result<String, DateError> {
        let now = self.clock.now();
        let request = Request::new(arguments, &now)?;
        answer(&request, &now)
    }
}

#[async_trait]
impl Tool for Datetime {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Value, _: &CallContext) -> Result<ToolOutput, ToolError> {
        let answer = self.answer(arguments);
        answer.map(Into::into).map_err(|error| ToolError::Respond(format!("error: {error}")))
    }
}

fn answer(request: &Request, now: &ZonedDateTime) -> Result<String, DateError> {
    let day = || request.date("date", Precision::Day).map(|when| when.date);
    Ok(match request.operation.name {
        "today" => {
            let today = in_zone(request, now)?.date();
            format!("{today} ({})", weekday_name(today.weekday()))
        }
        "now" => with_weekday(&in_zone(request, now)?),
        "weekday" => weekday_name(day()?.weekday()).to_owned(),
        "difference" => {
            let end = request.required("date2", "`date2`, the later date, as 1969-07-24")?;
            difference(request.date("date", Precision::Day)?, end)?
        }
        "add" => add(request)?,
        "week_number" => {
            let date = day()?;
            let week = date.iso_week_date();
            // The first days of January may lie in the last week of the year before.
            let of_year = if week.year() == date.year() { String::new() } else { format!(" of {}", week.year()) };
            format!("{}{of_year}", week.week())
        }
        "days_in_month" => request.date("date", Precision::Month)?.date.days_in_month().to_string(),
        "day_of_year" => day()?.day_of_year().to_string(),
        "is_leap_year" => {
            let leap = request.date("date", Precision::Year)?.date.in_leap_year();
            if leap { "yes" } else { "no" }.to_owned()
        }
        "age" => {
            let birth = request.required("date", "`date`, the day of birth, as 1969-07-16")?.date;
            let end = request.date("date2", Precision::Day)?.date;
            if end < birth {
                return Err(DateError::WrongOrder { earlier: birth.to_string(), later: end.to_string() });
            }
            let (years, months, days) = calendar::age(birth, end);
            amounts(&[(years, "year"), (months, "month"), (days, "day")], "day")
        }
        "business_days" => {
            let end = request.required("date2", "`date2`, the day after the last one, as 1969-07-24")?.date;
            calendar::business_days(day()?, end).to_string()
        }
        "next_weekday" => calendar::nearest_weekday(day()?, request.weekday()?, true)?.to_string(),
        "previous_weekday" => calendar::nearest_weekday(day()?, request.weekday()?, false)?.to_string(),
        "nth_weekday" => nth_weekday(request)?,
        "easter" => calendar::easter(request.date("date", Precision::Year)?.date.year())?.to_string(),
        _ => convert(request, now)?,
    })
}

fn in_zone(request: &Request, now: &ZonedDateTime) -> Result<ZonedDateTime, DateError> {
    let Some(name) = request.text("zone")? else { return Ok(now.clone()) };
    Ok(now.with_time_zone(zone::find(name)?))
}

/// `2026-11-24 15:04 (Tuesday), Europe/Berlin (UTC+01:00)`.
fn with_weekday(moment: &ZonedDateTime) -> String {
    let (date, weekday) = (moment.date(), weekday_name(moment.weekday()));
    format!("{date} {} ({weekday}), {}", clock_time(moment.time()), zone::describe(moment))
}

fn clock_time(time: Time) -> String {
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    if second == 0 { format!("{hour:02}:{minute:02}") } else { format!("{hour:02}:{minute:02}:{second:02}") }
}

/// Days as a plain number; with times of day, days to seconds in words.
fn difference(from: When, to: When) -> Result<String, DateError> {
    if from.time.is_none() && to.time.is_none() {
        return Ok(calendar::days_between(from.date, to.date).to_string());
    }
    let civil = |when: When| when.date.to_datetime(when.time.unwrap_or(Time::midnight()));
    let seconds = match (from.offset, to.offset) {
        (None, None) => civil(from).duration_until(civil(to)).as_secs(),
        (Some(a), Some(b)) => {
            let ahead = i64::from(b.seconds()) - i64::from(a.seconds());
            civil(from).duration_until(civil(to)).as_secs() - ahead
        }
        _ => return Err(DateError::OneOffset),
    };
    let size = seconds.abs();
    let parts = [(size / 86_400, "day"), (size / 3600 % 24, "hour"), (size / 60 % 60, "minute"), (size % 60, "second")];
    let text = amounts(&parts, "minute");
    Ok(if seconds < 0 { format!("-({text})") } else { text })
}

/// `2 days, 1 hour`; what is zero is left out.
fn amounts(parts: &[(i64, &str)], smallest: &str) -> String {
    let there: Vec<_> = parts
        .iter()
        .filter(|(amount, _)| *amount != 0)
        .map(|(amount, unit)| format!("{amount} {unit}{}", if *amount == 1 { "" } else { "s" }))
        .collect();
    if there.is_empty() { format!("0 {smallest}s") } else { there.join(", ") }
}

fn add(request: &Request) -> Result<String, DateError> {
    let amount = |argument| request.integer(argument);
    let sum = |large: i64, factor: i64, small: i64| {
        large.checked_mul(factor).and_then(|n| n.checked_add(small)).ok_or(DateError::OutOfRange)
    };
    let months = sum(amount("years")?, 12, amount("months")?)?;
    let days = sum(amount("weeks")?, 7, amount("days")?)?;
    let minutes = sum(amount("hours")?, 60, amount("minutes")?)?;
    let working = amount("business_days")?;
    let given = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
    if !request.operation.arguments.iter().skip(1).any(|argument| given(request.value(argument))) {
        let needed = "at least one of days, weeks, months, years, business_days, hours, minutes; negative to go back";
        return Err(DateError::Missing { operation: "add", needed });
    }
    let when = request.date("date", Precision::Day)?;
    if minutes != 0 && when.time.is_none() {
        let needed = "a time of day in `date` when hours or minutes are added, as 1969-07-16 14:30";
        return Err(DateError::Missing { operation: "add", needed });
    }
    let start = when.date.to_datetime(when.time.unwrap_or(Time::midnight()));
    let moved: DateTime = calendar::add(start, months, days, minutes)?;
    let date = calendar::add_business_days(moved.date(), working)?;
    Ok(match when.time {
        None => date.to_string(),
        Some(_) => format!("{date} {}", clock_time(moved.time())),
    })
}

fn nth_weekday(request: &Request) -> Result<String, DateError> {
    let month: Date = request.date("date", Precision::Month)?.date;
    let (weekday, n) = (request.weekday()?, request.integer("n")?);
    if n == 0 {
        return Err(DateError::Missing {
            operation: "nth_weekday",
            needed: "`n`, as 3 for the third or -1 for the last",
        });
    }
    let found = i8::try_from(n).ok().and_then(|n| month.nth_weekday_of_month(n, weekday).ok());
    let none = || {
        let month = month.strftime("%Y-%m").to_string();
        DateError::NoSuchWeekday { month, weekday: weekday_name(weekday), n }
    };
    Ok(found.ok_or_else(none)?.to_string())
}

fn convert(request: &Request, now: &ZonedDateTime) -> Result<String, DateError> {
    let needed = "`zone2`, the zone to convert to, as Asia/Tokyo";
    let target = request.text("zone2")?.ok_or(DateError::Missing { operation: "convert", needed })?;
    let target = zone::find(target)?;
    let when = request.date("date", Precision::Day)?;
    if request.text("date")?.is_none() {
        return Ok(with_weekday(&now.with_time_zone(target)));
    }
    let needed = "a time of day in `date`, as 1969-07-16 14:30";
    let time = when.time.ok_or(DateError::Missing { operation: "convert", needed })?;
    let source = match (when.offset, request.text("zone")?) {
        (Some(offset), _) => offset.to_time_zone(),
        (None, Some(name)) => zone::find(name)?,
        (None, None) => now.time_zone().clone(),
    };
    let local = source.to_ambiguous_zoned_datetime(when.date.to_datetime(time));
    let doubtful = local.is_ambiguous();
    let moment = local.compatible().map_err(|_| DateError::OutOfRange)?.with_time_zone(target);
    if !(1..=9999).contains(&moment.year()) {
        return Err(DateError::OutOfRange);
    }
    let note = if doubtful {
        "\nnote: clocks change at that time in the first zone; it is missing or comes twice"
    } else {
        ""
    };
    Ok(with_weekday(&moment) + note)
}
