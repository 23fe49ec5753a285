//! Properties: agreement with an independent reference, printing, and what no input may do.

use std::fmt::Write as _;

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::eval::MAX_WORK;

/// A fraction of machine integers, in lowest terms with a positive denominator; `None` where it does not fit or has no
/// value. Shares no code with the calculator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fraction(i128, i128);

impl Fraction {
    fn new(n: i128, d: i128) -> Option<Self> {
        let (mut a, mut b) = (n.checked_abs()?, d.checked_abs()?);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        (d != 0).then(|| Self(n / a * d.signum(), d / a * d.signum()))
    }
    fn add(self, o: Self) -> Option<Self> {
        let n = self.0.checked_mul(o.1)?.checked_add(o.0.checked_mul(self.1)?)?;
        Self::new(n, self.1.checked_mul(o.1)?)
    }
    fn neg(self) -> Self {
        Self(-self.0, self.1)
    }
    fn mul(self, o: Self) -> Option<Self> {
        Self::new(self.0.checked_mul(o.0)?, self.1.checked_mul(o.1)?)
    }
    fn div(self, o: Self) -> Option<Self> {
        Self::new(self.0.checked_mul(o.1)?, self.1.checked_mul(o.0)?)
    }
    fn floor(self) -> Self {
        Self(self.0.div_euclid(self.1), 1)
    }
    fn pow(self, n: i32) -> Option<Self> {
        let base = if n < 0 { Self::new(self.1, self.0)? } else { self };
        (0..n.unsigned_abs()).try_fold(Self(1, 1), |product, _| product.mul(base))
    }
}

#[derive(Debug, Clone)]
enum Tree {
    Integer(i64),
    /// Digits and how many of them are decimals.
    Decimal(i64, u32),
    Neg(Box<Tree>),
    Percent(i64),
    Binary(char, Box<Tree>, Box<Tree>),
    Pow(Box<Tree>, i32),
    Call(&'static str, Vec<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        4 => (0i64..1000).prop_map(Tree::Integer),
        1 => (0i64..10_000_000).prop_map(Tree::Integer),
        2 => (0i64..100_000, 1u32..5).prop_map(|(n, k)| Tree::Decimal(n, k)),
        1 => (0i64..200).prop_map(Tree::Percent),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            6 => (select(vec!['+', '-', '*', '/', 'm', 'f']), boxed.clone(), boxed.clone())
                .prop_map(|(op, a, b)| Tree::Binary(op, a, b)),
            1 => boxed.clone().prop_map(Tree::Neg),
            1 => (boxed, -3i32..5).prop_map(|(a, n)| Tree::Pow(a, n)),
            1 => (select(vec!["min", "max", "sum", "mean", "abs", "floor"]), vec(inner, 1..4))
                .prop_map(|(name, items)| Tree::Call(name, items)),
        ]
    })
}

fn reference(tree: &Tree) -> Option<Fraction> {
    Some(match tree {
        Tree::Integer(n) => Fraction(i128::from(*n), 1),
        Tree::Decimal(n, k) => Fraction::new(i128::from(*n), 10i128.pow(*k))?,
        Tree::Percent(n) => Fraction::new(i128::from(*n), 100)?,
        Tree::Neg(a) => reference(a)?.neg(),
        Tree::Pow(a, n) => reference(a)?.pow(*n)?,
        Tree::Binary(op, a, b) => {
            let percentage = matches!(**b, Tree::Percent(_)) && !all_percent(a);
            let (x, y) = (reference(a)?, reference(b)?);
            match op {
                '+' if percentage => x.mul(Fraction(1, 1).add(y)?)?,
                '-' if percentage => x.mul(Fraction(1, 1).add(y.neg())?)?,
                '+' => x.add(y)?,
                '-' => x.add(y.neg())?,
                '*' => x.mul(y)?,
                '/' => x.div(y)?,
                'f' => x.div(y)?.floor(),
                _ => x.add(x.div(y)?.floor().mul(y)?.neg())?,
            }
        }
        Tree::Call(name, items) => {
            let values = items.iter().map(reference).collect::<Option<Vec<_>>>()?;
            let less = |a: &Fraction, b: &Fraction| Some(a.0.checked_mul(b.1)? < b.0.checked_mul(a.1)?);
            let mut folded = values[0];
            match *name {
                "abs" => folded = Fraction(folded.0.abs(), folded.1),
                "floor" => folded = folded.floor(),
                "min" | "max" => {
                    for v in &values[1..] {
                        let swap = if *name == "min" { less(v, &folded)? } else { less(&folded, v)? };
                        folded = if swap { *v } else { folded };
                    }
                }
                _ => {
                    for v in &values[1..] {
                        folded = folded.add(*v)?;
                    }
                    if *name == "mean" {
                        folded = folded.div(Fraction(values.len() as i128, 1))?;
                    }
                }
            }
            folded
        }
    })
}

/// A sum of percentages without brackets is one itself: 5% + 3% - 1%.
fn all_percent(tree: &Tree) -> bool {
    match tree {
        Tree::Percent(_) => true,
        Tree::Binary('+' | '-', a, b) => all_percent(a) && matches!(**b, Tree::Percent(_)),
        _ => false,
    }
}

fn precedence(tree: &Tree) -> u8 {
    match tree {
        Tree::Binary('+' | '-', ..) => 1,
        Tree::Binary(..) => 2,
        Tree::Neg(_) => 3,
        Tree::Pow(..) => 4,
        _ => 5,
    }
}

/// Writes the tree with the brackets that it needs and no others.
fn write(tree: &Tree, least: u8, style: usize, out: &mut String) {
    let brackets = precedence(tree) < least;
    if brackets {
        out.push('(');
    }
    let pick = |options: &[&'static str]| options[style % options.len()];
    match tree {
        Tree::Integer(n) if style % 3 == 1 && (1_000..1_000_000).contains(n) && style < 100 => {
            let _ = write!(out, "{},{:03}", n / 1000, n % 1000);
        }
        Tree::Integer(n) => {
            let _ = write!(out, "{n}");
        }
        Tree::Decimal(n, k) => {
            let unit = 10i64.pow(*k);
            let _ = write!(out, "{}.{:0width$}", n / unit, n % unit, width = *k as usize);
        }
        Tree::Percent(n) => {
            let _ = write!(out, "{n}{}", pick(&["%", " %", " percent"]));
        }
        Tree::Neg(a) => {
            out.push_str(pick(&["-", "−"]));
            write(a, 3, style, out);
        }
        Tree::Pow(a, n) => {
            write(a, 5, style, out);
            if *n >= 0 && style.is_multiple_of(2) {
                out.push(['⁰', '¹', '²', '³', '⁴'][*n as usize]);
            } else {
                let _ = write!(out, "{}{n}", pick(&["^", "**", " ^ "]));
            }
        }
        Tree::Binary(op, a, b) => {
            let level = precedence(tree);
            write(a, level, style, out);
            out.push_str(match op {
                '+' => pick(&[" + ", "+"]),
                '-' => pick(&[" - ", "-", " − "]),
                '*' => pick(&["*", " × ", " · "]),
                '/' => pick(&[" / ", "/", " ÷ "]),
                'f' => " // ",
                _ => " mod ",
            });
            write(b, level + 1, style, out);
        }
        Tree::Call(name, items) => {
            let _ = write!(out, "{name}(");
            for (i, item) in items.iter().enumerate().take(if matches!(*name, "abs" | "floor") { 1 } else { 9 }) {
                if i > 0 {
                    out.push_str(pick(&[", ", ","]));
                }
                // Directly in the list a comma separates, so thousands are written without.
                write(item, 0, style + 100, out);
            }
            out.push(')');
        }
    }
    if brackets {
        out.push(')');
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn agrees_with_the_reference(tree in tree(), style in 0usize..60) {
        let Some(expected) = reference(&tree) else { return Ok(()) };
        let mut text = String::new();
        write(&tree, 0, style, &mut text);
        prop_assume!(text.chars().count() <= MAX_INPUT);
        let value = evaluate(&text).map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?;
        prop_assert!(value.is_exact());
        let x = value.quantity.number.rational();
        let got = (x.numerator().to_string(), x.denominator().to_string());
        prop_assert_eq!(got, (expected.0.to_string(), expected.1.to_string()), "{}", text);
    }

    #[test]
    fn prints_the_nearest_decimal(n in -1_000_000_000i128..1_000_000_000, d in 1i128..1_000_000) {
        let text = evaluate(&format!("{n}/{d}")).unwrap().to_string();
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        prop_assert!(!mantissa.contains('.') || !mantissa.ends_with('0'));
        let digits: i128 = format!("{whole}{decimals}").parse().unwrap();
        let shift = i32::try_from(decimals.len()).unwrap() - exponent.parse::<i32>().unwrap();
        // printed = digits / 10^shift; |printed - n/d| ≤ 5 · 10^-11, exactly n/d where that has up to 12 decimals.
        prop_assert!((0..=20).contains(&shift));
        let unit = 10i128.pow(shift.unsigned_abs());
        let error = (digits * d - n * unit).abs();
        prop_assert!(2 * error * 10_000_000_000 <= d * unit, "{n}/{d} → {text}");
        if (n * 1_000_000_000_000) % d == 0 {
            prop_assert_eq!(error, 0);
        }
        // Below 1, ten significant digits are right.
        if n.abs() < d && error != 0 {
            prop_assert!(2 * error * 1_000_000_000 <= n.abs() * unit, "{n}/{d} → {text}");
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn real_functions_agree_with_machine_floats(x in 0.001f64..40.0, y in -4.0f64..4.0) {
        let cases: [(String, f64); 12] = [
            (format!("sqrt({x})"), x.sqrt()),
            (format!("cbrt({x})"), x.cbrt()),
            (format!("ln({x})"), x.ln()),
            (format!("log({x})"), x.log10()),
            (format!("log2({x})"), x.log2()),
            (format!("exp({y})"), y.exp()),
            (format!("{x}^({y})"), x.powf(y)),
            (format!("sin({x})"), x.sin()),
            (format!("cos({x})"), x.cos()),
            (format!("atan({y})"), y.atan()),
            (format!("tanh({y})"), y.tanh()),
            (format!("asin({})", y / 4.0), (y / 4.0).asin()),
        ];
        for (text, expected) in cases {
            let got: f64 = evaluate(&text).unwrap().to_string().parse().unwrap();
            prop_assert!((got - expected).abs() <= 1e-10 * expected.abs().max(1.0), "{text}: {got} {expected}");
        }
    }
}

/// Pieces of the language, to be thrown together.
const PIECES: [&str; 72] = [
    "1",
    "2",
    "0",
    "3.5",
    "1e3",
    "1e-6000",
    "1e6000",
    "2,480",
    "999999999999",
    "10",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    "+",
    "-",
    "*",
    "/",
    "^",
    "**",
    "//",
    "%",
    "!",
    "²",
    "⁻¹",
    "√",
    "∛",
    ",",
    ";",
    "$",
    "€",
    "°",
    "->",
    "=",
    "<",
    "mod",
    "of",
    "off",
    "in",
    "to",
    "per",
    "x",
    "pi",
    "e",
    "million",
    "half",
    "sqrt(",
    "root(",
    "ln(",
    "log(",
    "exp(",
    "sin(",
    "tan(",
    "round(",
    "max(",
    "mean(",
    "comb(",
    "perm(",
    "gcd(",
    "lcm(",
    "factorial(",
    "km",
    "m",
    "s",
    "h",
    "°C",
    "°F",
    "USD",
    "min",
    "fraction",
];

/// What holds of every input: a short answer, or an error of a few lines whose caret lies in its excerpt.
fn check(text: &str) -> Result<(), TestCaseError> {
    let (result, work) = evaluate_counted(text);
    match result {
        Ok(value) => {
            prop_assert!(work <= MAX_WORK);
            let printed = value.to_string();
            prop_assert!(printed.len() <= 400, "{printed}");
            prop_assert!(!printed.contains('\n'));
        }
        Err(error) => {
            let message = error.to_string();
            let lines: Vec<&str> = message.lines().collect();
            prop_assert!(lines.len() == 1 || lines.len() == 3, "{message}");
            prop_assert!(message.chars().count() <= 1_500);
            if let [_, excerpt, caret] = lines.as_slice() {
                prop_assert!(caret.chars().count() <= excerpt.chars().count() + 1, "{message}");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn any_arrangement_of_pieces_is_answered(pieces in vec(select(PIECES.to_vec()), 0..14), tight in any::<bool>()) {
        check(&pieces.join(if tight { "" } else { " " }))?;
    }

    #[test]
    fn any_chain_of_calls_is_answered(
        names in vec(select(vec!["sqrt", "ln", "exp", "sin", "tan", "log2", "floor", "abs", "factorial", "cbrt", "asin"]), 1..6),
        start in select(vec!["0", "1", "-1", "1/3", "pi", "1e6000", "1e-6000", "2^20000", "(1 + 1e-6000)", "30 deg", "16 m^2"]),
    ) {
        let text = names.iter().fold(start.to_owned(), |inner, name| format!("{name}({inner})"));
        check(&text)?;
        check(&format!("({text})^({start})"))?;
        check(&format!("({start})^({text}) mod ({start})"))?;
    }
}

fn kind(text: &str) -> Option<ErrorKind> {
    evaluate(text).err().map(|e| e.kind())
}

#[test]
fn what_is_huge_is_refused_before_it_is_computed() {
    for text in [
        "9^9^9",
        "2^1e3000",
        "(1/3)^100000*3^100000*(1e6000)^2",
        "1e7!",
        "factorial(2000!)",
        "comb(1e6000, 1000)",
        "comb(1e9, 5e8)",
        "perm(1e5, 1e5)",
        "lcm(2^19999 - 1, 3^12000)",
        "exp(exp(exp(10)))",
        "sin(1e100)",
        "round(1, 1e9)",
    ] {
        assert_eq!(kind(text), Some(ErrorKind::Limit), "{text}");
    }
    // Many large pieces add up to too much work, one after the other.
    let many = vec!["C(19000,9000)"; 70].join("+");
    let (result, work) = evaluate_counted(&many);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Limit);
    // What was refused was not done, and no single step is larger than the limit.
    assert!(work < 2 * MAX_WORK);
    let units: Vec<String> = ["m", "s", "g", "W", "J"]
        .iter()
        .flat_map(|unit| {
            ["k", "M", "G", "T", "P", "m", "u", "n", "p", "c"].map(|prefix| format!("(1 {prefix}{unit}/1 {unit})"))
        })
        .collect();
    assert_eq!(kind(&units.join("+")), Some(ErrorKind::Limit));
    assert_eq!(evaluate(&vec!["1 km"; 160].join("+")).map(|v| v.to_string()), Ok("160 km".into()));
}

#[test]
fn the_deepest_expressions_fit_the_usual_stack() {
    // Threads have 2 MiB; without optimisation frames are several times as large as with it.
    let deep = |open: &str, close: &str| {
        let levels = parser::MAX_DEPTH + 20;
        (1..=levels).map(|n| format!("{}1{}", open.repeat(n), close.repeat(n))).collect::<Vec<_>>()
    };
    let mut texts =
        [deep("(", ")"), deep("-", ""), deep("abs(", ")"), deep("2^", ""), deep("√", ""), deep("[", "]")].concat();
    texts.extend(deep("(1+2*-3^", ")!"));
    texts.extend(deep("max(1, 2*", " to fraction)"));
    texts.extend(deep("abs(3*-(1 kW h + ", " MJ))"));
    texts.extend(["1", "%", "!", "(", "km ", "+1", "^2", "-", "1,", "²"].map(|piece| piece.repeat(990)));
    texts.push(format!("1{}", "+1".repeat(490)));
    texts.push(format!("1{}", "/2".repeat(490)));
    let thread = std::thread::Builder::new().stack_size(1536 * 1024).spawn(move || {
        let mut accepted = 0;
        for text in texts {
            accepted += usize::from(evaluate(&text).is_ok());
        }
        accepted
    });
    assert!(thread.unwrap().join().unwrap() > 150);
}

#[test]
fn errors_point_at_the_place() {
    let error = evaluate("1 + 2 *\n(3 + 4))").unwrap_err();
    assert_eq!(error.column(), Some(16));
    assert_eq!(error.to_string(), "unexpected `)`: nothing is open (at column 16)\n1 + 2 * (3 + 4))\n               ^");
    let long = format!("{} + foo + {}", "1+".repeat(100) + "1", "2+".repeat(100) + "2");
    let error = evaluate(&long).unwrap_err();
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let caret: Vec<usize> = lines[2].char_indices().filter(|(_, c)| *c == '^').map(|(i, _)| i).collect();
    let under: String = lines[1].chars().skip(caret[0]).take(caret.len()).collect();
    assert_eq!(under, "foo");
    assert!(lines[1].chars().count() < 90);
    assert_eq!(
        evaluate(&"1".repeat(MAX_INPUT)).map(|v| v.to_string()),
        Ok("1.1111111111e999 (rounded from 1000 digits)".into())
    );
    assert_eq!(kind(&"1".repeat(MAX_INPUT + 1)), Some(ErrorKind::Limit));
}
