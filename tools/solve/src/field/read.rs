//! From expressions to quotients.

use dashu::{base::UnsignedAbs, integer::IBig, rational::RBig};

use super::{Field, Ratio, Reading, Relation};
use crate::{
    auto,
    error::{Fault, Outcome},
    expr::{Expr, Function},
    number::{denominator, fraction, int, is_negative, lcm, prime_powers, small},
    poly::Poly,
};

/// Multiples of an angle that are expanded.
const MAX_MULTIPLE: i64 = 12;

/// Degree of the largest root that is a kernel with a relation.
const MAX_ROOT: u32 = 24;

impl Field<'_> {
    /// Notes the denominators of exponents and angles, so that all are whole multiples of one kernel.
    pub(super) fn prepare(&mut self, e: &Expr) -> Outcome<()> {
        self.work.spend(1)?;
        let work = self.work;
        work.deeper(|| {
            for child in e.children() {
                self.prepare(child)?;
            }
            Ok(())
        })?;
        match e {
            Expr::Power(parts) => {
                for base in self.bases(&parts.0)? {
                    for (c, m) in self.linear(&parts.1)? {
                        self.note(base.clone(), m, &c);
                    }
                }
            }
            Expr::Call(function, argument) if self.expands(*function) => {
                for (c, m) in self.linear(argument)? {
                    let m = if self.reading == Reading::Exponentials { self.turned(*function, m)? } else { m };
                    self.note(Expr::E, m, &c);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn note(&mut self, base: Expr, m: Expr, c: &RBig) {
        let entry = self.denominators.entry((base, m)).or_insert(IBig::ONE);
        *entry = lcm(entry, &denominator(c));
    }

    fn common(&self, base: &Expr, m: &Expr, c: &RBig) -> IBig {
        let known = self.denominators.get(&(base.clone(), m.clone())).cloned().unwrap_or(IBig::ONE);
        // Met only now, it becomes a kernel of its own.
        if (c * RBig::from(known.clone())).is_int() { known } else { denominator(c) }
    }

    fn expands(&self, function: Function) -> bool {
        match function {
            Function::Sin | Function::Cos | Function::Tan => self.reading != Reading::Plain,
            Function::Sinh | Function::Cosh | Function::Tanh => self.reading == Reading::Exponentials,
            _ => false,
        }
    }

    /// The exponent that belongs to an angle.
    fn turned(&self, function: Function, m: Expr) -> Outcome<Expr> {
        match function {
            Function::Sin | Function::Cos | Function::Tan => auto::product(self.work, vec![Expr::I, m]),
            _ => Ok(m),
        }
    }

    /// The primes of a number, or the base itself.
    fn bases(&self, base: &Expr) -> Outcome<Vec<Expr>> {
        match base {
            Expr::Number(n) if !is_negative(n) && !n.is_zero() => {
                let mut bases = Vec::new();
                for part in [n.numerator().clone().unsigned_abs(), n.denominator().clone()] {
                    bases.extend(prime_powers(self.work, &part)?.into_iter().map(|(p, _)| Expr::Number(p.into())));
                }
                Ok(bases)
            }
            _ => Ok(vec![base.clone()]),
        }
    }

    /// The terms of an exponent or angle, each a rational and the rest.
    fn linear(&self, e: &Expr) -> Outcome<Vec<(RBig, Expr)>> {
        let e = self.canonical(e)?;
        Ok(e.terms().iter().map(Expr::split_coefficient).collect())
    }

    /// The argument of a function in expanded form, so that equal ones look equal.
    fn canonical(&self, e: &Expr) -> Outcome<Expr> {
        let nested = e.any(&mut |part| match part {
            Expr::Product(factors) => factors.iter().any(|f| matches!(f, Expr::Sum(_))),
            Expr::Power(parts) => matches!(parts.0, Expr::Sum(_)) && parts.1.number().is_some(),
            _ => false,
        });
        if !nested {
            return Ok(e.clone());
        }
        self.work.deeper(|| {
            let mut plain = Field::new(self.work, Reading::Plain, &[e])?;
            let ratio = plain.read(e)?;
            if ratio.den.is_one() {
                return plain.write_poly(&ratio.num);
            }
            plain.write(&ratio)
        })
    }

    /// The quotient of an expression.
    pub(crate) fn read(&mut self, e: &Expr) -> Outcome<Ratio> {
        self.work.spend(1)?;
        let work = self.work;
        work.deeper(|| match e {
            Expr::Number(n) => Ok(Ratio::constant(n.clone())),
            Expr::Constant(_) => {
                if *e == Expr::E {
                    return self.symbolic_power(&Expr::E, &Expr::one());
                }
                self.single(e, 1)
            }
            Expr::Variable(_) => {
                // Beside sqrt(x), x is its square.
                match self.denominators.get(&(e.clone(), Expr::one())).cloned() {
                    Some(d) if d > IBig::ONE => self.root_power(e, &RBig::ONE),
                    _ => self.single(e, 1),
                }
            }
            Expr::Sum(terms) => {
                let mut total = Ratio::poly(Poly::zero());
                for term in terms {
                    let term = self.read(term)?;
                    total = self.add(&total, &term)?;
                }
                Ok(total)
            }
            Expr::Product(factors) => {
                let mut total = Ratio::constant(RBig::ONE);
                for factor in factors {
                    let factor = self.read(factor)?;
                    total = self.mul(&total, &factor)?;
                }
                Ok(total)
            }
            Expr::Power(parts) => match &parts.1 {
                Expr::Number(n) if parts.0 != Expr::E => match small(n) {
                    Some(exponent) => {
                        let base = self.read(&parts.0)?;
                        self.power(&base, exponent)
                    }
                    None if n.is_int() => Err(Fault::too_large()),
                    None => {
                        let mut total = Ratio::constant(RBig::ONE);
                        for base in self.split_base(&parts.0, n)? {
                            let factor = self.root_power(&base.0, &base.1)?;
                            total = self.mul(&total, &factor)?;
                        }
                        Ok(total)
                    }
                },
                exponent => {
                    let mut total = Ratio::constant(RBig::ONE);
                    for (base, times) in self.split_base(&parts.0, &RBig::ONE)? {
                        let exponent = auto::product(work, vec![Expr::Number(times), exponent.clone()])?;
                        let factor = self.symbolic_power(&base, &exponent)?;
                        total = self.mul(&total, &factor)?;
                    }
                    Ok(total)
                }
            },
            Expr::Call(function, argument) => self.call(*function, argument),
        })
    }

    /// A positive number's primes with their exponents times n; anything else as it is.
    fn split_base(&self, base: &Expr, n: &RBig) -> Outcome<Vec<(Expr, RBig)>> {
        let Expr::Number(x) = base else { return Ok(vec![(base.clone(), n.clone())]) };
        if is_negative(x) || x.is_zero() {
            return Ok(vec![(base.clone(), n.clone())]);
        }
        let mut result = Vec::new();
        for (part, sign) in [(x.numerator().clone().unsigned_abs(), 1), (x.denominator().clone(), -1)] {
            for (p, k) in prime_powers(self.work, &part)? {
                result.push((Expr::Number(p.into()), n * int(i64::from(k) * sign)));
            }
        }
        Ok(result)
    }

    fn single(&mut self, kernel: &Expr, exponent: i64) -> Outcome<Ratio> {
        let index = self.kernel(kernel)?;
        self.power(&Ratio::poly(Poly::variable(index)), exponent)
    }

    /// `base ^ n` for a rational n, as a power of one root.
    fn root_power(&mut self, base: &Expr, n: &RBig) -> Outcome<Ratio> {
        let d = self.common(base, &Expr::one(), n);
        let exponent = small(&(n * RBig::from(d.clone()))).ok_or_else(Fault::too_large)?;
        let root = Expr::raw_power(base.clone(), Expr::Number(RBig::ONE / RBig::from(d.clone())));
        if d == IBig::ONE {
            let base = self.read(base)?;
            return self.power(&base, exponent);
        }
        self.single(&root, exponent)
    }

    /// `base ^ exponent`, the exponent's terms apart.
    fn symbolic_power(&mut self, base: &Expr, exponent: &Expr) -> Outcome<Ratio> {
        let mut total = Ratio::constant(RBig::ONE);
        for (c, m) in self.linear(exponent)? {
            if m.is_one() && *base != Expr::E {
                let factor = self.root_power(base, &c)?;
                total = self.mul(&total, &factor)?;
                continue;
            }
            let d = self.common(base, &m, &c);
            let multiple = small(&(&c * RBig::from(d.clone()))).ok_or_else(Fault::too_large)?;
            let exponent = auto::product(self.work, vec![Expr::Number(RBig::ONE / RBig::from(d)), m])?;
            let kernel = auto::power(self.work, base.clone(), exponent)?;
            let factor = match &kernel {
                Expr::Power(_) | Expr::Constant(_) => self.single(&kernel, multiple)?,
                other => {
                    let value = self.read(other)?;
                    self.power(&value, multiple)?
                }
            };
            total = self.mul(&total, &factor)?;
        }
        Ok(total)
    }

    fn call(&mut self, function: Function, argument: &Expr) -> Outcome<Ratio> {
        if self.expands(function) {
            let half = Ratio::constant(fraction(1, 2));
            let (sine, cosine) = match (self.reading, function) {
                (Reading::Exponentials, _) => {
                    let circular = matches!(function, Function::Sin | Function::Cos | Function::Tan);
                    let unit = if circular { Expr::I } else { Expr::one() };
                    let exponent = auto::product(self.work, vec![unit.clone(), argument.clone()])?;
                    let exponent = self.canonical(&exponent)?;
                    let up = self.symbolic_power(&Expr::E, &exponent)?;
                    let down = self.invert(&up)?;
                    let unit = self.read(&unit)?;
                    let minus = Ratio { num: down.num.negate(), den: down.den.clone() };
                    let sine = self.mul(&half, &self.add(&up, &minus)?)?;
                    let sine = self.mul(&sine, &self.invert(&unit)?)?;
                    (sine, self.mul(&half, &self.add(&up, &down)?)?)
                }
                _ => self.sine_and_cosine(argument)?,
            };
            return match function {
                Function::Sin | Function::Sinh => Ok(sine),
                Function::Cos | Function::Cosh => Ok(cosine),
                _ => self.mul(&sine, &self.invert(&cosine)?),
            };
        }
        let argument = self.canonical(argument)?;
        let value = auto::call(self.work, function, argument)?;
        match &value {
            Expr::Call(Function::Ln, inner) if self.reading == Reading::Exponentials => self.logarithm(&value, inner),
            Expr::Call(f, _) if self.expands(*f) => self.read(&value),
            Expr::Call(..) => self.single(&value, 1),
            other => self.read(other),
        }
    }

    /// Logarithms of numbers by their primes, and of products with a number in front.
    fn logarithm(&mut self, whole: &Expr, inner: &Expr) -> Outcome<Ratio> {
        let (c, rest) = inner.split_coefficient();
        if is_negative(&c) || c.is_one() || c.is_zero() {
            return self.single(whole, 1);
        }
        let mut total = Ratio::poly(Poly::zero());
        for (prime, times) in self.split_base(&Expr::Number(c), &RBig::ONE)? {
            let prime = Expr::Call(Function::Ln, Box::new(prime));
            let index = self.kernel(&prime)?;
            total = self.add(&total, &Ratio::poly(Poly::variable(index).scale(&times)))?;
        }
        if rest.is_one() {
            return Ok(total);
        }
        let rest = auto::call(self.work, Function::Ln, rest)?;
        let rest = self.read(&rest)?;
        self.add(&total, &rest)
    }

    /// Sine and cosine of a sum of multiples, as polynomials in those of the single angles.
    fn sine_and_cosine(&mut self, argument: &Expr) -> Outcome<(Ratio, Ratio)> {
        let mut sine = Ratio::poly(Poly::zero());
        let mut cosine = Ratio::constant(RBig::ONE);
        for (c, m) in self.linear(argument)? {
            let d = self.common(&Expr::E, &m, &c);
            let multiple = small(&(&c * RBig::from(d.clone()))).ok_or_else(Fault::too_large)?;
            let (angle, multiple) = if multiple.abs() > MAX_MULTIPLE {
                (auto::product(self.work, vec![Expr::Number(c), m])?, 1)
            } else {
                (auto::product(self.work, vec![Expr::Number(RBig::ONE / RBig::from(d)), m])?, multiple)
            };
            let s = self.known_or_kernel(Function::Sin, &angle)?;
            let c = self.known_or_kernel(Function::Cos, &angle)?;
            let s = if multiple < 0 { Ratio { num: s.num.negate(), den: s.den } } else { s };
            for _ in 0..multiple.abs() {
                let minus = Ratio { num: sine.num.negate(), den: sine.den.clone() };
                let next_sine = self.add(&self.mul(&sine, &c)?, &self.mul(&cosine, &s)?)?;
                cosine = self.add(&self.mul(&cosine, &c)?, &self.mul(&minus, &s)?)?;
                sine = next_sine;
            }
        }
        Ok((sine, cosine))
    }

    fn known_or_kernel(&mut self, function: Function, angle: &Expr) -> Outcome<Ratio> {
        let value = auto::call(self.work, function, angle.clone())?;
        match &value {
            Expr::Call(f, _) if self.expands(*f) => self.single(&value, 1),
            other => self.read(other),
        }
    }

    /// What is known of a power of a new kernel.
    pub(super) fn relation_of(&mut self, kernel: &Expr) -> Outcome<Option<Relation>> {
        let two = |value| Ok(Some(Relation { degree: 2, value }));
        match (kernel, self.reading) {
            (Expr::Constant(_), _) if *kernel == Expr::I => two(Poly::constant(int(-1))),
            (Expr::Call(Function::Abs, inner), _) if auto::is_real(inner) => {
                let inner = self.read(inner)?;
                if inner.den.is_one() { two(self.mul_poly(&inner.num, &inner.num)?) } else { Ok(None) }
            }
            (Expr::Call(Function::Sin, angle), Reading::Cosines) => {
                let index = self.kernel(&Expr::Call(Function::Cos, angle.clone()))?;
                two(Poly::one().sub(&Poly::power_of(index, 2)))
            }
            (Expr::Call(Function::Cos, angle), Reading::Sines) => {
                let index = self.kernel(&Expr::Call(Function::Sin, angle.clone()))?;
                two(Poly::one().sub(&Poly::power_of(index, 2)))
            }
            (Expr::Power(parts), _) => {
                let Expr::Number(n) = &parts.1 else { return self.root_of_unity(&parts.0, &parts.1) };
                let degree = u32::try_from(n.denominator().clone()).unwrap_or(u32::MAX);
                // Beside its root, a variable is a power of it, and needs no relation.
                if *n.numerator() != IBig::ONE || degree > MAX_ROOT || matches!(parts.0, Expr::Variable(_)) {
                    return Ok(None);
                }
                if parts.0 == Expr::E {
                    return Ok(None);
                }
                let base = self.read(&parts.0)?;
                Ok(base.den.is_one().then_some(Relation { degree, value: base.num }))
            }
            _ => Ok(None),
        }
    }

    /// `exp(i*pi/d) ^ d = -1`.
    fn root_of_unity(&self, base: &Expr, exponent: &Expr) -> Outcome<Option<Relation>> {
        let (q, rest) = exponent.split_coefficient();
        let half_turn = rest == Expr::Product(vec![Expr::PI, Expr::I]);
        let d = u32::try_from(q.denominator().clone()).unwrap_or(u32::MAX);
        if *base != Expr::E || !half_turn || *q.numerator() != IBig::ONE || d > MAX_ROOT {
            return Ok(None);
        }
        Ok(Some(Relation { degree: d, value: Poly::constant(int(-1)) }))
    }
}
