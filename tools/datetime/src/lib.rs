//! The calendar: weekdays, differences, sums, week numbers, ages, working days, Easter, time zones.
//!
//! Dates are those of the proleptic Gregorian calendar, years 1 to 9999. They are read in ISO form and in the usual
//! English ones; a date that can be read in two ways is refused, not guessed. What "today" is comes from a [`Clock`]
//! that is handed in, so that a run can be replayed. Time zones are those of the bundled tz database: the same on every
//! machine.

mod calendar;
mod clock;
mod error;
mod parse;
mod request;
mod tool;
mod zone;

pub use clock::Clock;
pub use error::DateError;
pub use tool::Datetime;
