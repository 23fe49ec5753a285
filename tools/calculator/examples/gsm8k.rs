//! Reads lines of `{"item", "expr", "expected"}` and reports how many results agree:
//! `cargo run -p toolwright-calculator --example gsm8k -- calculator_calls_train.jsonl`.
//!
//! Numbers agree when they are equal. Where `expected` has decimals or is a whole number that the true value is not,
//! it may have been rounded (or cut): then they agree when they differ by less than one in its last digit.

#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]

use std::{
    io::{BufRead as _, BufReader},
    process::ExitCode,
};

#[derive(serde::Deserialize)]
struct Case {
    item: u64,
    expr: String,
    expected: String,
}

enum Outcome {
    Equal,
    Rounded,
    Different(String),
    Failed(String),
}

fn judge(case: &Case) -> Outcome {
    let value = match toolwright_calculator::evaluate(&case.expr) {
        Ok(value) => value.to_string(),
        Err(error) => return Outcome::Failed(error.message().to_owned()),
    };
    let difference = format!("({value}) - ({})", case.expected);
    let Ok(difference) = toolwright_calculator::evaluate(&difference).map(|d| d.to_string()) else {
        return Outcome::Different(value);
    };
    if difference == "0" {
        return Outcome::Equal;
    }
    let Ok(difference) = difference.parse::<f64>() else { return Outcome::Different(value) };
    let decimals = case.expected.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let unit = 10f64.powi(-i32::try_from(decimals).unwrap_or(0));
    if difference.abs() < unit && (decimals > 0 || value.contains('.')) {
        Outcome::Rounded
    } else {
        Outcome::Different(value)
    }
}

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: gsm8k PATH");
        return ExitCode::FAILURE;
    };
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let (mut all, mut equal, mut rounded, mut different, mut failed) = (0, 0, 0, 0, 0);
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let case: Case =
            match line.map_err(|e| e.to_string()).and_then(|l| serde_json::from_str(&l).map_err(|e| e.to_string())) {
                Ok(case) => case,
                Err(error) => {
                    eprintln!("{path}:{}: {error}", number + 1);
                    return ExitCode::FAILURE;
                }
            };
        all += 1;
        match judge(&case) {
            Outcome::Equal => equal += 1,
            Outcome::Rounded => {
                rounded += 1;
                println!("rounded   item {} {} expected {}", case.item, case.expr, case.expected);
            }
            Outcome::Different(value) => {
                different += 1;
                println!("different item {} {} expected {} got {value}", case.item, case.expr, case.expected);
            }
            Outcome::Failed(error) => {
                failed += 1;
                println!("failed    item {} {} expected {}: {error}", case.item, case.expr, case.expected);
            }
        }
    }
    println!(
        "{all} expressions: {equal} equal, {rounded} equal up to the rounding of `expected`, {different} different, {failed} failed"
    );
    ExitCode::SUCCESS
}
