//! A model measured on questions with known answers, through the real binary.

use std::fs;

use serde_json::Value;
use toolwright_tests::User;

#[test]
fn a_suite_is_asked_with_tools_and_without() {
    let user = User::new();
    let file = user.data_dir().join("sums.jsonl");
    let line = |question: &str, answer: i64| format!("{{\"question\": \"{question}\", \"answer\": {answer}}}\n");
    fs::write(&file, [line("What is 12 * 34?", 408), line("What is 250 + 19?", 269)].concat()).unwrap();
    let file = file.to_str().unwrap();
    let json = user.data_dir().join("report.json");

    let with = user.run(&["eval", "mawps", file, "--json", json.to_str().unwrap()]);
    assert_eq!(with.code, Some(0), "{with:?}");
    assert!(with.out.contains("100.0 %  2 of 2"), "{with:?}");
    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!((&report["suite"], &report["tools"]), (&"mawps".into(), &true.into()), "{report:#}");
    let first = &report["report"]["cases"][0];
    assert!(first["right"] == true && first["calls"][0].as_str().unwrap().contains("12*34"), "{first:#}");

    let without = user.run(&["eval", "mawps", file, "--no-tools", "--limit", "1"]);
    assert_eq!(without.code, Some(0), "{without:?}");
    assert!(without.out.contains("0 of 1") && without.out.contains("without tools"), "{without:?}");
    assert!(without.out.contains("asked  What is 12 * 34?"), "{without:?}");
    // Measurements leave no runs behind.
    assert!(user.run(&["runs"]).out.contains("no runs"), "{:?}", user.run(&["runs"]));
}

#[test]
fn what_cannot_be_asked_is_said() {
    let user = User::new();
    let file = user.data_dir().join("broken.jsonl");
    fs::write(&file, "{\"question\": \"How many?\", \"answer\": 3}\n{\"question\": 7}\n").unwrap();
    let file = file.to_str().unwrap();
    for (arguments, says) in [
        (&["eval", "squad", file][..], "there is no suite `squad`"),
        (&["eval", "svamp", "nowhere.json"], "cannot read nowhere.json"),
        (&["eval", "svamp", file], "problem 2 has no question"),
        (&["eval", "humaneval", file], "line 1: missing field"),
    ] {
        let refused = user.run(arguments);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains(says), "{says}: {refused:?}");
    }
}
