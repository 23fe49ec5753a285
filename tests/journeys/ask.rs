//! Questions to the embedded seed model, through the real binary.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use toolwright_tests::{User, ended};

#[test]
fn the_first_question_of_the_readme_is_answered_through_a_real_call() {
    let user = User::new();
    let run = user.json(&["ask", "What is 17.5% of 2,480?", "--json"]);
    assert_eq!(run["status"]["state"], "done", "{run}");
    assert!(run["answer"].as_str().unwrap().contains("434"), "{run}");
    assert_eq!(run["calls"].as_array().unwrap().len(), 1, "{run}");
    assert_eq!(run["calls"][0]["name"], "calculator");
    assert!(run["calls"][0]["arguments"]["expression"].is_string());
    assert_eq!(run["calls"][0]["result"], "434");
    assert!(run["calls"][0]["time_ms"].as_f64().unwrap() > 0.0);
    assert!(run["usage"]["generated_tokens"].as_u64().unwrap() > 5);

    // What was printed is what the journal holds.
    let id = run["run"].as_str().unwrap();
    let listed = user.json(&["runs", "--json"]);
    assert_eq!(listed[0]["run"], id);
    assert_eq!(listed[0]["answer"], run["answer"]);
    let shown = user.run(&["show", &id[..20]]);
    assert_eq!(shown.code, Some(0));
    for part in ["What is 17.5% of 2,480?", "calculator", "434", "done"] {
        assert!(shown.out.contains(part), "{part} in {}", shown.out);
    }
}

#[test]
fn the_answer_is_alone_on_standard_output_and_the_trace_beside_it() {
    let user = User::new();
    let plain = user.run(&["ask", "What is 12 times 12?"]);
    assert_eq!(plain.code, Some(0), "{plain:?}");
    assert_eq!(plain.err, "");
    assert!(plain.out.contains("144"), "{plain:?}");
    assert!(plain.out.ends_with('\n') && !plain.out.contains("tool_call"));

    let traced = user.run(&["ask", "--trace", "What is 12 times 12?"]);
    assert_eq!(traced.out, plain.out, "greedy decoding gives the same answer twice");
    assert!(traced.err.contains("→ call  calculator") && traced.err.contains("← got   144"), "{traced:?}");
}

#[test]
fn small_talk_needs_no_tool() {
    let run = User::new().json(&["ask", "Hello!", "--json"]);
    assert_eq!(run["calls"].as_array().unwrap().len(), 0, "{run}");
    assert!(!run["answer"].as_str().unwrap().is_empty());
}

#[test]
fn a_question_can_be_piped_in() {
    let user = User::new();
    let mut child = user.command(&["ask", "-", "--json"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"What is 3 plus 4?\n").unwrap();
    let ended = ended(child.wait_with_output().unwrap());
    assert!(ended.out.contains("\"answer\""), "{ended:?}");
    assert_eq!(user.json(&["runs", "--json"])[0]["question"], "What is 3 plus 4?");
}

#[test]
fn sampling_repeats_with_its_seed() {
    let user = User::new();
    let ask = |seed: &str| {
        let run = user.json(&["ask", "What is 8 + 5?", "--json", "--temperature", "1.5", "--seed", seed]);
        (run["answer"].clone(), run["usage"]["generated_tokens"].clone())
    };
    assert_eq!(ask("7"), ask("7"));
}

#[test]
fn a_spent_budget_is_an_exit_code_and_a_reason() {
    let user = User::new();
    let short = user.run(&["ask", "What is 12 times 12?", "--max-tokens", "3"]);
    assert_eq!(short.code, Some(3), "{short:?}");
    assert!(short.err.contains("--max-tokens"), "{short:?}");
    let no_calls = user.run(&["ask", "What is 12 times 12?", "--max-calls", "0"]);
    assert_eq!(no_calls.code, Some(3), "{no_calls:?}");
    assert!(no_calls.err.contains("--max-calls"), "{no_calls:?}");
}

#[test]
fn wrong_usage_says_what_to_do_and_starts_nothing() {
    let user = User::new();
    for (arguments, says) in [
        (&["ask", "hi", "--tools", "abacus"][..], "there is no tool named `abacus`; there are: calculator"),
        (&["ask", "hi", "--temperature", "-1"], "must not be negative"),
        (&["ask", ""], "the question is empty"),
        (&["show", "nonsense!"], "no run"),
        (&["frobnicate"], "unrecognized subcommand"),
    ] {
        let ended = user.run(arguments);
        assert!(matches!(ended.code, Some(1 | 2)), "{arguments:?}: {ended:?}");
        assert!(ended.err.contains(says), "{arguments:?}: {ended:?}");
        assert_eq!(ended.out, "");
    }
    assert_eq!(user.json(&["runs", "--json"]).as_array().unwrap().len(), 0);
}

#[test]
fn a_model_file_that_is_none_is_refused_with_its_name() {
    let user = User::new();
    let bad = user.data_dir().join("bad.gguf");
    std::fs::write(&bad, b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").unwrap();
    for path in [bad.to_str().unwrap(), "/nowhere/model.gguf"] {
        for arguments in [&["ask", "hi", "--model", path][..], &["model", "info", path]] {
            let ended = user.run(arguments);
            assert_eq!(ended.code, Some(4), "{ended:?}");
            assert!(ended.err.contains(path), "{ended:?}");
        }
    }
}

#[test]
fn a_data_directory_that_cannot_be_is_an_error_with_its_path() {
    let user = User::new();
    let file = user.data_dir().join("file");
    std::fs::write(&file, b"not a folder").unwrap();
    let inside = file.join("data");
    let ended = user.run(&["ask", "hi", "--data-dir", inside.to_str().unwrap()]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains(inside.to_str().unwrap()), "{ended:?}");
}

#[test]
fn the_tools_and_the_model_can_be_looked_at() {
    let user = User::new();
    assert!(user.run(&["tools"]).out.contains("calculator"));
    assert_eq!(user.json(&["tools", "--json"])[0]["name"], "calculator");
    let info = user.json(&["model", "info", "--json"]);
    assert_eq!(info["architecture"], "llama", "{info}");
    assert!(info["context_length"].as_u64().unwrap() >= 512);
    let help = Command::new(toolwright_tests::binary()).arg("--help").output().unwrap();
    assert!(String::from_utf8_lossy(&help.stdout).contains("Exit codes"));
}
