//! Each tool in a run: a scripted model that emits the call, and the real engine, dispatcher, sandbox and tool.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use toolwright_protocol::{Budget, Event, Observation, ObservationStatus, RunStatus};
use toolwright_testkit::{Played, Stage};
use toolwright_toolbox::{Settings, Silent, Toolbox, Workspace};

/// Everything is new but the compiled guests, which are kept from test to test.
fn toolbox(folder: &Path) -> Toolbox {
    let cache_dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("toolwright-cache");
    Toolbox::open(Settings {
        data_dir: folder.to_owned(),
        cache_dir,
        workspace: Workspace::OfTheRun,
        progress: Arc::new(Silent),
    })
    .unwrap()
}

/// A run of a model that makes this one call and then says that it is done.
async fn run(toolbox: &Toolbox, tool: &str, arguments: &str) -> (Played, Observation) {
    let call: &'static str = format!("<tool_call>{{\"name\":\"{tool}\",\"arguments\":{arguments}}}</tool_call>").leak();
    let budget = Budget { call_deadline: Duration::from_secs(600), ..Budget::default() };
    let stage = Stage { budget, context_length: 1 << 16, ..Stage::default() };
    let tools = toolbox.named(&[tool]).unwrap();
    let played = stage.play(tools, "go", vec![vec![call], vec!["Done."]]).await;
    let observation = played.events.iter().find_map(|event| match event {
        Event::ToolReturned { observation } => Some(observation.clone()),
        _ => None,
    });
    let observation = observation.unwrap_or_else(|| panic!("{tool}: {:?}", played.outcome));
    (played, observation)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_answers_a_model_that_calls_it() {
    let folder = tempfile::tempdir().unwrap();
    let toolbox = toolbox(folder.path());
    for (tool, arguments, says) in [
        ("calculator", r#"{"expression":"17.5% * 2480"}"#, "434"),
        ("search", r#"{"query":"capital of Portugal"}"#, "Lisbon"),
        ("run_python", r#"{"code":"print(sum(range(10)))"}"#, "45"),
        ("run_javascript", r#"{"code":"console.log([1,2,3].map(x => x*x).join())"}"#, "1,4,9"),
        ("datetime", r#"{"operation":"weekday","date":"1969-07-16"}"#, "Wednesday"),
        ("solve", r#"{"operation":"solve","expression":"x^2 = 2"}"#, "sqrt(2)"),
        ("list_files", "{}", ""),
        ("write_file", r#"{"path":"a.txt","content":"hello"}"#, "a.txt"),
    ] {
        let (played, observation) = run(&toolbox, tool, arguments).await;
        assert_eq!(observation.status, ObservationStatus::Ok, "{tool}: {observation:?}");
        assert!(observation.content.contains(says), "{tool}: {}", observation.content);
        assert_eq!(played.outcome.status, RunStatus::Done);
        assert_eq!(played.outcome.answer, "Done.");
        assert!(played.calls().len() == 1, "{tool}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reaches_out_or_changes_things_is_denied_where_nobody_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let toolbox = toolbox(folder.path());
    for (tool, arguments) in
        [("fetch", r#"{"url":"http://127.0.0.1:9/"}"#), ("remember", r#"{"fact":"the sky is green"}"#)]
    {
        let (_, observation) = run(&toolbox, tool, arguments).await;
        assert_eq!(observation.status, ObservationStatus::Denied, "{tool}: {observation:?}");
        assert!(observation.content.contains("did not allow"));
    }
    let (_, recalled) = run(&toolbox, "recall", r#"{"query":"sky"}"#).await;
    assert!(!recalled.content.contains("green"), "{recalled:?}");
}

#[test]
fn added_tools_are_there_and_broken_ones_are_told_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let tools = folder.path().join("tools");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tools/word_count");
    for name in ["word_count", "broken"] {
        std::fs::create_dir_all(tools.join(name)).unwrap();
        for file in ["tool.toml", "word_count.wasm"] {
            std::fs::copy(example.join(file), tools.join(name).join(file)).unwrap();
        }
    }
    std::fs::write(tools.join("broken/tool.toml"), "name = ").unwrap();
    let toolbox = toolbox(folder.path());
    assert!(toolbox.names().contains(&"word_count".to_owned()));
    assert_eq!(toolbox.problems().len(), 1);
    assert!(toolbox.problems()[0].contains("broken"), "{:?}", toolbox.problems());
    assert_eq!(toolbox.named(&["word_count", "calculator"]).unwrap().specs()[0].name, "word_count");
    let error = toolbox.named(&["abacus"]).err().unwrap().to_string();
    assert!(error.starts_with("there is no tool named `abacus`; there are: calculator, search"), "{error}");
}

#[test]
fn a_configuration_that_is_not_understood_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "[fetch]\nhost = [\"a\"]\n").unwrap();
    let settings = Settings {
        data_dir: folder.path().to_owned(),
        cache_dir: folder.path().join("cache"),
        workspace: Workspace::OfTheRun,
        progress: Arc::new(Silent),
    };
    let error = Toolbox::open(settings).err().unwrap().to_string();
    assert!(error.contains("config.toml") && error.contains("line 2") && error.contains("host"), "{error}");
}

#[test]
fn the_commented_configuration_is_understood_and_holds_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let example =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/config.toml")).unwrap();
    // What is commented out is understood too.
    let lines = example.lines().map(|line| match line.strip_prefix("# ") {
        Some(setting) if setting.starts_with('[') || setting.contains(" = ") => setting,
        _ => line,
    });
    let whole: String = lines.flat_map(|line| [line, "\n"]).collect();
    assert!(whole.contains("\n[search.web]\nprovider"), "{whole}");
    for text in [&example, &whole] {
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        toolwright_toolbox::Config::read(folder.path()).unwrap();
    }
    std::fs::write(folder.path().join("config.toml"), &example).unwrap();
    let read = toolwright_toolbox::Config::read(folder.path()).unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", toolwright_toolbox::Config::default()));
}
