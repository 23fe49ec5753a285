//! Bare calculations in symbols, of any shape: what people type into a search box.

use crate::{
    Call, Draw, Episode, Gold, Names,
    number::{grouped, plain},
    paraphrase,
    sources::{Offered, Source},
};

const QUESTIONS: &str = "{}|{}=|{} =|{}?|What is {}?|what's {}|Calculate {}.|calculate {}|Compute {}|How much is {}?|\
    Work out {}.|{} = ?|Solve {}|Evaluate {}.|Please compute {}|Can you do {}?|I need {}.|What do you get for {}?|\
    Result of {}?|Tell me {}.|Give me the value of {}|eval {}|{} equals what?|how much does {} come to|Do {} for me";
const ANSWERS: &str = "It is {=}.|That is {=}.|{=}.|The result is {=}.|It comes to {=}.";

/// Random expressions.
pub struct Sums;

impl Source for Sums {
    fn name(&self) -> &'static str {
        "sums"
    }

    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        let operators = 1 + draw.weighted(&[0.5, 0.3, 0.14, 0.06]);
        let (mut plainly, mut written) = (String::new(), String::new());
        let style = Style::draw(draw);
        expression(operators, 0, &style, draw, &mut plainly, &mut written);
        let result = toolwright_calculator::evaluate(&plainly).ok()?.to_string();
        if result.len() > 12 || !result.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return None;
        }
        let question = draw.of(QUESTIONS).replace("{}", &written);
        let answer = draw.of(ANSWERS).replace("{=}", &result);
        let question = paraphrase::mistyped(&question, names, draw);
        let way = (None, Call::calculator(&plainly), result.clone());
        let tools = tools.with(Some("calculator"), draw);
        Some(Episode::with_call(self.name(), tools, question, way, answer).measured_by(Gold::Number(result)))
    }
}

/// How somebody writes expressions.
struct Style {
    spaced: bool,
    times: String,
    over: String,
    power: String,
    groups: bool,
}

impl Style {
    fn draw(draw: &mut Draw) -> Self {
        Self {
            spaced: draw.chance(0.6),
            times: draw.of("*|*|×|x|·| times ").to_owned(),
            over: draw.of("/|/|÷|:| divided by ").to_owned(),
            power: draw.of("^|**").to_owned(),
            groups: draw.chance(0.15),
        }
    }
}

/// Adds an expression with so many operators, as the calculator takes it and as somebody writes it.
fn expression(
    operators: usize,
    depth: usize,
    style: &Style,
    draw: &mut Draw,
    plainly: &mut String,
    written: &mut String,
) {
    if operators == 0 {
        let number = operand(draw);
        plainly.push_str(&number);
        written.push_str(&if style.groups && number.len() > 3 && !number.contains('.') {
            grouped(&number)
        } else {
            number
        });
        return;
    }
    if draw.chance(0.06) {
        for text in [&mut *plainly, &mut *written] {
            text.push_str("sqrt(");
        }
        expression(operators - 1, depth + 1, style, draw, plainly, written);
        for text in [plainly, written] {
            text.push(')');
        }
        return;
    }
    if depth == 0 && operators == 1 && draw.chance(0.08) {
        let (base, exponent) = (draw.int(2, 30).to_string(), draw.int(2, 5).to_string());
        plainly.push_str(&format!("{base}^{exponent}"));
        written.push_str(&format!("{base}{}{exponent}", style.power));
        return;
    }
    let left = draw.int(0, operators as i64 - 1) as usize;
    let sum = draw.chance(0.55);
    let operator = if sum { draw.of("+|-") } else { draw.of("*|*|/") };
    for (at, count) in [left, operators - 1 - left].into_iter().enumerate() {
        // Only what would be read otherwise stands in brackets.
        let brackets = count > 0 && (!sum || operator == "-" && at == 1);
        if brackets {
            plainly.push('(');
            written.push('(');
        }
        expression(count, depth + 1, style, draw, plainly, written);
        if brackets {
            plainly.push(')');
            written.push(')');
        }
        if at == 0 {
            plainly.push_str(operator);
            let shown = match operator {
                "*" => style.times.as_str(),
                "/" => style.over.as_str(),
                other => other,
            };
            if style.spaced && !shown.starts_with(' ') {
                written.push_str(&format!(" {shown} "));
            } else {
                written.push_str(shown);
            }
        }
    }
}

fn operand(draw: &mut Draw) -> String {
    let digits = 1 + draw.weighted(&[0.3, 0.38, 0.2, 0.08, 0.04]);
    let high = 10_i64.pow(digits as u32) - 1;
    let number = draw.int(high / 10 + 1, high);
    if draw.chance(0.15) {
        let scale = if draw.chance(0.5) { 10.0 } else { 100.0 };
        return plain(number as f64 / scale);
    }
    number.to_string()
}
