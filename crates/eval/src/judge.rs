//! Asks a case and judges what was said.

use std::{fmt, sync::Arc, time::Instant};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use toolwright_protocol::{Budget, CallId, Event, Message, RunStatus, ToolCall};
use toolwright_runtime::{DenyAll, Notice, RunError, RunRequest, Runtime, SamplerConfig};
use toolwright_tool::{CallContext, PermissionPolicy, RegistryError, Tool, ToolError, ToolOutput, ToolRegistry};

use crate::{Case, Check, Offer};

/// Most tokens of an answer, thoughts and calls included.
const TOKENS: u64 = 1024;
/// Most calls of one case.
const CALLS: u32 = 6;

/// Asks a model.
pub struct Judge {
    runtime: Runtime,
    usual: ToolRegistry,
    /// Runs the programs of cases that ask for one.
    python: Option<Arc<dyn Tool>>,
    constrain: bool,
    without_tools: bool,
}

/// What a model said to a case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    /// Its last words.
    pub answer: String,
    /// Its calls, in order.
    pub calls: Vec<ToolCall>,
    /// How long it took.
    pub seconds: f64,
    /// How the run ended, where it did not end with an answer.
    pub fault: Option<String>,
}

/// Whether it was right.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// It was.
    pub right: bool,
    /// Why not.
    pub reason: String,
    /// What was said.
    pub given: Given,
}

/// Why a case cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// The run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The tools of the case.
    #[error(transparent)]
    Tools(#[from] RegistryError),
    /// The tool that runs programs.
    #[error("the program of {case} cannot be run: {reason}")]
    Program {
        /// The case.
        case: String,
        /// Why.
        reason: String,
    },
}

impl Judge {
    /// A judge of the model in `runtime`. `usual`: the tools that a run of it offers by itself.
    #[must_use]
    pub fn new(runtime: Runtime, usual: ToolRegistry) -> Self {
        let python = usual.get("run_python").cloned();
        Self { runtime, usual, python, constrain: true, without_tools: false }
    }

    /// The same with a tool that runs programs, for models that are not offered one.
    #[must_use]
    pub fn with_python(self, python: Arc<dyn Tool>) -> Self {
        Self { python: Some(python), ..self }
    }

    /// The same without any tool: what the model knows by itself.
    #[must_use]
    pub fn without_tools(self) -> Self {
        Self { without_tools: true, ..self }
    }

    /// The same with calls that no grammar masks.
    #[must_use]
    pub fn unconstrained(self) -> Self {
        Self { constrain: false, ..self }
    }

    /// Asks a case, greedily, and judges what was said.
    ///
    /// # Errors
    /// [`EvalError`]. That a model fails is a verdict, no error.
    pub async fn ask(&self, case: &Case, cancel: &CancellationToken) -> Result<Verdict, EvalError> {
        let started = Instant::now();
        let mut conversation = vec![Message::user(&case.question)];
        conversation.extend(case.since.iter().cloned());
        let request = RunRequest {
            conversation,
            system: None,
            tools: self.tools(case)?,
            workspace: None,
            sampling: SamplerConfig { temperature: 0.0, ..SamplerConfig::default() },
            constrain: self.constrain,
            budget: Budget { tokens: Some(TOKENS), calls: Some(CALLS), ..Budget::default() },
            policy: PermissionPolicy::default(),
            approver: Arc::new(DenyAll),
        };
        let mut run = self.runtime.start(request, cancel.clone())?;
        let mut calls = Vec::new();
        while let Some(notice) = run.next().await {
            if let Notice::Committed(Event::ToolCalled { call }) = notice {
                calls.push(call);
            }
        }
        let outcome = run.outcome().await?;
        let fault = match outcome.status {
            RunStatus::Done => None,
            RunStatus::BudgetSpent { what } => Some(what.to_string()),
            RunStatus::Cancelled => Some("stopped".to_owned()),
            RunStatus::Failed { reason } => Some(reason),
        };
        let seconds = started.elapsed().as_secs_f64();
        let given = Given { answer: outcome.answer, calls, seconds, fault };
        let reason = self.fault(case, &given).await?;
        Ok(Verdict { right: reason.is_none(), reason: reason.unwrap_or_default(), given })
    }

    fn tools(&self, case: &Case) -> Result<ToolRegistry, RegistryError> {
        let mut registry = ToolRegistry::default();
        if self.without_tools {
            return Ok(registry);
        }
        let (usual, given): (bool, &[Arc<dyn Tool>]) = match &case.offer {
            Offer::Usual => return Ok(self.usual.clone()),
            Offer::These(tools) => (false, tools),
            Offer::Instead(tools) => (true, tools),
        };
        if usual {
            for spec in self.usual.specs() {
                let other = given.iter().find(|tool| tool.spec().name == spec.name).or(self.usual.get(&spec.name));
                other.map_or(Ok(()), |tool| registry.register(Arc::clone(tool)))?;
            }
        } else {
            for tool in given {
                registry.register(Arc::clone(tool))?;
            }
        }
        Ok(registry)
    }

    /// What is wrong with what was said, if anything is.
    async fn fault(&self, case: &Case, given: &Given) -> Result<Option<String>, EvalError> {
        let says = |right: bool, why: &dyn Fn() -> String| {
            (!right).then(|| given.fault.clone().map_or_else(why, |fault| format!("{} ({fault})", why())))
        };
        Ok(match &case.check {
            Check::Number(right) => {
                let number = last_number(&given.answer);
                says(number.is_some_and(|number| near(number, *right)), &|| "another number".to_owned())
            }
            Check::Contains(right) => {
                let answer = folded(&given.answer);
                says(right.iter().any(|right| answer.contains(&folded(right))), &|| "it does not say so".to_owned())
            }
            Check::NoCall => says(given.calls.is_empty(), &|| "it called a tool".to_owned()),
            Check::Calls(expected) => {
                let mut left: Vec<_> = expected.iter().collect();
                let all = given.calls.iter().all(|call| {
                    let at = left.iter().position(|expected| expected.is(call));
                    at.map(|at| left.remove(at)).is_some()
                });
                says(all && left.is_empty(), &|| "other calls".to_owned())
            }
            Check::Program(tests) => match program(given) {
                None => says(false, &|| "there is no program".to_owned()),
                Some(program) => self.tried(case, &program, tests).await?,
            },
        })
    }

    async fn tried(&self, case: &Case, program: &str, tests: &str) -> Result<Option<String>, EvalError> {
        let broken = |reason: String| EvalError::Program { case: case.id.clone(), reason };
        let python = self.python.as_ref().ok_or_else(|| broken("there is no tool `run_python`".into()))?;
        let folder = tempfile::tempdir().map_err(|error| broken(error.to_string()))?;
        python.prepare().await.map_err(|error| broken(error.to_string()))?;
        let arguments = json!({ "code": program, "tests": tests });
        let output = match python.call(&arguments, &CallContext::new(CallId(1), folder.path())).await {
            Ok(output) => output,
            Err(ToolError::Respond(text)) => ToolOutput::text(text).as_error(),
            Err(ToolError::Fatal(reason)) => return Err(broken(reason)),
        };
        let verdict = output.data.as_ref().map_or(&Value::Null, |data| &data["tests"]);
        let passed = verdict["total"].as_u64() > Some(0) && verdict["passed"] == verdict["total"] && !output.is_error;
        Ok((!passed).then_some(output.text))
    }
}

/// The program that the model came to: the last that it ran, or else the last block of code of its answer.
fn program(given: &Given) -> Option<String> {
    let run = given.calls.iter().rev().find_map(|call| Some(call.arguments.get("code")?.as_str()?.to_owned()));
    run.or_else(|| {
        let (_, block) = given.answer.rsplit_once("```python")?;
        Some(block.split("```").next().unwrap_or_default().trim_matches('\n').to_owned())
    })
}

/// The last number of a text; commas between digits set thousands apart.
fn last_number(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let mut last = None;
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() {
            let between = matches!(bytes[at], b'.' | b',') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
            if !bytes[at].is_ascii_digit() && !between {
                break;
            }
            at += 1;
        }
        let before = &text[..start];
        // "5-3" subtracts, "-3" and "is -3" do not.
        let negative =
            before.ends_with('-') && !before[..start - 1].ends_with(|c: char| c.is_alphanumeric() || c == ')');
        if let Ok(number) = text[start..at].replace(',', "").parse::<f64>() {
            last = Some(if negative { -number } else { number });
        }
    }
    last
}

/// Equal up to the rounding of a shown result.
fn near(given: f64, right: f64) -> bool {
    (given - right).abs() <= 1e-4 * right.abs().max(1.0)
}

/// Lower case, one space between words.
fn folded(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Contains(texts) => write!(f, "{}", texts.join(" | ")),
            Self::NoCall => f.write_str("no call"),
            Self::Calls(calls) => {
                let calls: Vec<_> = calls
                    .iter()
                    .map(|call| {
                        let arguments: Vec<_> = call
                            .arguments
                            .iter()
                            .map(|(name, values)| format!("{name}={}", Value::Array(values.clone())))
                            .collect();
                        format!("{}({})", call.tool, arguments.join(", "))
                    })
                    .collect();
                write!(f, "{}", calls.join("; "))
            }
            Self::Program(tests) => write!(f, "a program that passes: {tests}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_counts() {
        for (text, number) in [
            ("It is 1,234.5 euros.", Some(1234.5)),
            ("From 3 to -7", Some(-7.0)),
            ("5-3", Some(3.0)),
            ("He has 12.", Some(12.0)),
            ("none", None),
            ("in 2, 3 and 4", Some(4.0)),
        ] {
            assert_eq!(last_number(text), number, "{text}");
        }
        assert!(near(0.333_333, 1.0 / 3.0) && !near(17.0, 18.0));
    }

    #[test]
    fn a_program_is_the_last_that_ran_or_stands_in_the_answer() {
        let call =
            |code: &str| ToolCall { id: CallId(1), name: "run_python".into(), arguments: json!({ "code": code }) };
        let mut given = Given { answer: "So:\n```python\nx = 1\n```".into(), ..Given::default() };
        assert_eq!(program(&given).unwrap(), "x = 1");
        given.calls = vec![call("a"), call("b")];
        assert_eq!(program(&given).unwrap(), "b");
    }
}
