//! The conditions and steps of phrasings: Python's expressions over numbers, as far as `FORMAT.md` needs them.

/// A parsed expression. Truth is 1, falsehood 0, as in Python's arithmetic.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition(Node);

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// It does not parse.
    #[error("`{text}` cannot be understood at {at}: {why}")]
    Syntax {
        /// The expression.
        text: String,
        /// Where, in bytes.
        at: usize,
        /// What was expected.
        why: &'static str,
    },
    /// It names a slot that there is not.
    #[error("there is no slot `{0}`")]
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Name(String),
    Not(Box<Node>),
    Negative(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    /// `a < b < c`: the first, then each further one with its comparison.
    Chain(Box<Node>, Vec<(Comparison, Node)>),
    Among(Box<Node>, Vec<Node>, bool),
    Call(Function, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
    And,
    Or,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    Different,
    AtLeast,
    More,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Min,
    Max,
    Abs,
    Sqrt,
    Round,
}

/// Deeper nesting is an error: no phrasing has it.
const DEEPEST: usize = 64;

impl Condition {
    /// Parses an expression.
    ///
    /// # Errors
    /// [`ConditionError::Syntax`] with the place.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let node = parser.or()?;
        parser.blanks();
        if parser.at < text.len() { Err(parser.wrong("an operator or the end")) } else { Ok(Self(node)) }
    }

    /// Its value for these slots.
    ///
    /// # Errors
    /// [`ConditionError::Unknown`].
    pub fn value(&self, slot: &dyn Fn(&str) -> Option<f64>) -> Result<f64, ConditionError> {
        self.0.value(slot)
    }

    /// Whether it holds for these slots.
    ///
    /// # Errors
    /// [`ConditionError::Unknown`].
    pub fn holds(&self, slot: &dyn Fn(&str) -> Option<f64>) -> Result<bool, ConditionError> {
        Ok(self.value(slot)? != 0.0)
    }
}

impl Node {
    fn value(&self, slot: &dyn Fn(&str) -> Option<f64>) -> Result<f64, ConditionError> {
        let truth = |holds: bool| f64::from(u8::from(holds));
        Ok(match self {
            Self::Number(value) => *value,
            Self::Name(name) => slot(name).ok_or_else(|| ConditionError::Unknown(name.clone()))?,
            Self::Not(inner) => truth(inner.value(slot)? == 0.0),
            Self::Negative(inner) => -inner.value(slot)?,
            Self::Binary(operator, left, right) => {
                let left = left.value(slot)?;
                match operator {
                    Operator::And if left == 0.0 => return Ok(left),
                    Operator::Or if left != 0.0 => return Ok(left),
                    _ => {}
                }
                operator.apply(left, right.value(slot)?)
            }
            Self::Chain(first, rest) => {
                let mut left = first.value(slot)?;
                for (comparison, next) in rest {
                    let right = next.value(slot)?;
                    if !comparison.holds(left, right) {
                        return Ok(0.0);
                    }
                    left = right;
                }
                1.0
            }
            Self::Among(inner, list, wanted) => {
                let value = inner.value(slot)?;
                let values = list.iter().map(|node| node.value(slot)).collect::<Result<Vec<_>, _>>()?;
                truth(values.contains(&value) == *wanted)
            }
            Self::Call(function, arguments) => {
                let values = arguments.iter().map(|node| node.value(slot)).collect::<Result<Vec<_>, _>>()?;
                function.apply(&values)
            }
        })
    }
}

impl Operator {
    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::FloorDivide => (left / right).floor(),
            // Python's: the sign of the divisor.
            Self::Remainder => left - right * (left / right).floor(),
            Self::Power => left.powf(right),
            Self::And | Self::Or => right,
        }
    }
}

impl Comparison {
    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::Different => left != right,
            Self::AtLeast => left >= right,
            Self::More => left > right,
        }
    }
}

impl Function {
    fn apply(self, values: &[f64]) -> f64 {
        let first = values.first().copied().unwrap_or(f64::NAN);
        match self {
            Self::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Abs => first.abs(),
            Self::Sqrt => first.sqrt(),
            Self::Round => {
                let scale = 10f64.powf(values.get(1).copied().unwrap_or(0.0));
                (first * scale).round_ties_even() / scale
            }
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Node, ConditionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("less nesting"));
        }
        let mut left = self.and()?;
        while self.word("or") {
            left = Node::Binary(Operator::Or, Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Node, ConditionError> {
        let mut left = self.not()?;
        while self.word("and") {
            left = Node::Binary(Operator::And, Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Node, ConditionError> {
        let mut negations = 0;
        while self.word("not") {
            negations += 1;
        }
        let inner = self.comparison()?;
        Ok((0..negations).fold(inner, |inner, _| Node::Not(Box::new(inner))))
    }

    fn comparison(&mut self) -> Result<Node, ConditionError> {
        let first = self.sum()?;
        for (words, wanted) in [(&["in"][..], true), (&["not", "in"], false)] {
            let before = self.at;
            if words.iter().all(|word| self.word(word)) {
                let list = self.list()?;
                return Ok(Node::Among(Box::new(first), list, wanted));
            }
            self.at = before;
        }
        let mut rest = Vec::new();
        while let Some(comparison) = self.comparison_sign() {
            rest.push((comparison, self.sum()?));
        }
        Ok(if rest.is_empty() { first } else { Node::Chain(Box::new(first), rest) })
    }

    fn comparison_sign(&mut self) -> Option<Comparison> {
        let signs = [
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("==", Comparison::Equal),
            ("!=", Comparison::Different),
            ("<", Comparison::Less),
            (">", Comparison::More),
        ];
        signs.into_iter().find(|(sign, _)| self.sign(sign)).map(|(_, comparison)| comparison)
    }

    fn sum(&mut self) -> Result<Node, ConditionError> {
        let mut left = self.product()?;
        loop {
            let operator = if self.sign("+") {
                Operator::Add
            } else if self.sign("-") {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            left = Node::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Node, ConditionError> {
        let mut left = self.unary()?;
        loop {
            self.blanks();
            let operator = if self.text[self.at..].starts_with("**") {
                return Ok(left);
            } else if self.sign("*") {
                Operator::Multiply
            } else if self.sign("//") {
                Operator::FloorDivide
            } else if self.sign("/") {
                Operator::Divide
            } else if self.sign("%") {
                Operator::Remainder
            } else {
                return Ok(left);
            };
            left = Node::Binary(operator, Box::new(left), Box::new(self.unary()?));
        }
    }

    fn unary(&mut self) -> Result<Node, ConditionError> {
        let mut minuses = 0;
        while self.sign("-") {
            minuses += 1;
        }
        let inner = self.power()?;
        Ok((0..minuses).fold(inner, |inner, _| Node::Negative(Box::new(inner))))
    }

    fn power(&mut self) -> Result<Node, ConditionError> {
        let base = self.atom()?;
        if self.sign("**") {
            return Ok(Node::Binary(Operator::Power, Box::new(base), Box::new(self.unary()?)));
        }
        Ok(base)
    }

    fn atom(&mut self) -> Result<Node, ConditionError> {
        if self.sign("(") {
            let inner = self.or()?;
            return if self.sign(")") { Ok(inner) } else { Err(self.wrong("`)`")) };
        }
        self.blanks();
        let rest = &self.text[self.at..];
        let end = |wanted: fn(char) -> bool| rest.find(|c: char| !wanted(c)).unwrap_or(rest.len());
        let digits = end(|c| c.is_ascii_digit() || c == '.');
        if digits > 0 {
            let value = rest[..digits].parse().map_err(|_| self.wrong("a number"))?;
            self.at += digits;
            return Ok(Node::Number(value));
        }
        let letters = end(|c| c.is_ascii_alphanumeric() || c == '_');
        let name = &rest[..letters];
        if name.is_empty() || matches!(name, "and" | "or" | "not" | "in") {
            return Err(self.wrong("a number, a slot or `(`"));
        }
        let name = name.to_owned();
        self.at += letters;
        let function = match name.as_str() {
            "min" => Function::Min,
            "max" => Function::Max,
            "abs" => Function::Abs,
            "sqrt" => Function::Sqrt,
            "round" => Function::Round,
            _ => return Ok(Node::Name(name)),
        };
        Ok(Node::Call(function, self.list()?))
    }

    /// `(a, b, …)`, or the same in square brackets.
    fn list(&mut self) -> Result<Vec<Node>, ConditionError> {
        let close = if self.sign("(") {
            ")"
        } else if self.sign("[") {
            "]"
        } else {
            return Err(self.wrong("`(`"));
        };
        let mut list = Vec::new();
        while !self.sign(close) {
            list.push(self.or()?);
            if !self.sign(",") {
                return if self.sign(close) { Ok(list) } else { Err(self.wrong("`,` or the end of the list")) };
            }
        }
        Ok(list)
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn sign(&mut self, sign: &str) -> bool {
        self.blanks();
        let found = self.text[self.at..].starts_with(sign);
        self.at += if found { sign.len() } else { 0 };
        found
    }

    fn word(&mut self, word: &str) -> bool {
        self.blanks();
        let rest = self.text[self.at..].strip_prefix(word);
        let found = rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn wrong(&self, why: &'static str) -> ConditionError {
        ConditionError::Syntax { text: self.text.to_owned(), at: self.at, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> f64 {
        let slots = |name: &str| match name {
            "a" => Some(12.0),
            "b" => Some(5.0),
            "c" => Some(-7.0),
            _ => None,
        };
        Condition::parse(text).unwrap().value(&slots).unwrap()
    }

    /// What Python 3.11 says of the same text.
    #[test]
    fn values_are_those_of_python() {
        for (text, python) in [
            ("a*b < 100", 1.0),
            ("(a+b) % 3 == 0", 0.0),
            ("a % b", 2.0),
            ("c % b", 3.0),
            ("c // b", -2.0),
            ("-2**2", -4.0),
            ("2**-1", 0.5),
            ("2**3**2", 512.0),
            ("1 < b < a", 1.0),
            ("1 < b < 3", 0.0),
            ("a in (1, 12)", 1.0),
            ("a not in [1, 12]", 0.0),
            ("not a == 12 or b == 5", 1.0),
            ("not (a == 12 or b == 5)", 0.0),
            ("min(a, b) + max(a, b, 20)", 25.0),
            ("abs(c) - -c", 0.0),
            ("round(2.5) + round(1.25, 1)", 3.2),
            ("a / b - 0.4", 2.0),
            ("a and b", 5.0),
            ("a*(1-b/100)", 11.4),
        ] {
            assert!((value(text) - python).abs() < 1e-12, "{text}: {}", value(text));
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_with_its_place() {
        for text in ["", "a +", "(a", "a b", "min", "a <", "1.2.3", "a = b", "in (1)", "a, b", "é"] {
            assert!(matches!(Condition::parse(text), Err(ConditionError::Syntax { .. })), "{text:?}");
        }
        assert!(Condition::parse(&"(".repeat(100_000)).is_err());
        let unknown = Condition::parse("x + 1").unwrap().value(&|_| None);
        assert_eq!(unknown, Err(ConditionError::Unknown("x".into())));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "([abc0-9.() ,]|[-+*/%<>=!]|and|or|not|in|min){0,30}") {
            if let Ok(condition) = Condition::parse(&text) {
                let _ = condition.value(&|_| Some(3.0));
            }
        }
    }
}
