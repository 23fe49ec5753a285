use std::{collections::BTreeSet, sync::Arc};

use dashu::rational::RBig;

use crate::{
    error::Outcome,
    number::{int, is_negative},
    work::Work,
};

/// A variable's name.
pub(crate) type Name = Arc<str>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Constant {
    E,
    Pi,
    /// The imaginary unit.
    I,
}

/// The functions of one argument. Exponentials and roots are powers; what else can be written is read as these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Function {
    Abs,
    Ln,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
}

impl Function {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Abs => "abs",
            Self::Ln => "ln",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Tan => "tan",
            Self::Asin => "asin",
            Self::Acos => "acos",
            Self::Atan => "atan",
            Self::Sinh => "sinh",
            Self::Cosh => "cosh",
            Self::Tanh => "tanh",
        }
    }
}

/// An expression. As the parser makes it, it is what was written; through [`crate::auto`] it is in the canonical form
/// in which equal sums and products look equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Expr {
    Number(RBig),
    Constant(Constant),
    Variable(Name),
    Call(Function, Box<Self>),
    Power(Box<(Self, Self)>),
    Product(Vec<Self>),
    Sum(Vec<Self>),
}

impl Expr {
    pub(crate) const PI: Self = Self::Constant(Constant::Pi);
    pub(crate) const E: Self = Self::Constant(Constant::E);
    pub(crate) const I: Self = Self::Constant(Constant::I);

    pub(crate) fn int(n: i64) -> Self {
        Self::Number(int(n))
    }

    pub(crate) fn zero() -> Self {
        Self::int(0)
    }

    pub(crate) fn one() -> Self {
        Self::int(1)
    }

    pub(crate) fn variable(name: &str) -> Self {
        Self::Variable(name.into())
    }

    /// A power as it stands, without any rule.
    pub(crate) fn raw_power(base: Self, exponent: Self) -> Self {
        Self::Power(Box::new((base, exponent)))
    }

    pub(crate) fn number(&self) -> Option<&RBig> {
        match self {
            Self::Number(n) => Some(n),
            _ => None,
        }
    }

    /// The rational that an expression as it was written is, such as `1/3`, where it is put together from small numbers.
    pub(crate) fn rational(&self) -> Option<RBig> {
        let small = |n: RBig| (crate::number::bits(&n) <= 512).then_some(n);
        match self {
            Self::Number(n) => Some(n.clone()),
            Self::Sum(items) => items.iter().try_fold(RBig::ZERO, |sum, item| small(sum + item.rational()?)),
            Self::Product(items) => items.iter().try_fold(RBig::ONE, |product, item| small(product * item.rational()?)),
            Self::Power(parts) => {
                let (base, n) = (parts.0.rational()?, parts.1.rational().as_ref().and_then(crate::number::small)?);
                if n.unsigned_abs() > 16 || base.is_zero() && n <= 0 {
                    return None;
                }
                let power = (0..n.unsigned_abs()).try_fold(RBig::ONE, |power, _| small(power * &base))?;
                Some(if n < 0 { RBig::ONE / power } else { power })
            }
            _ => None,
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.number().is_some_and(RBig::is_zero)
    }

    pub(crate) fn is_one(&self) -> bool {
        self.number().is_some_and(RBig::is_one)
    }

    /// The rational factor in front, and the rest.
    pub(crate) fn split_coefficient(&self) -> (RBig, Self) {
        match self {
            Self::Number(n) => (n.clone(), Self::one()),
            Self::Product(factors) => match factors.split_first() {
                Some((Self::Number(n), [only])) => (n.clone(), only.clone()),
                Some((Self::Number(n), rest)) => (n.clone(), Self::Product(rest.to_vec())),
                _ => (RBig::ONE, self.clone()),
            },
            _ => (RBig::ONE, self.clone()),
        }
    }

    /// Whether it is written with a minus sign in front.
    pub(crate) fn looks_negative(&self) -> bool {
        match self {
            Self::Number(n) => is_negative(n),
            Self::Product(factors) => factors.first().is_some_and(Self::looks_negative),
            _ => false,
        }
    }

    pub(crate) fn children(&self) -> Vec<&Self> {
        match self {
            Self::Number(_) | Self::Constant(_) | Self::Variable(_) => Vec::new(),
            Self::Call(_, argument) => vec![argument],
            Self::Power(parts) => vec![&parts.0, &parts.1],
            Self::Product(items) | Self::Sum(items) => items.iter().collect(),
        }
    }

    pub(crate) fn terms(&self) -> &[Self] {
        match self {
            Self::Sum(terms) => terms,
            _ => std::slice::from_ref(self),
        }
    }

    pub(crate) fn factors(&self) -> &[Self] {
        match self {
            Self::Product(factors) => factors,
            _ => std::slice::from_ref(self),
        }
    }

    pub(crate) fn any(&self, test: &mut impl FnMut(&Self) -> bool) -> bool {
        test(self) || self.children().into_iter().any(|child| child.any(test))
    }

    pub(crate) fn contains(&self, part: &Self) -> bool {
        self.any(&mut |e| e == part)
    }

    pub(crate) fn has(&self, variable: &str) -> bool {
        self.any(&mut |e| matches!(e, Self::Variable(v) if **v == *variable))
    }

    pub(crate) fn variables(&self) -> BTreeSet<Name> {
        let mut names = BTreeSet::new();
        self.any(&mut |e| {
            if let Self::Variable(name) = e {
                names.insert(Arc::clone(name));
            }
            false
        });
        names
    }

    /// How much there is to read: nodes, and the digits of numbers.
    pub(crate) fn size(&self) -> usize {
        let own = match self {
            Self::Number(n) => 1 + crate::number::bits(n) / 12 + usize::from(!n.is_int()),
            Self::Power(parts) if parts.1.number().is_some_and(|n| *n == int(-1)) => 0,
            Self::Call(..) => 2,
            _ => 1,
        };
        own + self.children().into_iter().map(Self::size).sum::<usize>()
    }

    /// Replaces every part that `rule` has an answer for, from the outside in, and puts the rest together by the rules
    /// of [`crate::auto`].
    pub(crate) fn rewrite(&self, work: &Work, rule: &mut impl FnMut(&Self) -> Outcome<Option<Self>>) -> Outcome<Self> {
        if let Some(other) = rule(self)? {
            return Ok(other);
        }
        self.map_children(work, &mut |child, work| child.rewrite(work, rule))
    }

    /// Puts the parts together again by the rules of [`crate::auto`], each changed by `change`.
    pub(crate) fn map_children(
        &self,
        work: &Work,
        change: &mut impl FnMut(&Self, &Work) -> Outcome<Self>,
    ) -> Outcome<Self> {
        use crate::auto;
        work.spend(1)?;
        work.deeper(|| {
            Ok(match self {
                Self::Number(_) | Self::Constant(_) | Self::Variable(_) => self.clone(),
                Self::Call(function, argument) => auto::call(work, *function, change(argument, work)?)?,
                Self::Power(parts) => {
                    let base = change(&parts.0, work)?;
                    let exponent = change(&parts.1, work)?;
                    auto::power(work, base, exponent)?
                }
                Self::Product(items) => {
                    let items = items.iter().map(|item| change(item, work)).collect::<Outcome<_>>()?;
                    auto::product(work, items)?
                }
                Self::Sum(items) => {
                    let items = items.iter().map(|item| change(item, work)).collect::<Outcome<_>>()?;
                    auto::sum(work, items)?
                }
            })
        })
    }

    /// The canonical form of what was written.
    pub(crate) fn normal(&self, work: &Work) -> Outcome<Self> {
        self.map_children(work, &mut |child, work| child.normal(work))
    }

    /// `value` in place of `part`, everywhere.
    pub(crate) fn replace(&self, work: &Work, part: &Self, value: &Self) -> Outcome<Self> {
        self.rewrite(work, &mut |e| Ok((e == part).then(|| value.clone())))
    }
}
