use dashu::{
    integer::{IBig, UBig},
    rational::RBig,
};

use crate::{
    error::{Fault, Outcome, Span},
    functions::Function,
};

/// Largest decimal exponent of a literal such as `1e300`, either way.
const MAX_LITERAL_EXPONENT: i64 = 6_000;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// `integer` says that it was written with digits alone.
    Number {
        value: RBig,
        integer: bool,
    },
    Name(String),
    Plus,
    Minus,
    Times,
    Divide,
    FloorDivide,
    Power,
    /// `²`, `⁻¹`: an exponent that ends where its raised digits end.
    Superscript(i64),
    Percent,
    Bang,
    Root(u8),
    Open(char),
    Close(char),
    Comma,
    Currency(char),
    Arrow,
    End,
}

impl Token {
    /// How an error message names it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Number { .. } => "a number".into(),
            Self::Name(name) => format!("`{name}`"),
            Self::Plus => "`+`".into(),
            Self::Minus => "`-`".into(),
            Self::Times => "`*`".into(),
            Self::Divide => "`/`".into(),
            Self::FloorDivide => "`//`".into(),
            Self::Power => "`^`".into(),
            Self::Superscript(_) => "a raised number".into(),
            Self::Percent => "`%`".into(),
            Self::Bang => "`!`".into(),
            Self::Root(_) => "`√`".into(),
            Self::Open(c) | Self::Close(c) | Self::Currency(c) => format!("`{c}`"),
            Self::Comma => "`,`".into(),
            Self::Arrow => "`->`".into(),
            Self::End => "the end".into(),
        }
    }
}

pub(crate) type Spanned = (Token, Span);

/// Cuts the expression into tokens; the last one is [`Token::End`].
///
/// A comma between digits is a thousands separator where groups of three follow, except directly in the argument list
/// of a call or in `[…]`, where every comma separates: `max(1,200)` has two arguments, `max((1,200), 3)` as well.
pub(crate) fn tokenize(input: &str) -> Outcome<Vec<Spanned>> {
    let chars: Vec<char> = input.chars().collect();
    let mut lexer = Lexer { chars: &chars, at: 0, commas_separate: Vec::new() };
    let mut tokens: Vec<Spanned> = Vec::new();
    loop {
        let called = calls(&tokens);
        let after_number = matches!(tokens.last(), Some((Token::Number { .. }, _)));
        let start = {
            lexer.skip_whitespace();
            lexer.at
        };
        let token = lexer.next(called, after_number).map_err(|f| f.at(Span { start, end: lexer.at.max(start + 1) }))?;
        let end = token == Token::End;
        tokens.push((token, Span { start, end: lexer.at }));
        if end {
            return Ok(tokens);
        }
    }
}

/// Whether a bracket behind these tokens opens an argument list: behind a function's name, but not behind `7 mod`.
fn calls(tokens: &[Spanned]) -> bool {
    let [before @ .., (Token::Name(name), _)] = tokens else { return false };
    let operand = match before.last() {
        Some((Token::Name(name), _)) => !is_keyword(name),
        Some((token, _)) => matches!(
            token,
            Token::Number { .. } | Token::Close(_) | Token::Percent | Token::Bang | Token::Superscript(_)
        ),
        None => false,
    };
    Function::lookup(name).is_some() && !(operand && is_keyword(name))
}

/// Names that are operators, never constants or units.
pub(crate) const KEYWORDS: [&str; 14] =
    ["to", "in", "into", "as", "of", "off", "mod", "per", "x", "times", "plus", "minus", "divided", "by"];

fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
    /// For every open bracket: whether commas in it separate arguments.
    commas_separate: Vec<bool>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn skip_whitespace(&mut self) {
        while self.at < self.chars.len() && self.peek(0).is_whitespace() {
            self.at += 1;
        }
    }

    fn take(&mut self, count: usize, token: Token) -> Outcome<Token> {
        self.at += count;
        Ok(token)
    }

    fn next(&mut self, called: bool, after_number: bool) -> Outcome<Token> {
        if self.at >= self.chars.len() {
            return Ok(Token::End);
        }
        let c = self.peek(0);
        match c {
            '0'..='9' => self.number(),
            '.' if self.peek(1).is_ascii_digit() => self.number(),
            '+' | '＋' => self.take(1, Token::Plus),
            '-' if self.peek(1) == '>' => self.take(2, Token::Arrow),
            '→' => self.take(1, Token::Arrow),
            '-' | '−' | '–' | '‐' | '‑' => self.take(1, Token::Minus),
            '*' if self.peek(1) == '*' => self.take(2, Token::Power),
            '*' | '×' | '·' | '⋅' | '∙' | '•' | '∗' | '✕' => self.take(1, Token::Times),
            '/' if self.peek(1) == '/' => self.take(2, Token::FloorDivide),
            '/' | '÷' | '∕' | '⁄' => self.take(1, Token::Divide),
            '^' => self.take(1, Token::Power),
            '%' | '％' => self.take(1, Token::Percent),
            '!' if self.peek(1) != '=' => self.take(1, Token::Bang),
            '√' => self.take(1, Token::Root(2)),
            '∛' => self.take(1, Token::Root(3)),
            '∜' => self.take(1, Token::Root(4)),
            '(' | '[' => {
                self.commas_separate.push(called || c == '[');
                self.take(1, Token::Open(c))
            }
            ')' | ']' => {
                self.commas_separate.pop();
                self.take(1, Token::Close(c))
            }
            ',' | ';' => self.take(1, Token::Comma),
            '$' | '£' | '€' | '¥' | '₹' => self.take(1, Token::Currency(c)),
            '°' => {
                let scale = self.peek(1);
                let after = self.peek(2);
                if matches!(scale, 'C' | 'F' | 'K') && !after.is_alphanumeric() {
                    self.take(2, Token::Name(format!("°{scale}")))
                } else {
                    self.take(1, Token::Name("deg".into()))
                }
            }
            '℃' => self.take(1, Token::Name("°C".into())),
            '℉' => self.take(1, Token::Name("°F".into())),
            '=' if self.chars.get(self.at + 1..).unwrap_or_default().iter().all(|c| c.is_whitespace() || *c == '?') => {
                self.at = self.chars.len();
                Ok(Token::End)
            }
            '=' | '<' | '>' | '!' | '≠' | '≤' | '≥' => {
                Err(Fault::syntax("comparisons and equations are not calculated: write one expression"))
            }
            '{' | '}' => Err(Fault::syntax(format!("use ( ) instead of `{c}`"))),
            _ if superscript_digit(c).is_some() || c == '⁻' => self.superscript(),
            'x' | 'X' if after_number && self.peek(1).is_ascii_digit() => self.take(1, Token::Times),
            _ if c.is_alphabetic() || c == '_' => Ok(self.name()),
            _ => Err(Fault::syntax(format!("unexpected character `{}`", printable(c)))),
        }
    }

    fn name(&mut self) -> Token {
        let start = self.at;
        while self.peek(0).is_alphanumeric() && superscript_digit(self.peek(0)).is_none() || self.peek(0) == '_' {
            self.at += 1;
        }
        Token::Name(self.chars.get(start..self.at).unwrap_or_default().iter().collect())
    }

    fn superscript(&mut self) -> Outcome<Token> {
        let negative = self.peek(0) == '⁻';
        self.at += usize::from(negative);
        let mut value: Option<i64> = None;
        while let Some(digit) = superscript_digit(self.peek(0)) {
            value = Some(value.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            self.at += 1;
        }
        let value = value.ok_or_else(|| Fault::syntax("`⁻` needs a raised number after it"))?;
        Ok(Token::Superscript(if negative { -value } else { value }))
    }

    /// Digits with `_` between them, thousands groups, a fraction, an exponent.
    fn number(&mut self) -> Outcome<Token> {
        let mut digits = String::new();
        let start = self.at;
        self.digits(&mut digits);
        let mut integer = true;
        if digits == "0" && matches!(self.peek(0), 'x' | 'X' | 'b' | 'B' | 'o' | 'O') && self.peek(1).is_ascii_digit() {
            return Err(Fault::syntax("only decimal numbers are read, not 0x…, 0b… or 0o…"));
        }
        if !self.commas_separate.last().copied().unwrap_or(false) && self.peek(0) == ',' {
            self.thousands(&mut digits, start)?;
        }
        let mut scale: i64 = 0;
        if self.peek(0) == '.' && !self.peek(1).is_alphabetic() {
            self.at += 1;
            let whole = digits.len();
            self.digits(&mut digits);
            integer = false;
            scale = (digits.len() - whole) as i64;
            if self.peek(0) == '.' {
                return Err(Fault::syntax("a number has one decimal point"));
            }
        }
        let mut exponent: i64 = 0;
        if matches!(self.peek(0), 'e' | 'E') {
            let sign = usize::from(matches!(self.peek(1), '+' | '-' | '−'));
            if self.peek(1 + sign).is_ascii_digit() {
                let negative = sign == 1 && self.peek(1) != '+';
                self.at += 1 + sign;
                let mut text = String::new();
                self.digits(&mut text);
                // At most 1,000 characters of digits: a parse failure can only mean that it is out of range.
                exponent = text.parse().unwrap_or(i64::MAX);
                integer = false;
                if exponent > MAX_LITERAL_EXPONENT {
                    return Err(Fault::limit(format!("the exponent is too large (at most {MAX_LITERAL_EXPONENT})")));
                }
                if negative {
                    exponent = -exponent;
                }
            }
        }
        let magnitude = UBig::from_str_radix(&digits, 10).map_err(|_| Fault::syntax("this is not a number"))?;
        let shift = exponent - scale;
        let power = UBig::from(10u8).pow(usize::try_from(shift.unsigned_abs()).unwrap_or(0));
        let value = if shift >= 0 {
            RBig::from(IBig::from(magnitude * power))
        } else {
            RBig::from_parts(IBig::from(magnitude), power)
        };
        Ok(Token::Number { value, integer })
    }

    fn digits(&mut self, into: &mut String) {
        loop {
            let c = self.peek(0);
            let separator = c == '_' && !into.is_empty() && self.peek(1).is_ascii_digit();
            if c.is_ascii_digit() {
                into.push(c);
            } else if !separator {
                return;
            }
            self.at += 1;
        }
    }

    fn thousands(&mut self, digits: &mut String, start: usize) -> Outcome<()> {
        let group = |lexer: &Self| (1..=3).all(|i| lexer.peek(i).is_ascii_digit()) && !lexer.peek(4).is_ascii_digit();
        let first = self.at - start;
        while self.peek(0) == ',' && self.peek(1).is_ascii_digit() {
            if first > 3 || !group(self) {
                self.at += 1;
                return Err(Fault::syntax(
                    "a comma here separates thousands, in groups of three digits; write decimals with a point",
                ));
            }
            self.at += 1;
            for _ in 0..3 {
                digits.push(self.peek(0));
                self.at += 1;
            }
        }
        Ok(())
    }
}

fn superscript_digit(c: char) -> Option<i64> {
    "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|s| s == c).and_then(|i| i64::try_from(i).ok())
}

fn printable(c: char) -> String {
    if c.is_control() { c.escape_default().collect() } else { c.to_string() }
}
