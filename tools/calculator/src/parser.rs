mod operand;

use dashu::integer::IBig;

use crate::{
    ast::{Constant, Expr, Node, Operator, Target},
    error::{Fault, Outcome, Span},
    lexer::{KEYWORDS, Spanned, Token, tokenize},
    units::{CURRENCY, MAX_UNIT_POWER, Unit},
};

/// Brackets, signs and powers within one another.
pub(crate) const MAX_DEPTH: usize = 40;

/// Parses an expression. Precedence from loose to tight: conversion, sum, product, sign, juxtaposition, power, postfix.
pub(crate) fn parse(input: &str) -> Outcome<Node> {
    let tokens = tokenize(input)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, currency: None };
    if *parser.peek() == Token::End {
        return Err(Fault::syntax("the expression is empty"));
    }
    let node = parser.conversion()?;
    match parser.peek() {
        Token::End => Ok(node),
        Token::Close(c) => Err(Fault::syntax(format!("unexpected `{c}`: nothing is open")).at(parser.span())),
        Token::Comma => Err(Fault::syntax("unexpected `,`: arguments only stand in a call").at(parser.span())),
        other => Err(Fault::syntax(format!("unexpected {}", other.describe())).at(parser.span())),
    }
}

struct Parser<'a> {
    tokens: &'a [Spanned],
    at: usize,
    depth: usize,
    currency: Option<char>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> &'a Token {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> &'a Token {
        self.tokens.get(self.at + ahead).map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Span {
        let end = self.tokens.last().map_or(Span { start: 0, end: 0 }, |(_, span)| *span);
        self.tokens.get(self.at).map_or(end, |(_, span)| *span)
    }

    fn keyword(&self, ahead: usize) -> Option<&'static str> {
        let Token::Name(name) = self.peek_at(ahead) else { return None };
        KEYWORDS.into_iter().find(|k| k == name || (*k == "x" && name == "X"))
    }

    fn enter(&mut self) -> Outcome<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::limit(format!("nested too deeply (at most {MAX_DEPTH} levels)")).at(self.span()));
        }
        Ok(())
    }

    fn conversion(&mut self) -> Outcome<Node> {
        let mut node = self.sum()?;
        while matches!(self.keyword(0), Some("to" | "in" | "into" | "as")) || *self.peek() == Token::Arrow {
            self.at += 1;
            let start = self.span();
            let target = self.target()?;
            let span = node.span.to(Span { start: start.start, end: self.previous_end() });
            node = Node::new(Expr::Convert(Box::new(node), target), span);
        }
        Ok(node)
    }

    fn previous_end(&self) -> usize {
        self.tokens.get(self.at.saturating_sub(1)).map_or(0, |(_, span)| span.end)
    }

    fn target(&mut self) -> Outcome<Target> {
        match self.peek() {
            Token::Percent => {
                self.at += 1;
                return Ok(Target::Percent);
            }
            Token::Currency(_) => return Err(Fault::unit(CURRENCY).at(self.span())),
            Token::Name(name) => {
                let special = match name.as_str() {
                    "percent" | "percentage" => Some(Target::Percent),
                    "fraction" => Some(Target::Fraction),
                    "decimal" | "decimals" => Some(Target::Decimal),
                    _ => None,
                };
                if let Some(target) = special {
                    self.at += 1;
                    return Ok(target);
                }
            }
            _ => {}
        }
        let mut unit = Unit::none();
        let mut sign = 1;
        loop {
            let Token::Name(name) = self.peek() else {
                let what = self.peek().describe();
                return Err(Fault::syntax(format!("a unit is missing here, found {what}")).at(self.span()));
            };
            self.at += 1;
            let power = self.unit_power()?;
            unit.multiply(name, sign * power).map_err(|f| f.at(self.span()))?;
            sign = match self.peek() {
                Token::Divide => -1,
                Token::Times => 1,
                Token::Name(_) if self.keyword(0) == Some("per") => -1,
                Token::Name(_) if self.keyword(0).is_none() => {
                    sign = 1;
                    continue;
                }
                _ => return Ok(Target::Unit(unit)),
            };
            self.at += 1;
        }
    }

    fn unit_power(&mut self) -> Outcome<i32> {
        let span = self.span();
        let power = match self.peek() {
            Token::Superscript(n) => {
                self.at += 1;
                i32::try_from(*n).ok()
            }
            Token::Power => {
                self.at += 1;
                let negative = *self.peek() == Token::Minus;
                self.at += usize::from(negative);
                let Token::Number { value, .. } = self.peek() else {
                    return Err(Fault::syntax("a unit's power must be a whole number").at(self.span()));
                };
                self.at += 1;
                let n = IBig::try_from(value.clone()).ok().and_then(|n| i32::try_from(n).ok());
                n.map(|n| if negative { n.saturating_neg() } else { n })
            }
            _ => Some(1),
        };
        power.filter(|n| n.unsigned_abs() <= MAX_UNIT_POWER).ok_or_else(|| {
            Fault::unit(format!("a unit's power must be a whole number up to {MAX_UNIT_POWER}")).at(span)
        })
    }

    fn sum(&mut self) -> Outcome<Node> {
        self.chain(
            |parser| match (parser.peek(), parser.keyword(0)) {
                (Token::Plus, _) | (_, Some("plus")) => Some((Operator::Add, 1)),
                (Token::Minus, _) | (_, Some("minus")) => Some((Operator::Subtract, 1)),
                _ => None,
            },
            Self::product,
        )
    }

    fn product(&mut self) -> Outcome<Node> {
        let node = self.chain(
            |parser| match (parser.peek(), parser.keyword(0)) {
                (Token::Times, _) | (_, Some("times" | "of")) => Some((Operator::Multiply, 1)),
                (Token::Divide, _) | (_, Some("per")) => Some((Operator::Divide, 1)),
                (_, Some("divided")) if parser.keyword(1) == Some("by") => Some((Operator::Divide, 2)),
                (Token::FloorDivide, _) => Some((Operator::FloorDivide, 1)),
                (Token::Percent, _) | (_, Some("mod")) => Some((Operator::Modulo, 1)),
                (_, Some("off")) => Some((Operator::Off, 1)),
                (_, Some("x")) if parser.starts_operand(1) => Some((Operator::Multiply, 1)),
                _ => None,
            },
            Self::factor,
        )?;
        proper_fraction_of_a_unit(node)
    }

    fn chain(
        &mut self,
        operator: impl Fn(&Self) -> Option<(Operator, usize)>,
        mut operand: impl FnMut(&mut Self) -> Outcome<Node>,
    ) -> Outcome<Node> {
        let first = operand(self)?;
        let mut rest = Vec::new();
        while let Some((operator, width)) = operator(self) {
            let span = self.span();
            self.at += width;
            let node = operand(self)?;
            let divides = matches!(operator, Operator::Divide | Operator::FloorDivide | Operator::Modulo);
            if divides && node.is_ambiguous_divisor() {
                let message =
                    "this division can be read in two ways: write `*` or parentheses, as in (6/2)*3 or 6/(2*3)";
                return Err(Fault::syntax(message).at(node.span));
            }
            rest.push((operator, span, node));
        }
        let Some((_, _, last)) = rest.last() else { return Ok(first) };
        let span = first.span.to(last.span);
        Ok(Node::new(Expr::Chain(Box::new(first), rest), span))
    }

    fn factor(&mut self) -> Outcome<Node> {
        let span = self.span();
        match self.peek() {
            Token::Minus => {
                self.enter()?;
                self.at += 1;
                let inner = self.factor()?;
                self.depth -= 1;
                let span = span.to(inner.span);
                Ok(Node::new(Expr::Negate(Box::new(inner)), span))
            }
            Token::Plus => {
                self.enter()?;
                self.at += 1;
                let inner = self.factor()?;
                self.depth -= 1;
                Ok(inner)
            }
            _ => self.measures(),
        }
    }

    /// `5 ft 6 in`: quantities side by side are added.
    fn measures(&mut self) -> Outcome<Node> {
        let first = self.juxtaposition()?;
        let mut rest = Vec::new();
        while matches!(self.peek(), Token::Number { .. }) {
            let span = self.span();
            let follows_unit = rest.last().map_or(&first, |(_, _, node): &(_, _, Node)| node).ends_in_unit();
            let has_unit = matches!(self.peek_at(1), Token::Name(name) if Constant::lookup(name).is_none()
                && (self.keyword(1).is_none() || name == "in"));
            if !(follows_unit && has_unit) {
                return Err(Fault::syntax("an operator is missing before this number").at(span));
            }
            let node = self.juxtaposition()?;
            rest.push((Operator::Add, span, node));
        }
        let Some((_, _, last)) = rest.last() else { return Ok(first) };
        let span = first.span.to(last.span);
        Ok(Node { grouped: true, ..Node::new(Expr::Chain(Box::new(first), rest), span) })
    }

    fn juxtaposition(&mut self) -> Outcome<Node> {
        let first = self.power()?;
        let mut parts = vec![first];
        loop {
            let last = parts.last().map_or(0, |part| part.span.end);
            let number = parts.len() == 1 && parts.iter().all(|p| matches!(p.expr, Expr::Number { .. }));
            let follows = match self.peek() {
                Token::Open('(') | Token::Root(_) => true,
                Token::Name(name) if name == "in" => number && self.in_is_inch(),
                Token::Name(_) => self.keyword(0).is_none(),
                _ => false,
            };
            if !follows {
                break;
            }
            let part = if self.keyword(0) == Some("in") {
                let span = self.span();
                self.at += 1;
                Node::new(Expr::Unit("inch".into()), span)
            } else {
                self.power()?
            };
            let after_power =
                parts.last().is_some_and(|p| !p.grouped && matches!(p.expr, Expr::Power { raised: false, .. }));
            if after_power && !part.is_unit_like() {
                let message = "it is not clear where the exponent ends: write `*` or parentheses";
                return Err(Fault::syntax(message).at(Span { start: last, end: part.span.end }));
            }
            parts.push(part);
        }
        if parts.len() == 1 {
            return parts.pop().ok_or_else(|| Fault::syntax("the expression is empty"));
        }
        let start = parts.first().map_or(0, |p| p.span.start);
        let end = parts.last().map_or(start, |p| p.span.end);
        Ok(Node::new(Expr::Implicit(parts), Span { start, end }))
    }

    /// After a number, `in` is the inch unless a unit to convert to follows.
    fn in_is_inch(&self) -> bool {
        match self.peek_at(1) {
            Token::Name(_) => self.keyword(1).is_some(),
            Token::Percent | Token::Currency(_) => false,
            _ => true,
        }
    }

    fn power(&mut self) -> Outcome<Node> {
        let base = self.postfix()?;
        if *self.peek() != Token::Power {
            return Ok(base);
        }
        self.enter()?;
        self.at += 1;
        let exponent = self.exponent()?;
        self.depth -= 1;
        let span = base.span.to(exponent.span);
        Ok(Node::new(Expr::Power { base: Box::new(base), exponent: Box::new(exponent), raised: false }, span))
    }

    fn exponent(&mut self) -> Outcome<Node> {
        let span = self.span();
        match self.peek() {
            Token::Minus => {
                self.enter()?;
                self.at += 1;
                let inner = self.exponent()?;
                self.depth -= 1;
                let span = span.to(inner.span);
                Ok(Node::new(Expr::Negate(Box::new(inner)), span))
            }
            Token::Plus => {
                self.at += 1;
                self.power()
            }
            _ => self.power(),
        }
    }
}

impl Node {
    fn ends_in_unit(&self) -> bool {
        match &self.expr {
            Expr::Implicit(parts) => {
                !self.grouped && parts.last().is_some_and(|part| matches!(part.expr, Expr::Unit(_)))
            }
            _ => false,
        }
    }
}

/// `1/2 hour` is half an hour; `100/5 hours` could be twenty hours or twenty per hour and is refused.
fn proper_fraction_of_a_unit(node: Node) -> Outcome<Node> {
    let Expr::Chain(first, rest) = &node.expr else { return Ok(node) };
    let [(Operator::Divide, at, Node { expr: Expr::Implicit(parts), grouped: false, span }), tail @ ..] =
        rest.as_slice()
    else {
        return Ok(node);
    };
    let [number @ Node { expr: Expr::Number { value: divisor, integer }, .. }, units @ ..] = parts.as_slice() else {
        return Ok(node);
    };
    let Expr::Number { value: dividend, integer: whole } = &first.expr else { return Ok(node) };
    if !(*integer && *whole && dividend < divisor) {
        let message =
            "a division before a unit can be read in two ways: write parentheses, as in (100/5) km or 100/(5 km)";
        return Err(Fault::syntax(message).at(*span));
    }
    let fraction = vec![(Operator::Divide, *at, number.clone())];
    let fraction = Node::new(Expr::Chain(first.clone(), fraction), first.span.to(number.span));
    let quantity = Node::new(Expr::Implicit([vec![fraction], units.to_vec()].concat()), first.span.to(*span));
    if tail.is_empty() {
        return Ok(quantity);
    }
    Ok(Node::new(Expr::Chain(Box::new(quantity), tail.to_vec()), node.span))
}
