//! The calendar: weekdays, differences, dates.
