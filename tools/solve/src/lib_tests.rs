//! Properties: forms are equal to what they stand for, text can be read again, enclosures enclose, and no input runs long
//! or panics.

use proptest::{collection::vec, prelude::*, sample::select};
use toolwright_tool::CancellationToken;

use crate::{
    ErrorKind, Operation, Request,
    differentiate::derivative,
    expr::{Expr, Function, Name},
    interval::{Interval, Range, range},
    number::{fraction, int},
    numeric::{Complex, evaluate},
    parser,
    poly::{self, Poly},
    precise::{self, Ball, Value},
    request::perform,
    simplify,
    work::Work,
};

/// Work for one random input: a fiftieth of what a call has, as tests run without optimisation.
const SHARE: u64 = 120_000;

fn work() -> Work {
    Work::new(SHARE, CancellationToken::new())
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        3 => select(vec!["x", "y"]).prop_map(Expr::variable),
        2 => (-6i64..7).prop_map(Expr::int),
        1 => (-9i64..10, 2i64..6).prop_map(|(n, d)| Expr::Number(fraction(n, d))),
        1 => select(vec![Expr::PI, Expr::E]),
    ]
}

/// Expressions as a parser could make them.
fn tree() -> impl Strategy<Value = Expr> {
    use Function as F;
    let functions = vec![F::Abs, F::Ln, F::Sin, F::Cos, F::Tan, F::Asin, F::Acos, F::Atan, F::Sinh, F::Cosh, F::Tanh];
    leaf().prop_recursive(4, 24, 3, move |inner| {
        let exponents =
            vec![int(-2), int(-1), int(2), int(3), fraction(1, 2), fraction(-1, 2), fraction(1, 3), fraction(2, 3)];
        prop_oneof![
            3 => vec(inner.clone(), 2..4).prop_map(Expr::Sum),
            3 => vec(inner.clone(), 2..4).prop_map(Expr::Product),
            2 => (inner.clone(), select(exponents)).prop_map(|(b, n)| Expr::raw_power(b, Expr::Number(n))),
            1 => inner.clone().prop_map(|e| Expr::raw_power(Expr::E, e)),
            2 => (select(functions.clone()), inner).prop_map(|(f, e)| Expr::Call(f, Box::new(e))),
        ]
    })
}

fn at(x: f64, y: f64) -> Vec<(Name, Complex)> {
    vec![("x".into(), x.into()), ("y".into(), y.into())]
}

/// Real values of both at a few places agree; how many there were.
fn agree(a: &Expr, b: &Expr) -> Result<usize, TestCaseError> {
    let mut compared = 0;
    for (x, y) in [(0.37, 1.91), (1.83, -0.77), (-1.29, 0.61), (2.71, 3.33)] {
        let values = at(x, y);
        // Where rounding is felt, a shift of the last digits is, too.
        let shifted = at(x * (1.0 + 1e-14), y * (1.0 - 1e-14));
        let (Some(p), Some(q)) = (evaluate(a, &values), evaluate(b, &values)) else { continue };
        let (Some(r), Some(s)) = (evaluate(a, &shifted), evaluate(b, &shifted)) else { continue };
        let real = [p, q, r, s].iter().all(|v| v.im == 0.0);
        let scale = p.abs().max(q.abs()).max(1.0);
        let noise = (p - r).abs().max((q - s).abs());
        if !real || scale > 1e8 || noise > 1e-10 * scale {
            continue;
        }
        // Doubles may be wrong; where they differ, fifty digits decide.
        let same = (p - q).abs() <= 1e-6 * scale || !differ(a, b, x, y);
        prop_assert!(same, "{a} is {} and {b} is {} at {x}, {y}", p.re, q.re);
        compared += 1;
    }
    Ok(compared)
}

/// Whether two real values differ for certain.
fn differ(a: &Expr, b: &Expr, x: f64, y: f64) -> bool {
    let exact = |v: f64| Ball::exact(&dashu::rational::RBig::try_from(v).unwrap());
    let values = [("x".into(), exact(x)), ("y".into(), exact(y))];
    let value = |e: &Expr| match precise::value(&Work::default(), e, &values) {
        Ok(Value::Real(ball)) => Some(ball.middle()),
        _ => None,
    };
    let (Some(a), Some(b)) = (value(a), value(b)) else { return false };
    let difference = crate::number::to_f64(&(&a - &b)).abs();
    difference > 1e-9 * crate::number::to_f64(&a).abs().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn every_form_is_equal_to_what_was_written(raw in tree()) {
        let work = work();
        let Ok(e) = raw.normal(&work) else { return Ok(()) };
        agree(&raw, &e)?;
        for form in [simplify::simplify, simplify::expand, simplify::factor] {
            if let Ok(found) = form(&work, &e) {
                agree(&e, &found)?;
            }
        }
    }

    #[test]
    fn text_is_read_back_as_the_same(raw in tree()) {
        let work = work();
        let Ok(e) = raw.normal(&work) else { return Ok(()) };
        let text = e.to_string();
        if text.chars().count() > parser::MAX_INPUT {
            return Ok(());
        }
        let again = parser::expression(&text, &[]).map_err(|f| TestCaseError::fail(format!("{text}: {}", f.message)))?;
        agree(&e, &again)?;
        if let Ok(again) = again.normal(&work) {
            prop_assert_eq!(again.to_string(), text);
        }
    }

    #[test]
    fn a_derivative_is_the_slope(raw in tree()) {
        let work = work();
        let Ok(e) = raw.normal(&work) else { return Ok(()) };
        let Ok(slope) = derivative(&work, &e, "x") else { return Ok(()) };
        let value = |x: f64| evaluate(&e, &at(x, 0.83)).filter(|v| v.im == 0.0).map(|v| v.re);
        for x in [0.41, 1.57, -0.93] {
            let h = 1e-4;
            let (Some(a), Some(b), Some(c), Some(d)) = (value(x - 2.0 * h), value(x - h), value(x + h), value(x + 2.0 * h))
            else { continue };
            let Some(found) = evaluate(&slope, &at(x, 0.83)).filter(|v| v.im == 0.0) else { continue };
            // Of fourth order; where the two estimates differ, the place says nothing.
            let (fine, coarse) = ((c - b) / (2.0 * h), (d - a) / (4.0 * h));
            let estimate = (4.0 * fine - coarse) / 3.0;
            if (fine - coarse).abs() < 1e-3 * (1.0 + fine.abs()) && c.abs() < 1e5 {
                let close = (estimate - found.re).abs() < 1e-4 * (1.0 + estimate.abs());
                prop_assert!(close, "{e}: slope {slope} is {} at {x}, not {estimate}", found.re);
            }
        }
    }

    #[test]
    fn an_enclosure_has_every_value_in_it(raw in tree(), low in -3.0f64..3.0, width in 0.0f64..1.5, part in 0.0f64..1.0) {
        let work = work();
        let name: Name = "x".into();
        let y = raw.replace(&work, &Expr::variable("y"), &Expr::Number(fraction(7, 9)));
        let Ok(e) = y else { return Ok(()) };
        let x = low + part * width;
        let exact = dashu::rational::RBig::try_from(x).unwrap();
        let Ok(Value::Real(ball)) = precise::value(&work, &e, &[(name.clone(), Ball::exact(&exact))]) else { return Ok(()) };
        let value = crate::number::to_f64(&ball.middle());
        match range(&e, &name, Interval::new(low, low + width)) {
            Range::Within(found) => {
                let inside = found.low <= value && value <= found.high || value.abs() < 1e-300;
                prop_assert!(inside, "{e} at {x} is {value}, not in {found:?}");
            }
            Range::Nowhere => prop_assert!(false, "{e} at {x} is {value}, not undefined"),
            Range::Unknown => {}
        }
    }

    #[test]
    fn factors_multiply_to_the_polynomial(parts in vec(vec(-5i64..6, 2..5), 1..4), times in 1u32..3) {
        let work = Work::default();
        let poly = |c: &Vec<i64>| c.iter().zip(0..).fold(Poly::zero(), |p, (c, k)| p.add(&Poly::power_of(0, k).scale(&int(*c))));
        let mut product = Poly::one();
        for part in &parts {
            product = product.mul(&work, &poly(part)).unwrap();
        }
        product = product.pow(&work, times).unwrap();
        prop_assume!(!product.is_zero());
        let found = poly::factor(&work, &product).unwrap();
        let mut again = Poly::constant(found.content.clone());
        let mut count = 0;
        for (factor, k) in &found.factors {
            again = again.mul(&work, &factor.pow(&work, *k).unwrap()).unwrap();
            count += *k;
            // What is irreducible stays whole.
            let inner = poly::factor(&work, factor).unwrap();
            prop_assert_eq!(inner.factors.len(), 1);
        }
        prop_assert_eq!(again, product);
        let least = parts.iter().filter(|p| p.iter().skip(1).any(|c| *c != 0)).count() as u32 * times;
        prop_assert!(count >= least);
    }

    #[test]
    fn a_resultant_of_polynomials_with_a_common_root_is_zero(root in -6i64..7, a in vec(-4i64..5, 2..4), b in vec(-4i64..5, 2..4)) {
        let work = Work::default();
        let poly = |c: &Vec<i64>| c.iter().zip(0..).fold(Poly::zero(), |p, (c, k)| p.add(&Poly::power_of(0, k).scale(&int(*c))));
        let linear = Poly::variable(0).sub(&Poly::constant(int(root)));
        let (f, g) = (poly(&a), poly(&b));
        prop_assume!(!f.is_zero() && !g.is_zero());
        let (f, g) = (f.mul(&work, &linear).unwrap(), g.mul(&work, &linear).unwrap());
        prop_assert!(poly::resultant(&work, &f, &g, 0).unwrap().is_zero());
        prop_assert!(poly::gcd(&work, &f, &g).unwrap().divide(&work, &linear).unwrap().is_some());
    }
}

/// Text that is close to what the parser reads.
fn input() -> impl Strategy<Value = String> {
    let pieces = vec![
        "x", "y", "n", "2", "3", "10", "0", "1/2", "0.5", "1e9", "+", "-", "*", "/", "^", "(", ")", "|", "=", "<",
        ">=", ";", ",", "sin", "cos(", "tan(", "ln(", "sqrt(", "exp(", "abs(", "asin(", "e", "pi", "i", "²", "√", "π",
        "∞", " ", "a", "xy", "log(x,2)", "^(1/3)", "^2", "^x", "and", "\n", "[", "}", "é", "\u{1}n", "\u{202e}", "😀",
        "inf", "cosh(x)", "10^9",
    ];
    prop_oneof![
        6 => vec(select(pieces), 0..18).prop_map(|parts| parts.concat()),
        2 => tree().prop_map(|e| e.to_string()),
        1 => (tree(), tree()).prop_map(|(a, b)| format!("{a} = {b}")),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 384, ..ProptestConfig::default() })]

    /// Every operation ends on any text, within the work that it has, with an answer or an error that says something.
    #[test]
    fn no_input_panics_or_runs_on(
        expression in input(),
        other in input(),
        operation in select(vec![
            Operation::Simplify, Operation::Expand, Operation::Factor, Operation::Solve, Operation::Differentiate,
            Operation::Integrate, Operation::Limit, Operation::Substitute,
        ]),
        variable in select(vec![None, Some("x"), Some("x, y"), Some("\u{1}n"), Some("")]),
        bounds in any::<bool>(),
    ) {
        let mut request = Request::new(operation, expression);
        request.variable = variable.map(Into::into);
        request.at = Some(if operation == Operation::Substitute { format!("x = {other}") } else { other.clone() });
        request.order = Some(2);
        if bounds {
            request.from = Some(other.clone());
            request.to = Some("3".into());
        }
        match perform(&Work::new(SHARE / 2, CancellationToken::new()), &request) {
            Ok(answer) => {
                prop_assert!(!answer.is_empty());
                prop_assert!(!answer.contains('\u{1}'), "an inner name is shown: {answer:?}");
            }
            Err(error) => {
                prop_assert!(!error.message().is_empty());
                let size = request.expression.chars().count().max(other.chars().count() + 8);
                prop_assert!(error.column().is_none_or(|c| c >= 1 && c <= size + 1));
            }
        }
    }
}

#[test]
fn hostile_input_is_refused_with_a_reason() {
    let nested = |n: usize| format!("{}x{}", "(".repeat(n), ")".repeat(n));
    let towers = format!("x{}", "^x".repeat(30));
    let roots = format!("{}x{}", "sqrt(1+".repeat(30), ")".repeat(30));
    let long = "x+".repeat(4_999) + "x";
    let emoji = "🙂".repeat(1_000);
    for (operation, text, kind) in [
        (Operation::Simplify, nested(5_000), ErrorKind::Limit),
        (Operation::Simplify, nested(900), ErrorKind::Limit),
        (Operation::Solve, long, ErrorKind::Limit),
        (Operation::Simplify, "-".repeat(1_500) + "x", ErrorKind::Limit),
        (Operation::Expand, "(x+1)^(10^9)".into(), ErrorKind::Limit),
        (Operation::Expand, "(a+b)^500".into(), ErrorKind::Limit),
        (Operation::Expand, "(a+b+c+d+e+f)^20".into(), ErrorKind::Limit),
        (Operation::Simplify, "9^9^9".into(), ErrorKind::Limit),
        (Operation::Simplify, "2^(2^(2^(2^(2^2))))".into(), ErrorKind::Limit),
        (Operation::Simplify, "(1/3)^(10^7)".into(), ErrorKind::Limit),
        (Operation::Factor, "x^97*y^89 - 1".into(), ErrorKind::Limit),
        (Operation::Simplify, emoji, ErrorKind::Syntax),
        (Operation::Solve, "\0".into(), ErrorKind::Syntax),
        (Operation::Integrate, roots.clone(), ErrorKind::Unsupported),
    ] {
        let error = crate::run(&Request::new(operation, text.clone()), &CancellationToken::new()).unwrap_err();
        assert_eq!(error.kind(), kind, "{text:.60}: {error}");
    }
    // Deep ones that are allowed go through every operation, on a small stack.
    let deep = [
        towers,
        roots,
        nested(35),
        format!("{}x{}", "sin(".repeat(35), ")".repeat(35)),
        "|".repeat(20) + "x" + &"|".repeat(20),
    ];
    let run = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        for text in deep {
            for operation in [
                Operation::Simplify,
                Operation::Expand,
                Operation::Factor,
                Operation::Solve,
                Operation::Differentiate,
                Operation::Integrate,
                Operation::Limit,
            ] {
                let mut request = Request::new(operation, text.clone());
                request.at = Some("0".into());
                let _ = perform(&Work::new(4 * SHARE, CancellationToken::new()), &request);
            }
        }
    });
    run.unwrap().join().unwrap();
}

#[test]
fn a_cancelled_call_ends() {
    let cancel = CancellationToken::new();
    cancel.cancel();
    let error = crate::run(&Request::new(Operation::Expand, "(a+b+c)^20"), &cancel).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}
