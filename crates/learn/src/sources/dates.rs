//! Questions about dates, answered by the real calendar.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toolwright_datetime::{Clock, Datetime};

use crate::{
    Call, Cast, Draw, Episode, Gold, Names,
    phrasing::{DateQuestion, Entry, draw_slots, fill},
    sources::{Offered, Source},
};

/// Date questions, of which each episode takes one.
pub struct Dates {
    questions: Vec<DateQuestion>,
}

/// A day as it is calculated with and as somebody wrote it.
struct Day {
    iso: String,
    written: String,
}

impl Dates {
    /// The date questions among these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let questions = entries.into_iter().filter_map(|entry| match entry {
            Entry::Date(question) => Some(question),
            _ => None,
        });
        Self { questions: questions.collect() }
    }
}

impl Source for Dates {
    fn name(&self) -> &'static str {
        "dates"
    }

    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        if self.questions.is_empty() {
            return None;
        }
        let question = draw.pick(&self.questions);
        let values = draw_slots(&question.slots, None, draw)?;
        let cast = Cast::draw(names, draw);
        // Both days of a question are written in one manner; the first is the earlier one.
        let manner = draw.int(0, 5);
        let today = draw.int(18_000, 22_500);
        let long_ago = draw.chance(0.15);
        let earlier = draw.int(if long_ago { -40_000 } else { 9_000 }, 21_500);
        let near = draw.chance(0.7);
        let later = earlier + draw.int(1, if near { 400 } else { 9_000 });
        let days = BTreeMap::from([("date", Day::new(earlier, manner)), ("date2", Day::new(later, manner))]);
        let calculated = |slot: &str| {
            let number = values.get(slot).map(|value| crate::number::plain(*value));
            number.or_else(|| days.get(slot).map(|day| day.iso.clone()))
        };
        let arguments = filled(&question.arguments, &calculated)?;
        let result = Datetime::new(clock(today)).answer(&arguments).ok()?;
        // The answer names the result as a sentence would: without the weekday that the tool adds to a date.
        let told = result.split(" (").next().unwrap_or(&result).to_owned();
        let written = |slot: &str| match slot {
            "=" => Some(told.clone()),
            slot => days
                .get(slot)
                .map(|day| day.written.clone())
                .or_else(|| values.get(slot).map(|value| crate::number::plain(*value)))
                .or_else(|| cast.get(slot).map(str::to_owned)),
        };
        let way = (None, Call { tool: question.tool.clone(), arguments }, result);
        let tools = tools.with(Some(&question.tool), draw);
        let (asked, answer) = (fill(&question.text, &written), fill(&question.answer, &written));
        Some(Episode::with_call(self.name(), tools, asked, way, answer).measured_by(Gold::Text(told.clone())))
    }
}

/// A clock that stands at noon of this day since 1970, in UTC.
fn clock(day: i64) -> Clock {
    let moment = std::time::UNIX_EPOCH + std::time::Duration::from_secs((day.max(0) as u64) * 86_400 + 43_200);
    // UTC is a zone everywhere.
    Clock::fixed(moment, "UTC").unwrap_or_default()
}

impl Day {
    /// The day with this number since 1970-01-01, written in one of six manners.
    fn new(number: i64, manner: i64) -> Self {
        let date = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(number));
        let (year, day) = (date.year(), date.day());
        let name = date.strftime("%B").to_string();
        let iso = date.to_string();
        let written = match manner {
            0 => iso.clone(),
            1 => format!("{day} {name} {year}"),
            2 => format!("{name} {day}, {year}"),
            3 => format!("{} {} {year}", day, date.strftime("%b")),
            4 => format!("{name} {day}{}, {year}", ordinal(day)),
            _ => format!("the {day}{} of {name} {year}", ordinal(day)),
        };
        Self { iso, written }
    }
}

fn ordinal(day: i8) -> &'static str {
    match (day % 10, day % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

/// The arguments with their slots filled; what is a number then becomes one.
fn filled(arguments: &Value, of: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    let object = arguments.as_object()?;
    let mut out = Map::new();
    for (key, value) in object {
        let value = match value.as_str() {
            Some(text) if text.contains('{') => {
                let text = fill(text, of);
                text.parse::<i64>().map_or(Value::from(text), Value::from)
            }
            _ => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    Some(Value::Object(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (number, iso) in [(0, "1970-01-01"), (-1, "1969-12-31"), (11_016, "2000-02-29"), (-40_000, "1860-06-26")] {
            assert_eq!(Day::new(number, 0).iso, iso);
        }
        let written: Vec<_> = (0..6).map(|manner| Day::new(20_421, manner).written).collect();
        assert_eq!(
            written,
            [
                "2025-11-29",
                "29 November 2025",
                "November 29, 2025",
                "29 Nov 2025",
                "November 29th, 2025",
                "the 29th of November 2025"
            ]
        );
    }
}
