use dashu::rational::RBig;

use crate::{error::Span, functions::Function, units::Unit};

/// An expression and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub expr: Expr,
    pub span: Span,
    /// Written in brackets of its own.
    pub grouped: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Number {
        value: RBig,
        integer: bool,
    },
    Constant(Constant),
    /// A name that is neither function nor constant: a unit, or nothing.
    Unit(String),
    Negate(Box<Node>),
    Percent(Box<Node>),
    Factorial(Box<Node>),
    Power {
        base: Box<Node>,
        exponent: Box<Node>,
        raised: bool,
    },
    /// A product by juxtaposition: `2pi`, `5 km`.
    Implicit(Vec<Node>),
    /// Operators of one precedence, from left to right. A list and not a tree, so that the tree's depth is the
    /// expression's nesting and not its length.
    Chain(Box<Node>, Vec<(Operator, Span, Node)>),
    Call(Function, Vec<Node>),
    List(Vec<Node>),
    Convert(Box<Node>, Target),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    /// `20% off 350`.
    Off,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Unit(Unit),
    Percent,
    Fraction,
    Decimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Constant {
    Pi,
    E,
    Tau,
    Phi,
    /// A number word; numerator and denominator.
    Word(u64, u64),
}

impl Constant {
    pub(crate) fn lookup(name: &str) -> Option<Self> {
        if name == "e" {
            return Some(Self::E);
        }
        if name == "Φ" || name == "φ" || name == "ϕ" {
            return Some(Self::Phi);
        }
        Some(match name.to_lowercase().as_str() {
            "pi" | "π" => Self::Pi,
            "tau" | "τ" => Self::Tau,
            "phi" => Self::Phi,
            "half" => Self::Word(1, 2),
            "quarter" => Self::Word(1, 4),
            "dozen" | "dozens" => Self::Word(12, 1),
            "hundred" | "hundreds" => Self::Word(100, 1),
            "thousand" | "thousands" => Self::Word(1_000, 1),
            "million" | "millions" => Self::Word(1_000_000, 1),
            "billion" | "billions" => Self::Word(1_000_000_000, 1),
            "trillion" | "trillions" => Self::Word(1_000_000_000_000, 1),
            _ => return None,
        })
    }
}

impl Node {
    pub(crate) fn new(expr: Expr, span: Span) -> Self {
        Self { expr, span, grouped: false }
    }

    /// Whether it scales what stands before it without any doubt: a unit, its power, or a word such as `million`.
    pub(crate) fn is_unit_like(&self) -> bool {
        match &self.expr {
            Expr::Unit(_) | Expr::Constant(Constant::Word(..)) => true,
            Expr::Power { base, .. } => matches!(base.expr, Expr::Unit(_)) && !self.grouped,
            _ => false,
        }
    }

    /// Whether a division by it can be read in two ways, as `6/2(1+2)`.
    pub(crate) fn is_ambiguous_divisor(&self) -> bool {
        match &self.expr {
            _ if self.grouped => false,
            Expr::Negate(inner) => inner.is_ambiguous_divisor(),
            Expr::Implicit(parts) => parts.iter().skip(1).any(|part| !part.is_unit_like()),
            _ => false,
        }
    }
}
