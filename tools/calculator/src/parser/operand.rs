//! Operands: numbers, names, calls, brackets, and what stands directly behind them.

use dashu::rational::RBig;

use super::Parser;
use crate::{
    ast::{Constant, Expr, Node},
    error::{Fault, Outcome, Span},
    functions::{Function, suggestion},
    lexer::Token,
};

impl Parser<'_> {
    pub(super) fn postfix(&mut self) -> Outcome<Node> {
        let mut node = self.atom()?;
        loop {
            let span = node.span.to(self.span());
            let expr = match self.peek() {
                Token::Bang if matches!(node.expr, Expr::Factorial(_)) && !node.grouped => {
                    return Err(Fault::syntax("double factorials are not calculated; write (n!)!").at(self.span()));
                }
                Token::Bang => Expr::Factorial(Box::new(node)),
                // Before an operand, `%` is the remainder: 17 % 5.
                Token::Percent if !self.starts_operand(1) => {
                    if matches!(node.expr, Expr::Percent(_)) && !node.grouped {
                        return Err(Fault::syntax("unexpected second `%`").at(self.span()));
                    }
                    Expr::Percent(Box::new(node))
                }
                Token::Name(name) if name == "percent" => Expr::Percent(Box::new(node)),
                Token::Superscript(n) => {
                    if matches!(node.expr, Expr::Power { raised: true, .. }) && !node.grouped {
                        return Err(Fault::syntax("unexpected second raised number").at(self.span()));
                    }
                    let exponent = Expr::Number { value: RBig::from(*n), integer: true };
                    let exponent = Box::new(Node::new(exponent, self.span()));
                    Expr::Power { base: Box::new(node), exponent, raised: true }
                }
                Token::Currency(c)
                    if matches!(node.expr, Expr::Number { .. }) && !matches!(self.peek_at(1), Token::Number { .. }) =>
                {
                    self.note_currency(*c)?;
                    self.at += 1;
                    continue;
                }
                _ => return Ok(node),
            };
            self.at += 1;
            node = Node::new(expr, span);
        }
    }

    pub(super) fn starts_operand(&self, ahead: usize) -> bool {
        match self.peek_at(ahead) {
            Token::Number { .. } | Token::Open(_) | Token::Root(_) | Token::Currency(_) => true,
            Token::Name(_) => self.keyword(ahead).is_none(),
            _ => false,
        }
    }

    /// One currency's sign is read over; two would silently give nonsense.
    fn note_currency(&mut self, sign: char) -> Outcome<()> {
        match self.currency {
            Some(other) if other != sign => {
                let message =
                    format!("`{other}` and `{sign}` are different currencies: there are no exchange rates here");
                Err(Fault::unit(message).at(self.span()))
            }
            _ => {
                self.currency = Some(sign);
                Ok(())
            }
        }
    }

    fn atom(&mut self) -> Outcome<Node> {
        let span = self.span();
        match self.peek() {
            Token::Number { value, integer } => {
                self.at += 1;
                Ok(Node::new(Expr::Number { value: value.clone(), integer: *integer }, span))
            }
            Token::Currency(c) => {
                self.note_currency(*c)?;
                self.at += 1;
                if !matches!(self.peek(), Token::Number { .. }) {
                    return Err(Fault::syntax(format!("an amount must follow `{c}`")).at(span));
                }
                self.atom()
            }
            Token::Open(bracket) => {
                let mut items = self.arguments(*bracket)?;
                let span = span.to(Span { start: span.start, end: self.previous_end() });
                match items.pop() {
                    None => Err(Fault::syntax("there is nothing in these brackets").at(span)),
                    Some(only) if items.is_empty() => Ok(Node { span, grouped: true, ..only }),
                    Some(last) if *bracket == '[' => {
                        items.push(last);
                        Ok(Node::new(Expr::List(items), span))
                    }
                    Some(last) => Err(Fault::syntax("a `,` only separates the arguments of a call").at(last.span)),
                }
            }
            Token::Root(n) => {
                self.enter()?;
                self.at += 1;
                let inner = self.atom()?;
                self.depth -= 1;
                let span = span.to(inner.span);
                let degree = Node::new(Expr::Number { value: RBig::from(*n), integer: true }, span);
                let (function, arguments) =
                    if *n == 2 { (Function::Sqrt, vec![inner]) } else { (Function::Root, vec![inner, degree]) };
                Ok(Node::new(Expr::Call(function, arguments), span))
            }
            Token::Name(name) => self.name(name, span),
            Token::End => Err(Fault::syntax("the expression ends too early: a number is missing").at(span)),
            other => {
                let message = format!("unexpected {}: a number is missing before it", other.describe());
                Err(Fault::syntax(message).at(span))
            }
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Outcome<Node> {
        let called = *self.peek_at(1) == Token::Open('(');
        let function = Function::lookup(name);
        if self.keyword(0).is_some() && !(called && function.is_some()) {
            return Err(Fault::syntax(format!("unexpected `{name}`: a number is missing before it")).at(span));
        }
        if called && let Some(function) = function {
            self.at += 1;
            let arguments = self.arguments('(')?;
            let span = span.to(Span { start: span.start, end: self.previous_end() });
            // A list stands for its items: mean([1, 2, 3]).
            let arguments: Vec<Node> = arguments
                .into_iter()
                .flat_map(|node| match node.expr {
                    Expr::List(items) => items,
                    _ => vec![node],
                })
                .collect();
            function.check_arity(arguments.len()).map_err(|f| f.at(span))?;
            return Ok(Node::new(Expr::Call(function, arguments), span));
        }
        self.at += 1;
        if let Some(constant) = Constant::lookup(name) {
            return Ok(Node::new(Expr::Constant(constant), span));
        }
        // These are also the minute, the degree Celsius, the poise and the units of angle.
        if function.is_some() && !matches!(name, "min" | "C" | "P" | "degrees" | "radians") {
            let message = format!("`{name}` needs its argument in parentheses: {name}(…)");
            return Err(Fault::syntax(message).at(span));
        }
        let adjacent = self.tokens.get(self.at).is_some_and(|(_, next)| next.start == span.end);
        if called && adjacent {
            let hint = suggestion(name).map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
            return Err(Fault::syntax(format!("there is no function `{name}`{hint}")).at(span));
        }
        Ok(Node::new(Expr::Unit(name.to_owned()), span))
    }

    /// From the opening bracket to behind the closing one.
    fn arguments(&mut self, bracket: char) -> Outcome<Vec<Node>> {
        self.enter()?;
        let open = self.span();
        self.at += 1;
        let close = if bracket == '[' { ']' } else { ')' };
        let mut items = Vec::new();
        if *self.peek() != Token::Close(close) {
            loop {
                items.push(self.conversion()?);
                if *self.peek() != Token::Comma {
                    break;
                }
                self.at += 1;
            }
        }
        match self.peek() {
            Token::Close(c) if *c == close => self.at += 1,
            Token::End => return Err(Fault::syntax(format!("this `{bracket}` is never closed")).at(open)),
            other => {
                let message = format!("unexpected {}: expected an operator or `{close}`", other.describe());
                return Err(Fault::syntax(message).at(self.span()));
            }
        }
        self.depth -= 1;
        Ok(items)
    }
}
