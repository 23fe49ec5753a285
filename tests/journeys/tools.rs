//! The tools by hand, the index, tools by others and permissions, through the real binary.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use toolwright_tests::{Ended, User, ended};

/// The example in `examples/tools`.
fn word_count() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tools/word_count")
}

fn attempt(user: &User, tool: &str, arguments: &str) -> Ended {
    user.run(&["tools", "try", tool, arguments])
}

#[test]
fn every_tool_can_be_tried_by_hand() {
    let user = User::new();
    for (tool, arguments, says) in [
        ("calculator", r#"{"expression": "17.5% * 2480"}"#, "434"),
        ("search", r#"{"query": "capital of Portugal"}"#, "Lisbon"),
        ("run_python", r#"{"code": "print(sum(range(10)))"}"#, "45"),
        ("run_javascript", r#"{"code": "console.log([1,2,3].map(x => x * x).join())"}"#, "1,4,9"),
        ("datetime", r#"{"operation": "weekday", "date": "1969-07-16"}"#, "Wednesday"),
        ("solve", r#"{"operation": "solve", "expression": "x^2 = 2"}"#, "sqrt(2)"),
        ("write_file", r#"{"path": "notes/a.txt", "content": "call Ada\nbuy milk\n"}"#, "notes/a.txt"),
        ("patch_file", r#"{"path": "notes/a.txt", "old": "buy milk", "new": "buy oat milk"}"#, "oat milk"),
        ("read_file", r#"{"path": "notes/a.txt"}"#, "call Ada\nbuy oat milk"),
        ("list_files", r#"{"path": "notes"}"#, "a.txt"),
        ("remember", r#"{"fact": "Ada's birthday is on 10 December"}"#, ""),
        ("recall", r#"{"query": "birthday of Ada"}"#, "10 December"),
    ] {
        let tried = attempt(&user, tool, arguments);
        assert_eq!(tried.code, Some(0), "{tool}: {tried:?}");
        assert!(tried.out.contains(says), "{tool}: {tried:?}");
        assert!(tried.out.ends_with('\n') && tried.err.trim_end().ends_with(')'), "{tool}: {tried:?}");
    }
    // Files stay between tries, and Python sees those that were written.
    let read = attempt(&user, "run_python", r#"{"code": "print(open('notes/a.txt').read())"}"#);
    assert!(read.out.contains("buy oat milk"), "{read:?}");
}

#[test]
fn a_failed_try_says_why_and_its_exit_code_too() {
    let user = User::new();
    let divided = attempt(&user, "calculator", r#"{"expression": "1/0"}"#);
    assert_eq!(divided.code, Some(1), "{divided:?}");
    assert!(divided.out.starts_with("error: "), "{divided:?}");
    let tests = r#"{"code": "def double(x):\n    return x + x + 1", "tests": "assert double(2) == 4"}"#;
    let failed = user.json(&["tools", "try", "run_python", tests, "--json"]);
    assert_eq!(failed["status"], "error", "{failed}");
    assert_eq!(failed["data"]["tests"]["passed"], 0, "{failed}");
    assert!(failed["content"].as_str().unwrap().contains("double(2) == 4"), "{failed}");

    for (arguments, says) in [
        (&["tools", "try", "abacus"][..], "there is no tool named `abacus`"),
        (&["tools", "try", "calculator"], "expression"),
        (&["tools", "try", "calculator", "{'a': 1}"], "quote"),
        (&["tools", "try", "calculator", "[1]"], "a JSON object"),
        (&["tools", "try", "calculator", r#"{"expression": 5}"#], "`/expression`"),
        (&["tools", "try", "calculator", "{}", "--workspace", "/nowhere/at/all"], "/nowhere/at/all"),
    ] {
        let wrong = user.run(arguments);
        assert_eq!(wrong.code, Some(2), "{arguments:?}: {wrong:?}");
        assert!(wrong.err.contains(says), "{arguments:?}: {wrong:?}");
        assert_eq!(wrong.out, "");
    }
}

#[test]
fn arguments_can_be_piped_in() {
    let user = User::new();
    let mut child = user.command(&["tools", "try", "calculator", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(br#"{"expression": "6*7"}"#).unwrap();
    assert_eq!(ended(child.wait_with_output().unwrap()).out, "42\n");
}

#[test]
fn documents_are_indexed_found_and_taken_out() {
    let user = User::new();
    let documents = user.data_dir().join("documents");
    fs::create_dir(&documents).unwrap();
    fs::write(documents.join("boats.md"), "# Boats\n\nThe ferry *Grauwal* was built in 1931 in Emden.\n").unwrap();
    fs::write(documents.join("trees.txt"), "The oldest yew of the parish stands behind the mill.\n").unwrap();
    fs::write(documents.join("picture.bin"), [0u8, 159, 146, 150, 0, 1]).unwrap();
    let folder = documents.to_str().unwrap();

    let added = user.run(&["index", "add", folder]);
    assert_eq!(added.code, Some(0), "{added:?}");
    let again = user.run(&["index", "add", folder]);
    assert!(again.out.contains("2 unchanged"), "{again:?}");
    let listed = user.json(&["index", "list", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");

    let found = user.run(&["index", "search", "when was the ferry Grauwal built"]);
    assert!(found.out.starts_with("[1]") && found.out.contains("1931"), "{found:?}");
    let tried = attempt(&user, "search", r#"{"query": "Grauwal ferry"}"#);
    assert!(tried.out.contains("1931") && tried.out.contains("boats.md"), "{tried:?}");

    let boats = documents.join("boats.md");
    assert!(user.run(&["index", "remove", boats.to_str().unwrap()]).out.contains('1'));
    let gone = user.run(&["index", "search", "Grauwal"]);
    assert!(!gone.out.contains("1931"), "{gone:?}");

    let missing = user.run(&["index", "add", "/nowhere/at/all"]);
    assert_ne!(missing.code, Some(0), "{missing:?}");
    assert!((missing.out + &missing.err).contains("/nowhere/at/all"));
}

#[test]
fn a_damaged_index_heals() {
    let user = User::new();
    let document = user.data_dir().join("note.txt");
    fs::write(&document, "The lighthouse keeper was called Ottilie Brandt.").unwrap();
    assert_eq!(user.run(&["index", "add", document.to_str().unwrap()]).code, Some(0));
    let mut damaged = 0;
    for entry in fs::read_dir(user.data_dir().join("index")).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let mut bytes = fs::read(entry.path()).unwrap();
        bytes.iter_mut().for_each(|byte| *byte ^= 0x55);
        fs::write(entry.path(), bytes).unwrap();
        damaged += 1;
    }
    assert!(damaged > 0);
    let found = user.run(&["index", "search", "lighthouse keeper"]);
    assert_eq!(found.code, Some(0), "{found:?}");
    // Rebuilt from the document, or told how to.
    assert!(found.out.contains("Ottilie") || (found.out + &found.err).contains("index add"));
}

#[test]
fn a_tool_by_others_is_checked_added_called_and_removed() {
    let user = User::new();
    let example = word_count();
    let example = example.to_str().unwrap();
    let checked = user.run(&["tools", "check", example]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert!(checked.out.contains("word_count"), "{checked:?}");
    assert_eq!(attempt(&user, "word_count", r#"{"text": "to be or not to be"}"#).code, Some(2), "not added yet");

    let added = user.run(&["tools", "add", example]);
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(user.run(&["tools"]).out.contains("word_count"));
    let counted = attempt(&user, "word_count", r#"{"text": "to be or not to be"}"#);
    assert_eq!((counted.code, counted.out.as_str()), (Some(0), "6 words\n"), "{counted:?}");
    let twice = user.run(&["tools", "add", example]);
    assert_ne!(twice.code, Some(0));
    assert!(twice.err.contains("--replace"), "{twice:?}");
    assert_eq!(user.run(&["tools", "add", example, "--replace"]).code, Some(0));

    // A file that is not the one of the manifest.
    let component = user.data_dir().join("tools/word_count/word_count.wasm");
    let mut bytes = fs::read(&component).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&component, bytes).unwrap();
    let changed = attempt(&user, "word_count", r#"{"text": "to be"}"#);
    assert_ne!(changed.code, Some(0), "{changed:?}");
    assert!((changed.out + &changed.err).contains("word_count.wasm"));
    let check = user.run(&["tools", "check"]);
    assert_eq!(check.code, Some(1), "{check:?}");

    assert_eq!(user.run(&["tools", "remove", "word_count"]).code, Some(0));
    assert!(!user.run(&["tools"]).out.contains("word_count"));
    assert_ne!(user.run(&["tools", "remove", "../documents"]).code, Some(0));
}

#[test]
fn permissions_are_kept_and_wrong_ones_refused() {
    let user = User::new();
    let listed = user.run(&["permissions"]);
    assert!(listed.out.contains("network") && listed.out.contains("ask"), "{listed:?}");
    assert_eq!(user.run(&["permissions", "set", "network", "deny"]).code, Some(0));
    assert_eq!(user.run(&["permissions", "set", "fetch", "allow"]).code, Some(0));
    let listed = user.run(&["permissions", "list"]).out;
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).map(str::to_owned).unwrap_or_default();
    assert!(line("network").ends_with("deny") && line("fetch").ends_with("allow"), "{listed}");
    assert_eq!(user.run(&["permissions", "set", "fetch", "perhaps"]).code, Some(2));
    assert_eq!(user.run(&["permissions", "reset"]).code, Some(0));
    assert!(!user.run(&["permissions"]).out.contains("fetch"));

    fs::write(user.data_dir().join("permissions.toml"), "effects = 5").unwrap();
    let ask = user.run(&["ask", "What is 2+2?"]);
    assert_eq!(ask.code, Some(1), "{ask:?}");
    assert!(ask.err.contains("permissions.toml"), "{ask:?}");
}

#[test]
fn what_is_remembered_can_be_seen_and_forgotten() {
    let user = User::new();
    assert!(user.run(&["memory", "list"]).out.contains("nothing"));
    for fact in ["The bins are collected on Tuesdays", "The spare key is with the baker"] {
        let arguments = format!("{{\"fact\": \"{fact}\"}}");
        assert_eq!(attempt(&user, "remember", &arguments).code, Some(0));
    }
    let facts = user.json(&["memory", "list", "--json"]);
    assert_eq!(facts.as_array().unwrap().len(), 2, "{facts}");
    let id = facts[0]["id"].to_string();
    assert_eq!(user.run(&["memory", "forget", &id]).code, Some(0));
    assert_eq!(user.run(&["memory", "forget", &id]).code, Some(2), "it is gone");
    assert_eq!(user.run(&["memory", "clear", "--yes"]).code, Some(0));
    assert!(user.run(&["memory", "list"]).out.contains("nothing"));
}

#[test]
fn the_built_in_model_keeps_to_the_tools_that_it_knows() {
    let user = User::new();
    let run = user.json(&["ask", "What is 3 plus 4?", "--json"]);
    let shown = user.run(&["show", run["run"].as_str().unwrap(), "--json"]).out;
    assert!(shown.contains("\"name\":\"calculator\"") && !shown.contains("run_python"), "{shown}");
}
