//! Programs that want out, or want all: `hostile/`. What each tries, and what must be seen, stands at its head.
//!
//! `expect: limit KIND`, `error TYPE|TYPE`, `exit CODE`, `output contains TEXT`, `ok`, `failure` (whichever), `any` (it
//! ends); alternatives are parted by ` or `, and every line of them holds. `must not: TEXT|TEXT` is not in the output.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use toolwright_code::{CodeConfig, CodeTool};
use toolwright_tool::ToolOutput;

use crate::{PLACES, call, data, javascript, python};

const MEMORY: usize = 128;
const DISK: u64 = 8;
const CANARY: &str = "CANARY-93b1";

/// Time on a processor is what ends loops, however busy the machine is; what sleeps is ended sooner than by default.
fn small(sleeps: bool) -> CodeConfig {
    let wall_seconds = if sleeps { 2 } else { 60 };
    CodeConfig { wall_seconds, cpu_seconds: 1, memory_mib: MEMORY, disk_mib: DISK, ..CodeConfig::default() }
}

/// What stands at the head of a program.
#[derive(Default)]
struct Head {
    expect: Vec<String>,
    must_not: Vec<String>,
}

fn head(source: &str) -> Head {
    let mut head = Head::default();
    for line in source.lines().map_while(|line| line.strip_prefix("# ").or_else(|| line.strip_prefix("// "))) {
        if let Some(expected) = line.strip_prefix("expect: ") {
            head.expect.push(expected.to_owned());
        } else if let Some(texts) = line.strip_prefix("must not: ") {
            head.must_not.extend(texts.split('|').map(str::to_owned));
        }
    }
    head
}

/// Whether one alternative of an expectation is what was seen.
fn is_met(expected: &str, output: &ToolOutput) -> bool {
    let data = data(output);
    let (what, value) = expected.split_once(' ').unwrap_or((expected, ""));
    match what {
        "limit" => output.is_error && data["limit"] == value,
        "error" => output.is_error && value.split('|').any(|kind| data["error"]["type"] == kind),
        "exit" => output.is_error && data["exit"] == value.parse::<i32>().unwrap(),
        "output" => output.text.contains(value.strip_prefix("contains ").unwrap()),
        "ok" => !output.is_error,
        "failure" => output.is_error,
        "any" => true,
        other => panic!("`{other}` is no expectation"),
    }
}

/// Every file below a folder but the workspace's, with its content.
fn outside(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path != folder.join("run/workspace") && path != folder.join("run/outputs") {
                found.insert(path.clone(), Vec::new());
                left.push(path);
            } else if path.is_file() {
                found.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The bytes that lie in a workspace, links not followed.
fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let size = |entry: fs::DirEntry| {
        let about = entry.metadata().unwrap();
        if about.is_dir() { bytes_in(&entry.path()) } else { about.len() }
    };
    entries.flatten().map(size).sum()
}

/// Runs a program, and says what is wrong with what was seen.
async fn wrong(language: &Language, source: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    fs::create_dir_all(run.join("neighbour")).unwrap();
    for secret in ["secret.txt", "run/secret.txt", "run/neighbour/secret.txt"] {
        fs::write(folder.path().join(secret), CANARY).unwrap();
    }
    let before = outside(folder.path());
    let Head { expect, must_not } = head(source);
    let sleeps = expect.iter().any(|expected| expected.contains("limit wall"));
    let output =
        call(if sleeps { &language.sleeping } else { &language.tool }, 1, &run, json!({ "code": source })).await;

    if expect.is_empty() {
        wrong.push("nothing is expected of it".to_owned());
    }
    for expected in expect.iter().filter(|expected| !expected.split(" or ").any(|one| is_met(one, &output))) {
        wrong.push(format!("not seen: {expected}"));
    }
    for text in must_not.iter().map(String::as_str).chain([CANARY]).filter(|text| output.text.contains(text)) {
        wrong.push(format!("seen: {text}"));
    }
    // One clear line of ours for a limit, whatever the program printed; and a text that fits, in any case.
    let limit_lines = output.text.lines().filter(|line| line.starts_with("error: ")).count();
    if !data(&output)["limit"].is_null() && limit_lines != 1 {
        wrong.push(format!("{limit_lines} lines tell of the limit"));
    }
    if output.text.is_empty() || output.text.len() > 8 << 10 {
        wrong.push(format!("{} bytes of text", output.text.len()));
    }
    if output.text.contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
        wrong.push("control characters".to_owned());
    }
    if outside(folder.path()) != before {
        wrong.push("something outside was changed".to_owned());
    }
    let left = bytes_in(&run.join("workspace"));
    if left > DISK << 20 {
        wrong.push(format!("{left} bytes on the disk"));
    }
    let after = call(&language.tool, 2, &run, json!({ "code": language.hello })).await;
    if after.text != "1" || after.is_error {
        wrong.push(format!("afterwards, {} gives {:?}", language.hello, after.text));
    }
    if !wrong.is_empty() {
        wrong.push(format!("text: {}", output.text.chars().take(600).collect::<String>()));
        wrong.push(format!("data: {}", data(&output)));
    }
    wrong
}

/// A language's tool, with two sets of limits.
struct Language {
    extension: &'static str,
    /// A program that prints 1.
    hello: &'static str,
    tool: CodeTool,
    sleeping: CodeTool,
}

async fn suite(language: Language) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile");
    let mut programs: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    programs.retain(|path| path.extension().is_some_and(|e| e == language.extension));
    programs.sort();
    assert!(programs.len() >= 40, "{} programs", programs.len());
    language.tool.prepare().await.unwrap();
    reset_peak();
    let mut all = Vec::new();
    for path in programs {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let found = wrong(&language, &fs::read_to_string(&path).unwrap()).await;
        if !found.is_empty() {
            all.push(format!("{name}: {}", found.join("\n    ")));
        }
    }
    assert!(all.is_empty(), "{} programs\n{}", all.len(), all.join("\n"));
    if let Some(peak) = peak_memory() {
        // Tests run beside each other: as many guests as there are places, and the rest of this process, which may be
        // compiling another interpreter.
        let most = (PLACES * MEMORY + 2048) << 20;
        assert!(peak < most, "{} MiB of memory", peak >> 20);
    }
}

#[tokio::test]
async fn hostile_python_is_contained() {
    let (tool, sleeping) = (python(small(false)), python(small(true)));
    suite(Language { extension: "py", hello: "print(1)", tool, sleeping }).await;
}

#[tokio::test]
async fn hostile_javascript_is_contained() {
    let (tool, sleeping) = (javascript(small(false)), javascript(small(true)));
    suite(Language { extension: "js", hello: "console.log(1)", tool, sleeping }).await;
}

/// The most memory that this process ever had, where the system says.
pub fn peak_memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? << 10)
}

/// Forgets the peak, where the system can: compiling an interpreter takes more than any run.
fn reset_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}
