//! Symbolic algebra.
mod auto;
mod differentiate;
mod error;
mod expr;
mod field;
mod lexer;
mod number;
mod numeric;
mod parser;
mod poly;
mod print;
mod simplify;
mod work;

#[cfg(test)]
mod smoke {
    use crate::{differentiate::derivative, parser, simplify, work::Work};
    #[test]
    fn smoke() {
        let work = Work::default();
        for text in ["(x+1)^3", "x^4+4", "(x^2-1)/(x-1)", "sin(x)^2+cos(x)^2", "sqrt(8)-2sqrt(2)", "x^10-1", "x^3+y^3", "sin(2x)/(2 sin x)",
            "2x cos(x^2)", "1/(1+sqrt(2))", "(x-1)/(sqrt(x)-1)", "sqrt(x^2+2x+1)", "e^(2x)-e^x*e^x", "1/x+1/(x+1)", "x^2y+2xy+y", "|2-x|",
            "cosh(x)^2-sinh(x)^2", "(1+sqrt(5))/2", "tan(pi/3)","acos(1/2)", "ln(8)/ln(2)","cos(x)^2-sin(x)^2","x^8+x^4+1","2^x*3^x","i^3+(1+i)^2","x^3+y^3+z^3-3xyz"] {
            let e = match parser::expression(text, &[]).and_then(|e| e.normal(&work)) { Ok(e) => e, Err(f) => { println!("{text}: {f:?}"); continue } };
            let show = |r: crate::error::Outcome<crate::expr::Expr>| r.map_or_else(|f| f.message, |e| e.to_string());
            println!("{text}: {e} | S {} | E {} | F {} | D {}", show(simplify::simplify(&work, &e)), show(simplify::expand(&work, &e)), show(simplify::factor(&work, &e)),
              show(derivative(&work, &e, "x").and_then(|d| simplify::simplify(&work, &d))));
        }
    }
}
