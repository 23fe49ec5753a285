//! What came of a run, as text for the model and as data for programs.

use std::{fmt::Write as _, fs, io, path::Path, time::Duration};

use serde_json::{Value, json};
use toolwright_sandbox::{Exit, LimitKind, Limits, Outcome};
use toolwright_tool::{CallContext, ToolOutput};

use crate::{
    interpreter::{Cause, Interpreter},
    report::{Failure, Report, Verdict},
    text::{beginning, clean, without_middle},
};

/// Names of written files that are told.
const NAMES: usize = 20;
/// Failed tests that are told.
const FAILURES: usize = 10;
/// Bytes of a line about a failed test.
const FAILURE: usize = 300;

/// What came of a run.
pub(crate) struct Answer {
    stdout: String,
    stdout_cut: bool,
    stderr: String,
    value: Option<String>,
    /// What the model is told of the end, if it was no good one.
    error: Option<String>,
    written: Vec<String>,
    verdict: Option<Verdict>,
    data: Value,
    failed: bool,
}

/// How a run ended.
#[derive(Default)]
struct End {
    error: Option<String>,
    limit: Option<LimitKind>,
    code: Option<i32>,
}

impl Answer {
    pub(crate) fn of(outcome: Outcome, interpreter: &dyn Interpreter, tests: bool, limits: &Limits) -> Self {
        let report = outcome.report.as_deref().and_then(Report::read);
        let end = end(&outcome, report.as_ref(), interpreter, tests, limits);
        let Report { error: failure, value, tests: mut verdict } = report.unwrap_or_default();
        let mut stderr = clean(&outcome.stderr);
        if end.limit == Some(LimitKind::Memory) {
            // Rust's own words; ours are clearer.
            let at = line_that_begins(&stderr, "memory allocation of ");
            stderr.truncate(at.unwrap_or(stderr.len()));
        }
        if tests && verdict.is_none() {
            let error = Some("not run: the program ended before them".into());
            verdict = Some(Verdict { error, ..Verdict::default() });
        }
        let failed = end.error.is_some() || verdict.as_ref().is_some_and(|verdict| !verdict.all_passed());
        let data = json!({
            "exit": end.code,
            "error": failure,
            "tests": verdict,
            "written": outcome.written,
            "limit": end.limit.map(name_of),
            "usage": {
                "wall_ms": milliseconds(outcome.usage.wall),
                "cpu_ms": milliseconds(outcome.usage.cpu),
                "memory": outcome.usage.memory,
            },
        });
        Self {
            stdout: clean(&outcome.stdout),
            stdout_cut: outcome.stdout_cut,
            stderr,
            value: value.map(|value| clean(value.as_bytes())),
            error: end.error,
            written: outcome.written,
            verdict,
            data,
            failed,
        }
    }

    /// The answer in about `limit` bytes. What was printed is cut first, and its whole goes to the folder of outputs.
    pub(crate) fn output(self, limit: usize, context: &CallContext) -> ToolOutput {
        let error = self.error.as_deref().map(|error| without_middle(error, limit / 4, |_| "  …".into()));
        let wrote = wrote(&self.written).map(|wrote| beginning(&wrote, limit / 16));
        let verdict = self.verdict.as_ref().map(|verdict| without_middle(&told(verdict), limit / 4, |_| "…".into()));
        let stderr = self.stderr.trim_end();
        let stderr = (!stderr.is_empty()).then(|| {
            format!("[stderr]\n{}", without_middle(stderr, limit / 8, |bytes| format!("[{bytes} bytes left out]")))
        });
        let rest = [stderr, error, wrote, verdict];
        let room = limit.saturating_sub(rest.iter().flatten().map(|part| part.len() + 1).sum());

        let printed = match (self.stdout.trim_end().is_empty(), &self.value) {
            (true, Some(value)) => value.trim_end(),
            _ => self.stdout.trim_end_matches('\n'),
        };
        let printed = shown(printed, self.stdout_cut, room, context);
        let mut parts: Vec<&str> = Vec::new();
        if !printed.is_empty() {
            parts.push(&printed);
        }
        parts.extend(rest.iter().flatten().map(String::as_str));
        if parts.is_empty() {
            parts.push("(no output)");
        }
        let output = ToolOutput::text(parts.join("\n")).with_data(self.data);
        if self.failed { output.as_error() } else { output }
    }
}

/// What a program printed, as it is shown.
fn shown(printed: &str, cut: bool, room: usize, context: &CallContext) -> String {
    let kept = format!("[only the first {} of what was printed were kept]", size(printed.len()));
    if printed.len() + if cut { kept.len() + 1 } else { 0 } <= room {
        return if cut { format!("{printed}\n{kept}") } else { printed.to_owned() };
    }
    let name = format!("call-{}.txt", context.call.0);
    let place = match keep(&context.outputs, &name, printed) {
        Ok(()) => format!("; the whole is in outputs/{name}"),
        Err(_) => String::new(), // a full disk, say: the model does without
    };
    if cut {
        // Its end is not the end of what was printed.
        let note = format!("{kept}\n[and {} of them are shown{place}]", size(room));
        let beginning = &printed[..printed.floor_char_boundary(room.saturating_sub(note.len() + 1))];
        return format!("{beginning}\n{note}");
    }
    without_middle(printed, room, |bytes| format!("[{bytes} bytes left out{place}]"))
}

fn keep(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(name), text)
}

/// How the run ended, and what the model is told if that was no good end.
fn end(outcome: &Outcome, report: Option<&Report>, interpreter: &dyn Interpreter, tests: bool, limits: &Limits) -> End {
    let over = |kind| End { error: Some(stopped(kind, limits)), limit: Some(kind), code: None };
    let code = match &outcome.exit {
        Exit::Limit(kind) => return over(*kind),
        Exit::Cancelled => return End { error: Some("error: stopped: it was cancelled".into()), ..End::default() },
        Exit::Trap(trap) => {
            let error = format!("error: the {} interpreter broke down: {trap}", interpreter.language());
            return End { error: Some(error), ..End::default() };
        }
        Exit::Code(code) => *code,
    };
    let ended = || format!("error: the program ended itself with exit code {code}");
    let error = match report {
        None if code != 0 && outcome.usage.memory_refused => return over(LimitKind::Memory),
        None if code == 0 && tests => Some("error: the program ended itself before its tests".to_owned()),
        None => (code != 0).then(ended),
        Some(Report { error: None, .. }) => (code != 0).then(ended),
        Some(Report { error: Some(failure), .. }) => match interpreter.cause(failure, outcome.usage.memory_refused) {
            Cause::Error => Some(traced(failure)),
            Cause::Exit => Some(format!("{}{}", ended(), place(failure))),
            Cause::OutOfMemory => {
                let error = format!("{}{}", stopped(LimitKind::Memory, limits), place(failure));
                return End { error: Some(error), limit: Some(LimitKind::Memory), code: Some(code) };
            }
        },
    };
    End { error, limit: None, code: Some(code) }
}

/// The one line about a limit.
fn stopped(kind: LimitKind, limits: &Limits) -> String {
    match kind {
        LimitKind::Wall => format!("error: stopped: ran longer than {} s", limits.wall.as_secs_f32()),
        LimitKind::Cpu => format!("error: stopped: ran longer than {} s of processor time", limits.cpu.as_secs_f32()),
        LimitKind::Fuel => format!("error: stopped: took more than {} steps", limits.fuel.unwrap_or(0)),
        LimitKind::Memory => format!("error: out of memory ({}); use less", size(limits.memory)),
        LimitKind::Disk => {
            format!("error: wrote more than {}", size(usize::try_from(limits.disk).unwrap_or(usize::MAX)))
        }
        LimitKind::Files => format!("error: made more than {} files", limits.files),
        LimitKind::Output => "error: stopped: printed too much; print less".into(),
        LimitKind::Stack => "error: recursion too deep".into(),
    }
}

/// What programs call a limit.
fn name_of(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::Wall => "wall",
        LimitKind::Cpu => "cpu",
        LimitKind::Fuel => "fuel",
        LimitKind::Memory => "memory",
        LimitKind::Disk => "disk",
        LimitKind::Files => "files",
        LimitKind::Output => "output",
        LimitKind::Stack => "stack",
    }
}

/// The traceback, or what there is of one.
fn traced(failure: &Failure) -> String {
    let trace = failure.trace.as_deref().map(|trace| clean(trace.trim_end().as_bytes()));
    if let Some(trace) = trace.filter(|trace| !trace.is_empty()) {
        return trace;
    }
    let message = clean(failure.message.as_bytes());
    format!("error: {}: {message}{}", failure.kind, place(failure))
}

/// Where it was.
fn place(failure: &Failure) -> String {
    match (failure.line, failure.text.as_deref().map(str::trim)) {
        (Some(line), Some(text)) if !text.is_empty() => {
            format!(" (line {line}: {})", beginning(&clean(text.as_bytes()), FAILURE))
        }
        (Some(line), _) => format!(" (line {line})"),
        (None, _) => String::new(),
    }
}

fn wrote(names: &[String]) -> Option<String> {
    let shown: Vec<_> = names.iter().take(NAMES).map(|name| name.replace(char::is_control, "?")).collect();
    let more = match names.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!shown.is_empty()).then(|| format!("wrote: {}{more}", shown.join(", ")))
}

/// The verdict, and each failed test on a line.
fn told(verdict: &Verdict) -> String {
    let Verdict { total, passed, failures, error } = verdict;
    let mut told = match (total, error) {
        (0, None) => "tests: none found".to_owned(),
        (0, Some(error)) => format!("tests: {}", one_line(error)),
        (_, None) => format!("tests: {passed} of {total} passed"),
        (_, Some(error)) => format!("tests: {passed} of {total} passed, and then: {}", one_line(error)),
    };
    for failure in failures.iter().take(FAILURES) {
        let (name, message) = (one_line(&failure.name), one_line(&failure.message));
        // An assert is its own name, and its message repeats it.
        let expression = name.trim_start_matches("assert").trim().trim_end_matches(';');
        let name = if message.contains(expression) { String::new() } else { format!(" in {name}") };
        let line = failure.line.map_or_else(String::new, |line| format!(" line {line}"));
        let _ = write!(told, "\nfailed:{line}{name}: {message}");
    }
    match failures.len().saturating_sub(FAILURES) {
        0 => {}
        more => {
            let _ = write!(told, "\nand {more} more");
        }
    }
    told
}

fn one_line(text: &str) -> String {
    beginning(&clean(text.as_bytes()).split_whitespace().collect::<Vec<_>>().join(" "), FAILURE)
}

/// Where the first line begins that begins like this.
fn line_that_begins(text: &str, with: &str) -> Option<usize> {
    if text.starts_with(with) { Some(0) } else { text.find(&format!("\n{with}")).map(|at| at + 1) }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn size(bytes: usize) -> String {
    match bytes {
        _ if bytes >= 1 << 20 && bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes >= 1 << 10 => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}
