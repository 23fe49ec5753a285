use std::time::SystemTime;

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};

use crate::{DateError, zone};

/// What time it is.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's time in its own zone; in UTC where it has none.
    #[default]
    Real,
    /// Always this moment: for replays and tests.
    Fixed(Box<ZonedDateTime>),
}

impl Clock {
    /// A clock that stands at `moment` in the time zone of this name (`Europe/Berlin`, `UTC+02:00`).
    ///
    /// # Errors
    /// [`DateError::UnknownZone`], [`DateError::OutOfRange`].
    pub fn fixed(moment: SystemTime, zone: &str) -> Result<Self, DateError> {
        let moment = Timestamp::try_from(moment).map_err(|_| DateError::OutOfRange)?;
        Ok(Self::Fixed(Box::new(ZonedDateTime::new(moment, zone::find(zone)?))))
    }

    pub(crate) fn now(&self) -> ZonedDateTime {
        match self {
            Self::Real => {
                let zone = TimeZone::try_system().unwrap_or(TimeZone::UTC);
                ZonedDateTime::new(Timestamp::now(), zone)
            }
            Self::Fixed(moment) => (**moment).clone(),
        }
    }
}
