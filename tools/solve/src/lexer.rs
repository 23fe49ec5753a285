use dashu::{
    integer::{IBig, UBig},
    rational::RBig,
};

use crate::error::{Fault, Outcome, Span};

/// Largest decimal exponent of a literal such as `1e300`, either way.
const MAX_LITERAL_EXPONENT: i64 = 400;

/// How the two sides of a statement compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Number(RBig),
    Word(String),
    Plus,
    Minus,
    Times,
    Divide,
    Power,
    /// `²`, `⁻¹`.
    Superscript(i64),
    Root(u8),
    Open(char),
    Close(char),
    Bar,
    /// `,`, `;` or a new line.
    Separator(char),
    Relation(Relation),
    End,
}

impl Token {
    /// How an error message names it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Number(_) => "a number".into(),
            Self::Word(name) => format!("`{name}`"),
            Self::Plus => "`+`".into(),
            Self::Minus => "`-`".into(),
            Self::Times => "`*`".into(),
            Self::Divide => "`/`".into(),
            Self::Power => "`^`".into(),
            Self::Superscript(_) => "a raised number".into(),
            Self::Root(_) => "`√`".into(),
            Self::Open(c) | Self::Close(c) => format!("`{c}`"),
            Self::Bar => "`|`".into(),
            Self::Separator('\n') => "a new line".into(),
            Self::Separator(c) => format!("`{c}`"),
            Self::Relation(_) => "a comparison".into(),
            Self::End => "the end".into(),
        }
    }
}

/// A token, its place, and whether white space stands before it.
#[derive(Debug, Clone)]
pub(crate) struct Lexeme {
    pub token: Token,
    pub span: Span,
    pub spaced: bool,
}

/// Cuts the text into tokens; the last one is [`Token::End`].
pub(crate) fn tokenize(input: &str) -> Outcome<Vec<Lexeme>> {
    let chars: Vec<char> = input.chars().collect();
    let mut lexer = Lexer { chars: &chars, at: 0 };
    let mut tokens = Vec::new();
    loop {
        let before = lexer.at;
        while lexer.peek(0).is_whitespace() && lexer.peek(0) != '\n' {
            lexer.at += 1;
        }
        let start = lexer.at;
        let token = lexer.next().map_err(|f| f.at(Span { start, end: lexer.at.max(start + 1) }))?;
        let end = token == Token::End;
        tokens.push(Lexeme { token, span: Span { start, end: lexer.at }, spaced: start > before });
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn take(&mut self, count: usize, token: Token) -> Outcome<Token> {
        self.at += count;
        Ok(token)
    }

    fn next(&mut self) -> Outcome<Token> {
        if self.at >= self.chars.len() {
            return Ok(Token::End);
        }
        let c = self.peek(0);
        match c {
            '0'..='9' => self.number(),
            '.' if self.peek(1).is_ascii_digit() => self.number(),
            '+' | '＋' => self.take(1, Token::Plus),
            '-' | '−' | '–' | '‐' | '‑' => self.take(1, Token::Minus),
            '*' if self.peek(1) == '*' => self.take(2, Token::Power),
            '*' | '×' | '·' | '⋅' | '∙' | '∗' => self.take(1, Token::Times),
            '/' | '÷' | '∕' | '⁄' => self.take(1, Token::Divide),
            '^' => self.take(1, Token::Power),
            '√' => self.take(1, Token::Root(2)),
            '∛' => self.take(1, Token::Root(3)),
            '(' | '[' | '{' => self.take(1, Token::Open(c)),
            ')' | ']' | '}' => self.take(1, Token::Close(c)),
            '|' => self.take(1, Token::Bar),
            ',' | ';' | '\n' => self.take(1, Token::Separator(c)),
            '=' | '<' | '>' | '≤' | '≥' | '⩽' | '⩾' => self.relation(c),
            '!' | '≠' => Err(Fault::syntax("`!` and `≠` are not read here: write an equation or an inequality")),
            '%' => Err(Fault::syntax("percent signs are not read here: write /100")),
            '\\' | '$' => Err(Fault::syntax("LaTeX is not read here: write x^2, sqrt(x), (a + b)/c")),
            _ if superscript_digit(c).is_some() || c == '⁻' => self.superscript(),
            '∞' => self.take(1, Token::Word("inf".into())),
            _ if c.is_alphabetic() || c == '_' => Ok(self.word()),
            _ => {
                let shown: String = if c.is_control() { c.escape_default().collect() } else { c.to_string() };
                Err(Fault::syntax(format!("unexpected character `{shown}`")))
            }
        }
    }

    fn relation(&mut self, c: char) -> Outcome<Token> {
        let equal = self.peek(1) == '=';
        let (length, relation) = match (c, equal) {
            ('=', true) => (2, Relation::Equal),
            ('=', false) => match self.peek(1) {
                '<' => (2, Relation::LessOrEqual),
                '>' => (2, Relation::GreaterOrEqual),
                _ => (1, Relation::Equal),
            },
            ('<', true) => (2, Relation::LessOrEqual),
            ('<', false) => (1, Relation::Less),
            ('>', true) => (2, Relation::GreaterOrEqual),
            ('>', false) => (1, Relation::Greater),
            ('≤' | '⩽', _) => (1, Relation::LessOrEqual),
            _ => (1, Relation::GreaterOrEqual),
        };
        self.take(length, Token::Relation(relation))
    }

    /// Letters, then digits and what is joined with `_`.
    fn word(&mut self) -> Token {
        let start = self.at;
        while self.peek(0).is_alphanumeric() && superscript_digit(self.peek(0)).is_none() || self.peek(0) == '_' {
            self.at += 1;
        }
        Token::Word(self.chars.get(start..self.at).unwrap_or_default().iter().collect())
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

    /// Digits, a fraction, an exponent. `2e` is two times e, `2e3` is 2000.
    fn number(&mut self) -> Outcome<Token> {
        let mut digits = String::new();
        self.digits(&mut digits);
        let mut scale: i64 = 0;
        if self.peek(0) == '.' {
            self.at += 1;
            let whole = digits.len();
            self.digits(&mut digits);
            scale = i64::try_from(digits.len() - whole).unwrap_or(i64::MAX);
            if self.peek(0) == '.' {
                return Err(Fault::syntax("a number has one decimal point"));
            }
        }
        let mut exponent: i64 = 0;
        if matches!(self.peek(0), 'e' | 'E') {
            let sign = usize::from(matches!(self.peek(1), '+' | '-' | '−'));
            let digits_follow = self.peek(1 + sign).is_ascii_digit();
            // `2e-3x` is a number, `2e - 3` is not: the sign must touch both.
            if digits_follow {
                let negative = sign == 1 && self.peek(1) != '+';
                self.at += 1 + sign;
                let mut text = String::new();
                self.digits(&mut text);
                exponent = text.parse().unwrap_or(i64::MAX);
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
        Ok(Token::Number(if shift >= 0 {
            RBig::from(IBig::from(magnitude * power))
        } else {
            RBig::from_parts(IBig::from(magnitude), power)
        }))
    }

    fn digits(&mut self, into: &mut String) {
        while self.peek(0).is_ascii_digit() {
            into.push(self.peek(0));
            self.at += 1;
        }
    }
}

fn superscript_digit(c: char) -> Option<i64> {
    "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|s| s == c).and_then(|i| i64::try_from(i).ok())
}
