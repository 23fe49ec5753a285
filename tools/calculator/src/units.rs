//! Units. All arithmetic is done here; the fend library serves as the table of units: it is only ever asked for one
//! name, or for the factor between two products of names, in a text of a fixed shape. An expression's own text never
//! reaches its parser, which recurses without a bound.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU32, Ordering},
};

use dashu::{integer::IBig, rational::RBig};

use crate::{
    approx,
    error::{Fault, Outcome},
    number::Number,
};

/// Largest power of one unit.
pub(crate) const MAX_UNIT_POWER: u32 = 12;
/// Different units in one product.
const MAX_UNITS: usize = 8;
/// Letters of the longest unit name.
const MAX_NAME: usize = 32;
/// Different questions to the library per expression.
const MAX_LOOKUPS: usize = 80;
/// Times that the library may ask whether to go on: a bound on its work that does not depend on the clock.
const MAX_LIBRARY_STEPS: u32 = 200_000;

/// What is said when money of two kinds meets.
pub(crate) const CURRENCY: &str =
    "currencies cannot be converted: there are no exchange rates here; multiply by a rate";

/// A product of powers of named units; empty for a plain number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Unit {
    powers: Vec<(String, i32)>,
}

impl Unit {
    pub(crate) fn none() -> Self {
        Self::default()
    }

    pub(crate) fn of(name: &str) -> Self {
        Self { powers: vec![(name.to_owned(), 1)] }
    }

    pub(crate) fn is_none(&self) -> bool {
        self.powers.is_empty()
    }

    pub(crate) fn multiply(&mut self, name: &str, power: i32) -> Outcome<()> {
        match self.powers.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known += power,
            None => self.powers.push((name.to_owned(), power)),
        }
        self.powers.retain(|(_, power)| *power != 0);
        let out_of_bounds = self.powers.iter().any(|(_, power)| power.unsigned_abs() > MAX_UNIT_POWER);
        if out_of_bounds || self.powers.len() > MAX_UNITS {
            return Err(Fault::unit("too many units in one product"));
        }
        Ok(())
    }

    /// The product with the `power`-th power of another unit.
    pub(crate) fn times(&self, other: &Self, power: i32) -> Outcome<Self> {
        let mut result = self.clone();
        for (name, exponent) in &other.powers {
            let exponent = exponent.checked_mul(power).filter(|e| e.unsigned_abs() <= MAX_UNIT_POWER);
            result.multiply(name, exponent.ok_or_else(|| Fault::unit("the power of this unit is too large"))?)?;
        }
        Ok(result)
    }

    /// The unit whose `degree`-th power this is.
    pub(crate) fn root(&self, degree: u32) -> Outcome<Self> {
        let powers = self.powers.iter().map(|(name, power)| {
            let degree = i32::try_from(degree).ok()?;
            (power % degree == 0).then(|| (name.clone(), power / degree))
        });
        let powers = powers.collect::<Option<Vec<_>>>();
        powers
            .map(|powers| Self { powers })
            .ok_or_else(|| Fault::unit(format!("`{self}` has no such root: its powers cannot be divided")))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.powers.iter().map(|(name, _)| name.as_str())
    }

    fn single(&self) -> Option<&str> {
        match self.powers.as_slice() {
            [(name, 1)] => Some(name),
            _ => None,
        }
    }

    /// As the library reads it: powers side by side.
    fn query(&self) -> String {
        let factor = |(name, power): &(String, i32)| if *power == 1 { name.clone() } else { format!("{name}^{power}") };
        self.powers.iter().map(factor).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Unit {
    /// `km`, `km/h`, `kg m^2/s^2`, `1/s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |wanted: bool| {
            let powers = self.powers.iter().filter(|(_, power)| (*power > 0) == wanted);
            let factor = |(name, power): &(String, i32)| match power.unsigned_abs() {
                1 => name.clone(),
                n => format!("{name}^{n}"),
            };
            powers.map(factor).collect::<Vec<_>>()
        };
        let (above, below) = (part(true), part(false));
        f.write_str(&if above.is_empty() && !below.is_empty() { "1".to_owned() } else { above.join(" ") })?;
        below.iter().try_for_each(|factor| write!(f, "/{factor}"))
    }
}

/// What a name turned out to be.
#[derive(Debug)]
pub(crate) enum Resolved {
    Unit,
    /// A plain number with a name, such as `ppm`.
    Scalar(Number),
}

/// `target = offset + scale · source`; the offset is that of temperature scales.
#[derive(Debug)]
pub(crate) struct Conversion {
    pub offset: Number,
    pub scale: Number,
}

/// The library, with the answers that it has given for this expression.
#[derive(Debug, Default)]
pub(crate) struct UnitTable {
    answers: RefCell<BTreeMap<String, Result<String, String>>>,
}

struct StepLimit(AtomicU32);

impl fend_core::Interrupt for StepLimit {
    fn should_interrupt(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) >= MAX_LIBRARY_STEPS
    }
}

impl UnitTable {
    /// Asks the library. The answer is its text or its error message.
    fn ask(&self, question: &str) -> Outcome<Result<String, String>> {
        let mut answers = self.answers.borrow_mut();
        if let Some(answer) = answers.get(question) {
            return Ok(answer.clone());
        }
        if answers.len() >= MAX_LOOKUPS {
            return Err(Fault::limit("too many different units in one expression"));
        }
        // Names that a person may write could still meet an assertion in there.
        let answer = catch_unwind(AssertUnwindSafe(|| {
            let mut context = fend_core::Context::new();
            let answer = fend_core::evaluate_with_interrupt(question, &mut context, &StepLimit(AtomicU32::new(0)))?;
            Ok(answer.get_main_result().to_owned())
        }));
        let answer = answer.unwrap_or_else(|_| Err("not a unit".into()));
        answers.insert(question.to_owned(), answer.clone());
        Ok(answer)
    }

    pub(crate) fn resolve(&self, name: &str) -> Outcome<Resolved> {
        let unknown = || {
            let hint = crate::functions::suggestion(name)
                .map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
            Fault::unit(format!("unknown name `{name}`: not a function, constant or unit{hint}"))
        };
        let letters = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '°');
        if !letters || name.chars().count() > MAX_NAME || name.chars().all(|c| c == '_') {
            return Err(unknown());
        }
        if angle(name).is_some() {
            return Ok(Resolved::Unit);
        }
        match self.ask(&format!("1 {name} to fraction"))? {
            Ok(answer) => match parse_answer(&answer) {
                Some((value, "")) => Ok(Resolved::Scalar(value)),
                Some(_) => Ok(Resolved::Unit),
                None => Err(unknown()),
            },
            Err(message) if message.contains("exchange rates") => Err(Fault::unit(CURRENCY)),
            Err(_) => Err(unknown()),
        }
    }

    /// How to get from one unit to another.
    pub(crate) fn conversion(&self, from: &Unit, to: &Unit) -> Outcome<Conversion> {
        if from == to {
            return Ok(Conversion { offset: Number::from(0), scale: Number::from(1) });
        }
        if let (Some(a), Some(b)) = (from.single().and_then(angle), to.single().and_then(angle)) {
            return Ok(Conversion { offset: Number::from(0), scale: a.turns()?.div(&b.turns()?)? });
        }
        let incompatible =
            || Fault::unit(format!("`{from}` cannot be converted to `{to}`: they measure different things"));
        if from.is_none() || to.is_none() {
            return Err(incompatible());
        }
        let value = |count: u32| -> Outcome<Number> {
            match self.ask(&format!("{count} {} to {} to fraction", from.query(), to.query()))? {
                Ok(answer) => parse_answer(&answer).map(|(value, _)| value).ok_or_else(incompatible),
                Err(message) if message.contains("exchange rates") => Err(Fault::unit(CURRENCY)),
                Err(_) => Err(incompatible()),
            }
        };
        let one = value(1)?;
        // Only temperature scales have a zero of their own, and a scale stands alone.
        let offset = if from.single().is_some() && to.single().is_some() { value(0)? } else { Number::from(0) };
        Ok(Conversion { scale: one.sub(&offset)?, offset })
    }

    /// Joins units of one kind, so that `km/h · minutes` becomes kilometres: the unit, and the factor in front of it.
    pub(crate) fn simplify(&self, unit: Unit) -> Outcome<(Unit, Number)> {
        let (mut unit, mut factor) = (unit, Number::from(1));
        let mut first = 0;
        while first < unit.powers.len() {
            let mut second = first + 1;
            while let (Some((into, _)), Some((name, power))) = (unit.powers.get(first), unit.powers.get(second)) {
                let (into, name, power) = (into.clone(), name.clone(), *power);
                let conversion = self.conversion(&Unit::of(&name), &Unit::of(&into));
                let Some(conversion) = conversion.ok().filter(|c| c.offset.is_zero()) else {
                    second += 1;
                    continue;
                };
                factor = factor.mul(&conversion.scale.power(&Number::from(i64::from(power)))?)?;
                let before = unit.powers.len();
                unit.multiply(&name, -power)?;
                unit.multiply(&into, power)?;
                if unit.powers.len() + 2 == before {
                    // Both are gone; start over at the same place.
                    second = first + 1;
                }
            }
            first += 1;
        }
        Ok((unit, factor))
    }
}

/// `approx. 25146/15625 km` → the number and the name behind it.
fn parse_answer(answer: &str) -> Option<(Number, &str)> {
    let (answer, exact) = match answer.strip_prefix("approx. ") {
        Some(rest) => (rest, false),
        None => (answer, true),
    };
    let end = answer.find(|c: char| !(c.is_ascii_digit() || c == '-' || c == '/')).unwrap_or(answer.len());
    let (number, unit) = answer.split_at(end);
    let (numerator, denominator) = number.split_once('/').unwrap_or((number, "1"));
    let numerator: IBig = numerator.parse().ok()?;
    let denominator: IBig = denominator.parse().ok()?;
    if denominator == IBig::ZERO {
        return None;
    }
    let value = RBig::from_parts_signed(numerator, denominator);
    // A mixed number, a decimal point or an exponent would mean that the format is not the one asked for.
    let unit = unit.strip_prefix(' ').unwrap_or(unit);
    if unit.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    Some((if exact { Number::Exact(value) } else { Number::Approx(approx::from_exact(&value)) }, unit))
}

/// A unit of angle: one of it in turns is `1/parts`, or `1/(parts·π)` for the radian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Angle {
    parts: i64,
    radian: bool,
}

impl Angle {
    fn turns(self) -> Outcome<Number> {
        let parts = Number::from(self.parts);
        let parts = if self.radian { parts.mul(&Number::Approx(approx::pi()))? } else { parts };
        Number::from(1).div(&parts)
    }
}

/// The angle units that are converted here, with π at full precision.
pub(crate) fn angle(name: &str) -> Option<Angle> {
    let (parts, radian) = match name {
        "deg" | "degs" | "degree" | "degrees" => (360, false),
        "rad" | "radian" | "radians" => (2, true),
        "gon" | "gons" | "gradian" | "gradians" => (400, false),
        "turn" | "turns" | "revolution" | "revolutions" => (1, false),
        "arcmin" | "arcmins" | "arcminute" | "arcminutes" => (21_600, false),
        "arcsec" | "arcsecs" | "arcsecond" | "arcseconds" => (1_296_000, false),
        _ => return None,
    };
    Some(Angle { parts, radian })
}

impl Unit {
    pub(crate) fn radian() -> Self {
        Self::of("radian")
    }

    pub(crate) fn is_angle(&self) -> bool {
        self.single().is_some_and(|name| angle(name).is_some())
    }
}
