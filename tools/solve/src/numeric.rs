//! Values in double precision, for checks and for what has no exact form. Complex, with the conventions of
//! [`crate::auto`]: an odd root of a negative number is the real one.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::{
    expr::{Constant, Expr, Function, Name},
    number::{small, to_f64},
};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Complex {
    pub re: f64,
    pub im: f64,
}

impl From<f64> for Complex {
    fn from(re: f64) -> Self {
        Self { re, im: 0.0 }
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, b: Self) -> Self {
        Self { re: self.re + b.re, im: self.im + b.im }
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, b: Self) -> Self {
        Self { re: self.re - b.re, im: self.im - b.im }
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, b: Self) -> Self {
        if self.im == 0.0 && b.im == 0.0 {
            return Self::from(self.re * b.re);
        }
        Self { re: self.re * b.re - self.im * b.im, im: self.re * b.im + self.im * b.re }
    }
}

impl Div for Complex {
    type Output = Self;
    fn div(self, b: Self) -> Self {
        if self.im == 0.0 && b.im == 0.0 {
            return Self::from(self.re / b.re);
        }
        let d = b.re * b.re + b.im * b.im;
        Self { re: (self.re * b.re + self.im * b.im) / d, im: (self.im * b.re - self.re * b.im) / d }
    }
}

impl Neg for Complex {
    type Output = Self;
    fn neg(self) -> Self {
        Self { re: -self.re, im: -self.im }
    }
}

impl Complex {
    pub(crate) const I: Self = Self { re: 0.0, im: 1.0 };

    pub(crate) fn abs(self) -> f64 {
        self.re.hypot(self.im)
    }

    pub(crate) fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }

    /// The real part, where the other is nothing beside it.
    pub(crate) fn real(self) -> Option<f64> {
        (self.is_finite() && self.im.abs() <= 1e-9 * self.re.abs().max(1.0)).then_some(self.re)
    }

    fn exp(self) -> Self {
        let scale = self.re.exp();
        if self.im == 0.0 {
            return Self::from(scale);
        }
        Self { re: scale * self.im.cos(), im: scale * self.im.sin() }
    }

    fn ln(self) -> Self {
        Self { re: self.abs().ln(), im: if self.im == 0.0 && self.re > 0.0 { 0.0 } else { self.im.atan2(self.re) } }
    }

    fn sqrt(self) -> Self {
        if self.im == 0.0 {
            return if self.re >= 0.0 { Self::from(self.re.sqrt()) } else { Self { re: 0.0, im: (-self.re).sqrt() } };
        }
        (self.ln() * Self::from(0.5)).exp()
    }

    fn powi(self, n: i64) -> Self {
        let whole = i32::try_from(n);
        match whole {
            Ok(n) if self.im == 0.0 => Self::from(self.re.powi(n)),
            _ if n.unsigned_abs() > 64 => (self.ln() * Self::from(n as f64)).exp(),
            _ => {
                let power = (0..n.unsigned_abs()).fold(Self::from(1.0), |p, _| p * self);
                if n < 0 { Self::from(1.0) / power } else { power }
            }
        }
    }
}

/// The value where the variables have these values; nothing for a variable without one, infinite or undefined results.
pub(crate) fn evaluate(e: &Expr, values: &[(Name, Complex)]) -> Option<Complex> {
    let value = match e {
        Expr::Number(n) => Complex::from(to_f64(n)),
        Expr::Constant(Constant::E) => Complex::from(std::f64::consts::E),
        Expr::Constant(Constant::Pi) => Complex::from(std::f64::consts::PI),
        Expr::Constant(Constant::I) => Complex::I,
        Expr::Variable(name) => values.iter().find(|(n, _)| n == name)?.1,
        Expr::Call(function, argument) => apply(*function, evaluate(argument, values)?),
        Expr::Power(parts) => power(&parts.0, &parts.1, values)?,
        Expr::Product(items) => {
            items.iter().try_fold(Complex::from(1.0), |p, item| Some(p * evaluate(item, values)?))?
        }
        Expr::Sum(items) => items.iter().try_fold(Complex::from(0.0), |s, item| Some(s + evaluate(item, values)?))?,
    };
    value.is_finite().then_some(value)
}

fn power(base: &Expr, exponent: &Expr, values: &[(Name, Complex)]) -> Option<Complex> {
    if *base == Expr::E {
        return Some(evaluate(exponent, values)?.exp());
    }
    let b = evaluate(base, values)?;
    if let Some(n) = &exponent.rational() {
        if let Some(n) = small(n) {
            return Some(b.powi(n));
        }
        let x = to_f64(n);
        if b.im == 0.0 && b.re < 0.0 {
            if crate::auto::has_odd_denominator(n) {
                let odd = !crate::auto::is_even(&dashu::rational::RBig::from(n.numerator().clone()));
                let size = (-b.re).powf(x);
                return Some(Complex::from(if odd { -size } else { size }));
            }
            if (x - 0.5).abs() < f64::EPSILON {
                return Some(b.sqrt());
            }
        }
        if b.im == 0.0 && b.re >= 0.0 {
            return Some(Complex::from(b.re.powf(x)));
        }
        return Some((b.ln() * Complex::from(x)).exp());
    }
    let x = evaluate(exponent, values)?;
    if b.im == 0.0 && x.im == 0.0 && b.re >= 0.0 {
        return Some(Complex::from(b.re.powf(x.re)));
    }
    Some((b.ln() * x).exp())
}

fn apply(function: Function, z: Complex) -> Complex {
    let one = Complex::from(1.0);
    let half = Complex::from(0.5);
    let i = Complex::I;
    if z.im == 0.0 {
        let x = z.re;
        let real = match function {
            Function::Abs => Some(x.abs()),
            Function::Ln if x > 0.0 => Some(x.ln()),
            Function::Sin => Some(x.sin()),
            Function::Cos => Some(x.cos()),
            Function::Tan => Some(x.tan()),
            Function::Asin if x.abs() <= 1.0 => Some(x.asin()),
            Function::Acos if x.abs() <= 1.0 => Some(x.acos()),
            Function::Atan => Some(x.atan()),
            Function::Sinh => Some(x.sinh()),
            Function::Cosh => Some(x.cosh()),
            Function::Tanh => Some(x.tanh()),
            _ => None,
        };
        if let Some(real) = real {
            return Complex::from(real);
        }
    }
    let asin = |z: Complex| -(i * ((i * z) + (one - z * z).sqrt()).ln());
    match function {
        Function::Abs => Complex::from(z.abs()),
        Function::Ln => z.ln(),
        Function::Sin => ((i * z).exp() - (-(i * z)).exp()) * half / i,
        Function::Cos => ((i * z).exp() + (-(i * z)).exp()) * half,
        Function::Tan => apply(Function::Sin, z) / apply(Function::Cos, z),
        Function::Asin => asin(z),
        Function::Acos => Complex::from(std::f64::consts::FRAC_PI_2) - asin(z),
        Function::Atan => i * half * ((one - i * z).ln() - (one + i * z).ln()),
        Function::Sinh => (z.exp() - (-z).exp()) * half,
        Function::Cosh => (z.exp() + (-z).exp()) * half,
        Function::Tanh => apply(Function::Sinh, z) / apply(Function::Cosh, z),
    }
}
