mod words;

use dashu::rational::RBig;

use crate::{
    error::{Fault, Outcome, Span},
    expr::{Constant, Expr},
    lexer::{Lexeme, Relation, Token, tokenize},
    number::fraction,
    parser::words::{Meaning, Reading},
};

/// Characters of the longest input.
pub(crate) const MAX_INPUT: usize = 2_000;

/// Brackets, signs and powers within one another.
const MAX_DEPTH: usize = 40;

/// One equation, inequality or bare expression, as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub left: Expr,
    /// What stands between the sides; a bare expression has none, and zero on the right.
    pub relation: Option<Relation>,
    pub right: Expr,
}

/// Reads one expression. Words in `declared` are variables, whatever else they could mean.
pub(crate) fn expression(input: &str, declared: &[String]) -> Outcome<Expr> {
    let statements = statements(input, declared)?;
    match statements.as_slice() {
        [Statement { left, relation: None, .. }] => Ok(left.clone()),
        [_] => Err(Fault::syntax("one expression is expected here, not an equation")),
        _ => Err(Fault::syntax("one expression is expected here, not several")),
    }
}

/// Reads equations and inequalities, separated by `,`, `;`, `and` or new lines. A chain `a < x < b` makes two.
pub(crate) fn statements(input: &str, declared: &[String]) -> Outcome<Vec<Statement>> {
    if input.chars().nth(MAX_INPUT).is_some() {
        let place = Span { start: MAX_INPUT, end: MAX_INPUT + 1 };
        return Err(Fault::limit(format!("the input is too long (at most {MAX_INPUT} characters)")).at(place));
    }
    let tokens = tokenize(input)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, bars: 0, declared };
    parser.skip_separators();
    if *parser.peek() == Token::End {
        return Err(Fault::syntax("the expression is empty"));
    }
    let mut found = Vec::new();
    loop {
        let mut left = parser.sum()?;
        let mut chained = false;
        while let Token::Relation(relation) = *parser.peek() {
            parser.at += 1;
            let right = parser.sum()?;
            found.push(Statement { left, relation: Some(relation), right: right.clone() });
            left = right;
            chained = true;
        }
        if !chained {
            found.push(Statement { left, relation: None, right: Expr::zero() });
        }
        match parser.peek() {
            Token::End => return Ok(found),
            Token::Separator(_) => {}
            Token::Word(word) if word == "and" => parser.at += 1,
            Token::Close(c) => {
                return Err(Fault::syntax(format!("unexpected `{c}`: nothing is open")).at(parser.span()));
            }
            other => return Err(Fault::syntax(format!("unexpected {}", other.describe())).at(parser.span())),
        }
        parser.skip_separators();
        if *parser.peek() == Token::End {
            return Ok(found);
        }
    }
}

struct Parser<'a> {
    tokens: &'a [Lexeme],
    at: usize,
    depth: usize,
    /// Open `|` since the last open bracket.
    bars: usize,
    declared: &'a [String],
}

impl<'a> Parser<'a> {
    fn peek(&self) -> &'a Token {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> &'a Token {
        self.tokens.get(self.at + ahead).map_or(&Token::End, |lexeme| &lexeme.token)
    }

    fn spaced(&self) -> bool {
        self.tokens.get(self.at).is_some_and(|lexeme| lexeme.spaced)
    }

    fn span(&self) -> Span {
        let end = self.tokens.last().map_or(Span { start: 0, end: 0 }, |lexeme| lexeme.span);
        self.tokens.get(self.at).map_or(end, |lexeme| lexeme.span)
    }

    fn skip_separators(&mut self) {
        while matches!(self.peek(), Token::Separator(_)) {
            self.at += 1;
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::limit(format!("nested too deeply (at most {MAX_DEPTH} levels)")).at(self.span()));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn sum(&mut self) -> Outcome<Expr> {
        let mut terms = Vec::new();
        let mut negative = false;
        loop {
            let term = self.product()?;
            terms.push(if negative { negate(term) } else { term });
            negative = match self.peek() {
                Token::Plus => false,
                Token::Minus => true,
                _ => break,
            };
            self.at += 1;
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Expr::Sum(terms) })
    }

    /// Factors with `*` and `/` between them. A product by juxtaposition may not be divided by: `1/2x` has two readings.
    fn product(&mut self) -> Outcome<Expr> {
        let mut factors = Vec::new();
        let mut divide = false;
        loop {
            let start = self.span();
            let (factor, several) = self.juxtaposed()?;
            if divide && several {
                let place = Span { start: start.start, end: self.previous_end() };
                let hint = "`a/b c` can be read in two ways: write a/(b*c) or (a/b)*c";
                return Err(Fault::syntax(hint).at(place));
            }
            factors.push(if divide { Expr::raw_power(factor, Expr::int(-1)) } else { factor });
            divide = match self.peek() {
                Token::Times => false,
                Token::Divide => true,
                _ => break,
            };
            self.at += 1;
        }
        Ok(if factors.len() == 1 { factors.remove(0) } else { Expr::Product(factors) })
    }

    fn previous_end(&self) -> usize {
        self.tokens.get(self.at.saturating_sub(1)).map_or(0, |lexeme| lexeme.span.end)
    }

    /// A signed factor, and what stands right behind it as a factor of it: `2x`, `3(x+1)`, `x sin x`.
    fn juxtaposed(&mut self) -> Outcome<(Expr, bool)> {
        match self.peek() {
            Token::Plus => {
                self.at += 1;
                return self.nested(Self::juxtaposed);
            }
            Token::Minus => {
                self.at += 1;
                let (factor, several) = self.nested(Self::juxtaposed)?;
                return Ok((negate(factor), several));
            }
            _ => {}
        }
        let mut factors = Vec::new();
        let first = self.power(&mut factors)?;
        factors.push(first);
        while self.operand_follows() {
            if let (Token::Number(_), Some(before)) = (self.peek(), self.at.checked_sub(1)) {
                // `x2` is read as a name by the lexer; `2 3` and `(x)2` are more likely slips than products.
                let number_before = matches!(self.tokens.get(before), Some(Lexeme { token: Token::Number(_), .. }));
                let hint = if number_before { "two numbers in a row" } else { "a number behind a factor" };
                return Err(Fault::syntax(format!("{hint}: an operator such as `*` is missing")).at(self.span()));
            }
            let factor = self.power(&mut factors)?;
            factors.push(factor);
        }
        let several = factors.len() > 1;
        Ok((if several { Expr::Product(factors) } else { factors.remove(0) }, several))
    }

    fn operand_follows(&self) -> bool {
        match self.peek() {
            Token::Number(_) | Token::Root(_) | Token::Open(_) => true,
            Token::Word(word) => word != "and" || self.declared.contains(word),
            Token::Bar => self.bars == 0,
            _ => false,
        }
    }

    /// An operand with its exponents. A word that is a product, such as `xy`, puts all but its last letter into
    /// `before`, so that an exponent belongs to the last one.
    fn power(&mut self, before: &mut Vec<Expr>) -> Outcome<Expr> {
        let start = self.span();
        let base = self.operand(before)?;
        self.exponents(base, start)
    }

    fn exponents(&mut self, base: Expr, start: Span) -> Outcome<Expr> {
        match *self.peek() {
            Token::Superscript(n) => {
                self.at += 1;
                let raised = Expr::raw_power(base, Expr::int(n));
                self.nested(|p| p.exponents(raised, start))
            }
            Token::Power => {
                self.at += 1;
                let exponent = self.nested(Self::exponent)?;
                let loose = matches!(exponent, Expr::Number(_))
                    && matches!(base, Expr::Constant(Constant::E) | Expr::Number(_));
                if loose && !self.spaced() && matches!(self.peek(), Token::Word(_)) {
                    let place = Span { start: start.start, end: self.span().end };
                    let hint = "this power can be read in two ways: write e^(2*x) or e^2*x";
                    return Err(Fault::syntax(hint).at(place));
                }
                Ok(Expr::raw_power(base, exponent))
            }
            _ => Ok(base),
        }
    }

    /// What stands behind `^`: signs, one operand, and further powers, from the right.
    fn exponent(&mut self) -> Outcome<Expr> {
        match self.peek() {
            Token::Minus => {
                self.at += 1;
                Ok(negate(self.nested(Self::exponent)?))
            }
            Token::Plus => {
                self.at += 1;
                self.nested(Self::exponent)
            }
            _ => {
                let mut before = Vec::new();
                let last = self.power(&mut before)?;
                if before.is_empty() {
                    return Ok(last);
                }
                Err(Fault::syntax("put the exponent in brackets: x^(a*b)").at(self.span()))
            }
        }
    }

    fn operand(&mut self, before: &mut Vec<Expr>) -> Outcome<Expr> {
        let start = self.span();
        match self.peek() {
            Token::Number(value) => {
                self.at += 1;
                Ok(Expr::Number(value.clone()))
            }
            Token::Root(degree) => {
                self.at += 1;
                let mut inner = Vec::new();
                let argument = self.nested(|p| p.power(&mut inner))?;
                if !inner.is_empty() {
                    return Err(Fault::syntax("put what stands under the root in brackets").at(start));
                }
                Ok(Expr::raw_power(argument, Expr::Number(fraction(1, i64::from(*degree)))))
            }
            Token::Open(open) => {
                self.at += 1;
                let inner = self.bracketed(*open, start)?;
                Ok(inner)
            }
            Token::Bar => {
                self.at += 1;
                self.bars += 1;
                let inner = self.nested(Self::sum)?;
                if *self.peek() != Token::Bar {
                    return Err(Fault::syntax("this `|` is not closed").at(start));
                }
                self.at += 1;
                self.bars -= 1;
                Ok(Expr::Call(crate::expr::Function::Abs, Box::new(inner)))
            }
            Token::Word(word) => {
                self.at += 1;
                self.word(word, start, before)
            }
            Token::End => Err(Fault::syntax("something is missing at the end").at(start)),
            other => {
                Err(Fault::syntax(format!("unexpected {}: a value is missing before it", other.describe())).at(start))
            }
        }
    }

    fn bracketed(&mut self, open: char, start: Span) -> Outcome<Expr> {
        let bars = std::mem::take(&mut self.bars);
        let inner = self.nested(Self::sum)?;
        self.close(open, start)?;
        self.bars = bars;
        Ok(inner)
    }

    fn close(&mut self, open: char, start: Span) -> Outcome<()> {
        let expected = match open {
            '[' => ']',
            '{' => '}',
            _ => ')',
        };
        match self.peek() {
            Token::Close(c) if *c == expected => {
                self.at += 1;
                Ok(())
            }
            Token::Close(c) => Err(Fault::syntax(format!("`{c}` closes what `{open}` opened")).at(self.span())),
            Token::End => Err(Fault::syntax(format!("`{open}` is not closed")).at(start)),
            other => Err(Fault::syntax(format!("unexpected {} in brackets", other.describe())).at(self.span())),
        }
    }

    fn word(&mut self, word: &str, start: Span, before: &mut Vec<Expr>) -> Outcome<Expr> {
        if self.declared.iter().any(|name| name == word) {
            return Ok(Expr::variable(word));
        }
        let opens = matches!(self.peek(), Token::Open('(')) && !self.spaced();
        if opens && words::looks_like_a_function(word) {
            let hint = format!("`{word}(…)` is no function that is known here; for a product write {word}*(…)");
            return Err(Fault::syntax(hint).at(start));
        }
        match words::lookup(word, start)? {
            Meaning::Value(value) => Ok(value),
            Meaning::Letters(mut letters) => {
                let last = letters.pop().unwrap_or_else(Expr::one);
                before.extend(letters);
                Ok(last)
            }
            Meaning::Function(reading) => self.call(word, reading, start),
        }
    }

    /// A function and its argument: in brackets, or without them up to the next operator or function: `sin 2x`.
    fn call(&mut self, word: &str, reading: Reading, start: Span) -> Outcome<Expr> {
        let mut power = None;
        if let Token::Superscript(n) = *self.peek() {
            self.at += 1;
            power = Some(RBig::from(n));
        } else if *self.peek() == Token::Power {
            self.at += 1;
            let exponent = self.nested(Self::exponent)?;
            let Expr::Number(n) = exponent else {
                return Err(Fault::syntax(format!("write ({word}(x))^n for a power of a function")).at(start));
            };
            power = Some(n);
        }
        let mut base = None;
        let argument = match self.peek() {
            Token::Open(open @ ('(' | '[')) => {
                let opened = self.span();
                self.at += 1;
                let bars = std::mem::take(&mut self.bars);
                let argument = self.nested(Self::sum)?;
                if *self.peek() == Token::Separator(',') && matches!(reading, Reading::Log | Reading::Root) {
                    self.at += 1;
                    base = Some(self.nested(Self::sum)?);
                }
                self.close(*open, opened)?;
                self.bars = bars;
                argument
            }
            _ if self.operand_follows() => self.nested(|p| p.bare_argument(reading))?,
            _ => return Err(Fault::syntax(format!("`{word}` needs an argument, as in {word}(x)")).at(start)),
        };
        let (reading, power) = match (reading, power) {
            (reading, Some(n)) if n == fraction(-1, 1) => match reading.inverse() {
                Some(inverse) => (inverse, None),
                None => return Err(Fault::syntax(format!("write 1/{word}(x) for the reciprocal")).at(start)),
            },
            other => other,
        };
        let value = reading.apply(argument, base).map_err(|fault| fault.at(start))?;
        Ok(match power {
            Some(n) => Expr::raw_power(value, Expr::Number(n)),
            None => value,
        })
    }

    fn bare_argument(&mut self, reading: Reading) -> Outcome<Expr> {
        let start = self.span();
        let mut factors = Vec::new();
        loop {
            let factor = self.power(&mut factors)?;
            factors.push(factor);
            let function_follows = match self.peek() {
                Token::Word(word) => words::is_function(word) && !self.declared.contains(word),
                _ => false,
            };
            let ends = matches!(reading, Reading::Root | Reading::CubeRoot)
                || function_follows
                || matches!(self.peek(), Token::Open(_) | Token::Number(_));
            if ends || !self.operand_follows() {
                break;
            }
        }
        if factors.len() > 1 && *self.peek() == Token::Divide {
            let hint = "`sin 2x/3` can be read in two ways: put the argument in brackets";
            return Err(Fault::syntax(hint).at(Span { start: start.start, end: self.span().end }));
        }
        Ok(if factors.len() == 1 { factors.remove(0) } else { Expr::Product(factors) })
    }
}

fn negate(e: Expr) -> Expr {
    match e {
        Expr::Number(n) => Expr::Number(-n),
        other => Expr::Product(vec![Expr::int(-1), other]),
    }
}
