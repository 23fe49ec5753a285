//! `toolwright ask`: one question, streamed.

use std::{
    io::{IsTerminal as _, Read as _, Write},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use toolwright_protocol::{Budget, Event, Message, Observation, RunStatus, ToolCall};
use toolwright_runtime::{Notice, Outcome, RunRequest, Runtime};
use toolwright_toolbox::Workspace;

use crate::{
    args::{AskArgs, SamplingArgs},
    exit::Exit,
    model,
    permissions::Permissions,
    places::Places,
    style::{DIM, harmless, paint},
    terminal::AsksOnTerminal,
    toolbox, trace,
};

/// Questions beyond this are files, not questions; and standard input may be endless.
const LONGEST_QUESTION: u64 = 1 << 20;

/// Runs the question to its end.
///
/// # Errors
/// On wrong input, and where the run cannot start or its journal cannot be written. How the run itself ended is the
/// exit code.
pub async fn ask(args: AskArgs, places: &Places) -> Result<Exit> {
    let question = question(args.question.as_deref())?;
    let workspace = toolbox::workspace(args.reach.workspace)?;
    let whose = if workspace.is_some() { Workspace::OfTheUser } else { Workspace::OfTheRun };
    let toolbox = toolbox::open_for(places, whose)?;
    let data_dir = &places.data;
    let permissions = Permissions::load(data_dir)?;
    let model = model::load(args.model.model.as_deref(), data_dir)?;
    let tools = toolbox::choose(&toolbox, args.tools.as_deref(), &model)?;
    let runtime = Runtime::open(model, data_dir)?;
    let request = RunRequest {
        conversation: vec![Message::user(question)],
        system: args.system,
        tools,
        workspace,
        sampling: sampling(&args.sampling),
        constrain: !args.sampling.no_constraint,
        budget: Budget {
            tokens: Some(args.limits.max_tokens),
            calls: Some(args.limits.max_calls),
            wall: args.limits.max_time.map(Duration::from_secs_f32),
            call_deadline: Duration::from_secs_f32(args.limits.call_deadline),
            ..Budget::default()
        },
        policy: permissions.policy(&args.reach.allow, &args.reach.deny),
        approver: Arc::new(AsksOnTerminal::new(permissions)),
    };
    let cancel = CancellationToken::new();
    let mut run = runtime.start(request, cancel.clone())?;
    let mut watcher = Watcher::new(args.trace, args.json);
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    let mut listening = true;
    loop {
        tokio::select! {
            notice = run.next() => match notice {
                Some(notice) => watcher.watch(notice)?,
                None => break,
            },
            signal = &mut interrupted, if listening => {
                listening = false;
                if signal.is_ok() {
                    cancel.cancel();
                }
            }
        }
    }
    let outcome = run.outcome().await?;
    watcher.end(&outcome)?;
    Ok(Exit::from(&outcome.status))
}

/// The question as given, or from standard input.
fn question(given: Option<&str>) -> Result<String> {
    let question = match given {
        Some("-") | None => {
            let stdin = std::io::stdin();
            if given.is_none() && stdin.is_terminal() {
                bail!(crate::Usage("there is no question; try: toolwright ask \"What is 17.5% of 2,480?\"".into()));
            }
            let mut text = String::new();
            let read = stdin.lock().take(LONGEST_QUESTION + 1).read_to_string(&mut text);
            read.map_err(|error| crate::Usage(format!("cannot read the question from standard input: {error}")))?;
            if text.len() as u64 > LONGEST_QUESTION {
                bail!(crate::Usage("the question is longer than 1 MiB".into()));
            }
            text
        }
        Some(question) => question.to_owned(),
    };
    let question = question.trim();
    if question.is_empty() {
        bail!(crate::Usage("the question is empty".into()));
    }
    Ok(question.to_owned())
}

fn sampling(args: &SamplingArgs) -> toolwright_runtime::SamplerConfig {
    toolwright_runtime::SamplerConfig {
        temperature: args.temperature,
        top_k: args.top_k,
        top_p: args.top_p,
        min_p: args.min_p,
        repetition_penalty: args.repetition_penalty,
        seed: args.seed,
        ..Default::default()
    }
}

/// What the person at the terminal, or the program behind the pipe, gets to see.
struct Watcher {
    trace: bool,
    json: bool,
    calls: Vec<(ToolCall, Option<Observation>)>,
    thought: String,
    /// Whether this turn has shown text: white space before the first of it is dropped.
    begun: bool,
    /// Whether text stands on standard output without a line break behind it.
    mid_line: bool,
}

impl Watcher {
    fn new(trace: bool, json: bool) -> Self {
        Self { trace, json, calls: Vec::new(), thought: String::new(), begun: false, mid_line: false }
    }

    fn watch(&mut self, notice: Notice) -> Result<()> {
        match notice {
            Notice::Started(_) => {}
            Notice::Text(text) => self.text(&text)?,
            Notice::TurnEnded => {
                self.begun = false;
                self.end_line()?;
            }
            Notice::Thought(text) => self.thought.push_str(&text),
            Notice::Committed(event) => self.committed(event)?,
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        self.end_thought()?;
        let text = if self.begun { text } else { text.trim_start() };
        if self.json || text.is_empty() {
            return Ok(());
        }
        self.begun = true;
        let mut out = anstream::stdout().lock();
        write!(out, "{}", harmless(text))?;
        out.flush()?;
        self.mid_line = !text.ends_with('\n');
        Ok(())
    }

    fn committed(&mut self, event: Event) -> Result<()> {
        match event {
            Event::ToolCalled { call } => {
                self.trace_line(|| trace::called(&call))?;
                self.calls.push((call, None));
            }
            Event::ToolReturned { observation } => {
                self.trace_line(|| trace::returned(&observation))?;
                if let Some((_, result)) = self.calls.last_mut() {
                    *result = Some(observation);
                }
            }
            Event::Discarded { .. } => {
                if let Some(lines) = trace::lines(&event) {
                    self.trace_line(|| lines)?;
                }
            }
            Event::RunEnded { status, usage } => self.trace_line(|| trace::ended(&status, &usage))?,
            _ => {}
        }
        Ok(())
    }

    fn trace_line(&mut self, line: impl FnOnce() -> String) -> Result<()> {
        self.end_thought()?;
        if self.trace {
            self.end_line()?;
            writeln!(anstream::stderr(), "{}", line())?;
        }
        Ok(())
    }

    fn end_thought(&mut self) -> Result<()> {
        let thought = std::mem::take(&mut self.thought);
        if self.trace && !thought.trim().is_empty() {
            let text = harmless(thought.trim()).replace('\n', "\n        ");
            writeln!(anstream::stderr(), "{} {}", paint(DIM, "· thinks"), paint(DIM, text))?;
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<()> {
        if std::mem::take(&mut self.mid_line) {
            writeln!(anstream::stdout())?;
        }
        Ok(())
    }

    fn end(&mut self, outcome: &Outcome) -> Result<()> {
        self.end_thought()?;
        self.end_line()?;
        if self.json {
            let calls: Vec<_> = self.calls.iter().map(|(call, result)| call_json(call, result.as_ref())).collect();
            let object = json!({
                "run": outcome.run,
                "answer": outcome.answer,
                "calls": calls,
                "usage": outcome.usage,
                "status": outcome.status,
            });
            return writeln!(anstream::stdout(), "{}", serde_json::to_string_pretty(&object)?).context("cannot print");
        }
        let problem = match &outcome.status {
            RunStatus::Done => return Ok(()),
            RunStatus::BudgetSpent { what } => what.to_string(),
            RunStatus::Cancelled => "stopped".to_owned(),
            RunStatus::Failed { reason } => reason.clone(),
        };
        let run = outcome.run;
        writeln!(
            anstream::stderr(),
            "toolwright: {}; what was done is kept: toolwright show {run}",
            harmless(&problem)
        )?;
        Ok(())
    }
}

fn call_json(call: &ToolCall, observation: Option<&Observation>) -> serde_json::Value {
    json!({
        "name": call.name,
        "arguments": call.arguments,
        "status": observation.map(|observation| observation.status),
        "result": observation.map(|observation| &observation.content),
        "time_ms": observation.map(|observation| observation.elapsed.as_secs_f64() * 1e3),
    })
}
