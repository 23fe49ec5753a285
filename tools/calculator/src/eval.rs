use std::cell::Cell;

use dashu::rational::RBig;

use crate::{
    approx,
    ast::{Constant, Expr, Node, Operator, Target},
    error::{Fault, Outcome, Span},
    functions::{Function, UnitRule, degree},
    number::Number,
    units::{Conversion, Resolved, Unit, UnitTable},
};

/// Work of one expression, in operations on 64-bit words (roughly; a conversion of units counts [`LOOKUP_WORK`]).
pub(crate) const MAX_WORK: u64 = 20_000_000;
/// What a step at fifty digits, and a question to the table of units, count as work.
const REAL_WORK: u64 = 2_000;
const LOOKUP_WORK: u64 = 50_000;

/// A number with its unit.
#[derive(Debug, Clone)]
pub(crate) struct Quantity {
    pub number: Number,
    pub unit: Unit,
    pub form: Form,
}

/// How a result is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Decimal,
    Percent,
    Fraction,
}

impl From<Number> for Quantity {
    fn from(number: Number) -> Self {
        Self { number, unit: Unit::none(), form: Form::Decimal }
    }
}

impl Quantity {
    fn new(number: Number, unit: Unit) -> Self {
        Self { number, unit, form: Form::Decimal }
    }

    fn is_plain(&self) -> bool {
        self.unit.is_none()
    }
}

/// Evaluates one expression; counts the work as it goes.
#[derive(Debug, Default)]
pub(crate) struct Evaluator {
    table: UnitTable,
    work: Cell<u64>,
}

impl Evaluator {
    /// The work done so far.
    pub(crate) fn work(&self) -> u64 {
        self.work.get()
    }

    fn charge(&self, work: u64) -> Outcome<()> {
        self.work.set(self.work.get().saturating_add(work));
        if self.work.get() > MAX_WORK {
            return Err(Fault::limit("this takes too much work: split it into smaller expressions"));
        }
        Ok(())
    }

    /// Work of an arithmetic operation on two numbers.
    fn charge_pair(&self, a: &Number, b: &Number) -> Outcome<()> {
        let real = if a.is_exact() && b.is_exact() { 0 } else { REAL_WORK };
        self.charge(1 + a.words() * b.words() + real)
    }

    /// The value of the whole expression, its unit simplified.
    pub(crate) fn run(&self, node: &Node) -> Outcome<Quantity> {
        let value = self.evaluate(node)?;
        if matches!(node.expr, Expr::Convert(..)) || value.is_plain() {
            return Ok(value);
        }
        self.charge(LOOKUP_WORK)?;
        let (unit, factor) = self.table.simplify(value.unit)?;
        Ok(Quantity { number: value.number.mul(&factor)?, unit, form: value.form })
    }

    fn evaluate(&self, node: &Node) -> Outcome<Quantity> {
        self.charge(1)?;
        self.expression(node).map_err(|fault| fault.at(node.span))
    }

    // The recursion goes through `evaluate` and this function alone, so that their stack frames stay small.
    fn expression(&self, node: &Node) -> Outcome<Quantity> {
        match &node.expr {
            Expr::Number { value, .. } => Ok(Number::Exact(value.clone()).into()),
            Expr::Constant(constant) => self.constant(*constant).map(Into::into),
            Expr::Unit(name) => self.named(name),
            Expr::Negate(inner) => self.evaluate(inner).map(negated),
            Expr::Percent(inner) => percent(self.evaluate(inner)?),
            Expr::Factorial(inner) => self.call(Function::Factorial, vec![self.evaluate(inner)?]),
            Expr::Power { base, exponent, .. } => {
                let base = self.evaluate(base)?;
                self.power(base, self.evaluate(exponent)?)
            }
            Expr::Implicit(parts) => self.implicit(parts),
            Expr::Chain(first, rest) => self.chain(first, rest),
            Expr::Call(function, arguments) => {
                let arguments = arguments.iter().map(|a| self.evaluate(a)).collect::<Outcome<Vec<_>>>()?;
                self.call(*function, arguments)
            }
            Expr::List(_) => Err(Fault::syntax("a list stands only in a call such as mean([1, 2, 3])")),
            Expr::Convert(inner, target) => {
                let value = self.evaluate(inner)?;
                self.convert(value, target)
            }
        }
    }

    fn constant(&self, constant: Constant) -> Outcome<Number> {
        if let Constant::Word(numerator, denominator) = constant {
            return Ok(Number::Exact(RBig::from_parts(numerator.into(), denominator.into())));
        }
        self.charge(REAL_WORK)?;
        Ok(Number::Approx(match constant {
            Constant::E => approx::e()?,
            Constant::Tau => approx::mul(&approx::pi(), &approx::integer(2))?,
            Constant::Phi => approx::phi()?,
            Constant::Pi | Constant::Word(..) => approx::pi(),
        }))
    }

    fn named(&self, name: &str) -> Outcome<Quantity> {
        self.charge(LOOKUP_WORK)?;
        Ok(match self.table.resolve(name)? {
            Resolved::Unit => Quantity::new(Number::from(1), Unit::of(name)),
            Resolved::Scalar(number) => number.into(),
        })
    }

    fn implicit(&self, parts: &[Node]) -> Outcome<Quantity> {
        let mut product = Quantity::from(Number::from(1));
        for part in parts {
            let factor = self.evaluate(part)?;
            product = self.product(product, &factor, 1).map_err(|f| f.at(part.span))?;
        }
        Ok(product)
    }

    fn chain(&self, first: &Node, rest: &[(Operator, Span, Node)]) -> Outcome<Quantity> {
        let mut value = self.evaluate(first)?;
        let mut percentages = matches!(first.expr, Expr::Percent(_));
        for (operator, at, node) in rest {
            let right = self.evaluate(node)?;
            let is_percent = matches!(node.expr, Expr::Percent(_));
            value = match operator {
                // 350 + 20% is 420, while 5% + 3% is 8%.
                Operator::Add if is_percent && !percentages => self.scaled(value, &Number::from(1).add(&right.number)?),
                Operator::Subtract if is_percent && !percentages => {
                    self.scaled(value, &Number::from(1).sub(&right.number)?)
                }
                Operator::Off => self.scaled(right, &Number::from(1).sub(&value.number)?),
                Operator::Add => self.sum(value, right),
                Operator::Subtract => self.sum(value, negated(right)),
                Operator::Multiply => self.product(value, &right, 1),
                Operator::Divide => self.product(value, &right, -1),
                Operator::FloorDivide | Operator::Modulo => self.remainder(*operator, value, &right),
            }
            .map_err(|f| f.at(if right_is_zero(*operator, node) { node.span } else { *at }))?;
            percentages &= is_percent;
        }
        Ok(value)
    }

    fn scaled(&self, value: Quantity, factor: &Number) -> Outcome<Quantity> {
        self.charge_pair(&value.number, factor)?;
        Ok(Quantity::new(value.number.mul(factor)?, value.unit))
    }

    fn sum(&self, left: Quantity, right: Quantity) -> Outcome<Quantity> {
        self.same_zero(&right, &left.unit)?;
        let number = self.in_unit(&right, &left.unit)?;
        self.charge_pair(&left.number, &number)?;
        Ok(Quantity::new(left.number.add(&number)?, left.unit))
    }

    fn product(&self, left: Quantity, right: &Quantity, power: i32) -> Outcome<Quantity> {
        self.charge_pair(&left.number, &right.number)?;
        let number = if power < 0 { left.number.div(&right.number) } else { left.number.mul(&right.number) };
        Ok(Quantity::new(number?, left.unit.times(&right.unit, power)?))
    }

    fn remainder(&self, operator: Operator, left: Quantity, right: &Quantity) -> Outcome<Quantity> {
        let divisor = self.in_unit(right, &left.unit)?;
        self.charge_pair(&left.number, &divisor)?;
        if operator == Operator::FloorDivide {
            return Ok(left.number.floor_div(&divisor)?.into());
        }
        Ok(Quantity::new(left.number.modulo(&divisor)?, left.unit))
    }

    fn power(&self, base: Quantity, exponent: Quantity) -> Outcome<Quantity> {
        let exponent = self.plain(&exponent, "an exponent")?;
        self.charge(1 + base.number.words() * 300 + REAL_WORK)?;
        let unit = if base.is_plain() {
            Unit::none()
        } else {
            let (numerator, denominator) = small_fraction(&exponent)
                .ok_or_else(|| Fault::unit("a quantity with a unit needs a whole power or a root"))?;
            Unit::none().times(&base.unit, numerator)?.root(denominator)?
        };
        Ok(Quantity::new(base.number.power(&exponent)?, unit))
    }

    fn plain(&self, value: &Quantity, what: &str) -> Outcome<Number> {
        if value.is_plain() {
            return Ok(value.number.clone());
        }
        // Lengths over lengths are plain numbers, whatever they are measured in.
        self.charge(LOOKUP_WORK)?;
        let (unit, factor) = self.table.simplify(value.unit.clone())?;
        if unit.is_none() {
            value.number.mul(&factor)
        } else {
            Err(Fault::unit(format!("{what} has no unit, but here it is in `{unit}`")))
        }
    }

    /// Refuses to add temperatures of different scales: is `20 °C + 9 °F` a temperature or a difference of five degrees?
    fn same_zero(&self, value: &Quantity, unit: &Unit) -> Outcome<()> {
        if value.is_plain() || unit.is_none() || value.unit == *unit {
            return Ok(());
        }
        self.charge(LOOKUP_WORK)?;
        if self.table.conversion(&value.unit, unit)?.offset.is_zero() {
            return Ok(());
        }
        Err(Fault::unit(format!(
            "`{}` and `{unit}` have different zeros and cannot be added: convert one first",
            value.unit
        )))
    }

    /// The number of `unit`s that a quantity is.
    fn in_unit(&self, value: &Quantity, unit: &Unit) -> Outcome<Number> {
        if value.unit == *unit {
            return Ok(value.number.clone());
        }
        if unit.is_none() || value.is_plain() {
            // Zero needs no unit, and km/m is none.
            if value.is_plain() && value.number.is_zero() {
                return Ok(value.number.clone());
            }
            let plain = if unit.is_none() { self.plain(value, "a plain number").ok() } else { None };
            let named = if unit.is_none() { &value.unit } else { unit };
            let message = || Fault::unit(format!("a plain number and one in `{named}` do not go together"));
            return plain.ok_or_else(message);
        }
        self.charge(LOOKUP_WORK)?;
        let Conversion { offset, scale } = self.table.conversion(&value.unit, unit)?;
        value.number.mul(&scale)?.add(&offset)
    }

    fn convert(&self, value: Quantity, target: &Target) -> Outcome<Quantity> {
        let form = match target {
            Target::Unit(unit) => return self.convert_unit(value, unit),
            Target::Percent => Form::Percent,
            Target::Fraction => Form::Fraction,
            Target::Decimal => Form::Decimal,
        };
        if form == Form::Percent {
            return Ok(Quantity { form, ..self.plain(&value, "a percentage")?.into() });
        }
        Ok(Quantity { form, ..value })
    }

    fn convert_unit(&self, value: Quantity, unit: &Unit) -> Outcome<Quantity> {
        for name in unit.names() {
            self.charge(LOOKUP_WORK)?;
            if let Resolved::Scalar(_) = self.table.resolve(name)? {
                return Err(Fault::unit(format!("`{name}` is a number, not a unit to convert to")));
            }
        }
        // A plain number that is to become an angle is in radians.
        let value =
            if value.is_plain() && unit.is_angle() { Quantity { unit: Unit::radian(), ..value } } else { value };
        if value.is_plain() {
            return Err(Fault::unit(format!("this number has no unit, so it cannot be converted to `{unit}`")));
        }
        let number = self.in_unit(&value, unit)?;
        Ok(Quantity::new(number, unit.clone()))
    }

    fn call(&self, function: Function, arguments: Vec<Quantity>) -> Outcome<Quantity> {
        let mut numbers = Vec::with_capacity(arguments.len());
        let mut unit = Unit::none();
        for (i, argument) in arguments.iter().enumerate() {
            numbers.push(match function.unit_rule() {
                UnitRule::Root | UnitRule::Keep | UnitRule::Common if i == 0 => {
                    unit = argument.unit.clone();
                    argument.number.clone()
                }
                UnitRule::Common => {
                    if function == Function::Sum {
                        self.same_zero(argument, &unit)?;
                    }
                    self.in_unit(argument, &unit)?
                }
                UnitRule::Angle if argument.unit.is_angle() => self.in_unit(argument, &Unit::radian())?,
                _ => self.plain(argument, &format!("the argument of `{}`", function.name()))?,
            });
        }
        let size: u64 = numbers.iter().map(Number::words).sum();
        self.charge(1 + size * 16 + REAL_WORK + function.work(&numbers))?;
        if function.unit_rule() == UnitRule::Root && !unit.is_none() {
            let root = match function {
                Function::Cbrt => 3,
                Function::Root => numbers.get(1).map_or(Ok(2), degree)?,
                _ => 2,
            };
            unit = unit.root(root)?;
        }
        Ok(Quantity::new(function.apply(&numbers)?, unit))
    }
}

fn negated(value: Quantity) -> Quantity {
    Quantity { number: value.number.neg(), ..value }
}

fn percent(value: Quantity) -> Outcome<Quantity> {
    if !value.is_plain() {
        return Err(Fault::unit("a percentage has no unit"));
    }
    value.number.div(&Number::from(100)).map(Into::into)
}

/// Whether a fault in this operation is the right operand's: a division by a zero that stands there.
fn right_is_zero(operator: Operator, node: &Node) -> bool {
    matches!(operator, Operator::Divide | Operator::FloorDivide | Operator::Modulo)
        && !matches!(node.expr, Expr::Unit(_))
}

fn small_fraction(x: &Number) -> Option<(i32, u32)> {
    let Number::Exact(x) = x else { return None };
    Some((i32::try_from(x.numerator()).ok()?, u32::try_from(x.denominator()).ok()?))
}
