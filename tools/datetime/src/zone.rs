//! Time zones by name, city or offset.

use jiff::{
    ZonedDateTime,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

use crate::DateError;

/// Parts of the tz database whose names end in a city. `US/Eastern` and its like do not.
const AREAS: [&str; 10] =
    ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// The zone of an IANA name in any case, of a city that gives a zone its name, or of an offset.
pub(crate) fn find(name: &str) -> Result<TimeZone, DateError> {
    let given = name.trim();
    if let Some(offset) = offset(given) {
        return Ok(if offset.is_zero() { TimeZone::UTC } else { offset.to_time_zone() });
    }
    let database = TimeZoneDatabase::bundled();
    let wanted = given.replace(' ', "_");
    if let Ok(zone) = database.get(&wanted) {
        return Ok(zone);
    }
    // Where a city stands in two places of the database, one is an older name of the other.
    let by_city = database.available().find(|zone| {
        let mut parts = zone.as_str().split('/');
        let area = parts.next().unwrap_or_default();
        AREAS.contains(&area) && parts.next_back().is_some_and(|c| c.eq_ignore_ascii_case(&wanted))
    });
    let zone = by_city.and_then(|zone| database.get(zone.as_str()).ok());
    zone.ok_or_else(|| DateError::UnknownZone(given.chars().take(60).collect()))
}

/// The offset that `Z`, `UTC`, `+02:00`, `UTC+2`, `GMT-0530` stand for.
pub(crate) fn offset(text: &str) -> Option<Offset> {
    let text = text.trim().to_ascii_uppercase().replace('−', "-");
    let rest = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")).unwrap_or(&text).trim();
    if (rest.is_empty() && !text.is_empty()) || rest == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, digits) = match rest.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some(parts), _) => parts,
        (None, 1 | 2) => (digits, "0"),
        (None, 4) => digits.split_at_checked(2)?,
        _ => return None,
    };
    if !digits.bytes().all(|b| b.is_ascii_digit() || b == b':') {
        return None;
    }
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    if hours > 18 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// `Europe/Berlin (UTC+01:00)`, `UTC`, `UTC-05:00`.
pub(crate) fn describe(moment: &ZonedDateTime) -> String {
    let seconds = moment.offset().seconds();
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs() / 60);
    let offset = format!("UTC{sign}{:02}:{:02}", size / 60, size % 60);
    match moment.time_zone().iana_name() {
        Some("UTC" | "Etc/UTC") => "UTC".to_owned(),
        Some(name) => format!("{name} ({offset})"),
        None => offset,
    }
}
