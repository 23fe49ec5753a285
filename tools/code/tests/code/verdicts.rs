//! The `tests` argument: what the model reads, and what a repair loop gets as data.

use serde_json::{Value, json};
use toolwright_code::{CodeConfig, CodeTool};
use toolwright_tool::ToolOutput;

use crate::{call, data, javascript, python};

async fn check(tool: &CodeTool, code: &str, tests: &str) -> (ToolOutput, Value) {
    let folder = tempfile::tempdir().unwrap();
    let output = call(tool, 1, folder.path(), json!({ "code": code, "tests": tests })).await;
    let verdict = data(&output)["tests"].clone();
    (output, verdict)
}

const DOUBLE: &str = "def double(n):\n    return n * 2 if n != 3 else 7\n";

#[tokio::test]
async fn asserts_are_counted_and_each_failure_says_what_it_found() {
    let tool = python(CodeConfig::default());
    let (output, verdict) = check(&tool, DOUBLE, "assert double(1) == 2\nassert double(2) == 4").await;
    assert_eq!((output.text.as_str(), output.is_error), ("tests: 2 of 2 passed", false));
    assert_eq!(verdict, json!({ "total": 2, "passed": 2, "failures": [], "error": null }));

    let tests =
        "assert double(1) == 2\nassert double(2) == 4\nassert double(3) == 6, 'three'\nassert double('a') == 'aa'";
    let (output, verdict) = check(&tool, DOUBLE, tests).await;
    assert!(output.is_error);
    let lines: Vec<_> = output.text.lines().collect();
    assert_eq!(lines[0], "tests: 3 of 4 passed");
    assert!(lines[1].starts_with("failed: line 3") && lines[1].contains("got 7, expected 6"), "{}", lines[1]);
    assert_eq!(lines.len(), 2);
    assert_eq!(verdict["failures"][0]["line"], 3);
}

#[tokio::test]
async fn functions_and_unittest_count_by_test() {
    let tool = python(CodeConfig::default());
    let tests =
        "def test_one():\n    assert double(1) == 2\n\ndef test_three():\n    n = 3\n    assert double(n) == 6\n";
    let (output, verdict) = check(&tool, DOUBLE, tests).await;
    assert_eq!((&verdict["total"], &verdict["passed"]), (&json!(2), &json!(1)));
    assert!(output.text.starts_with("tests: 1 of 2 passed\nfailed: line 6 in test_three: "), "{}", output.text);

    let tests = "import unittest\nclass T(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(double(1), 2)\n\
                 \x20   def test_three(self):\n        self.assertEqual(double(3), 6)\nunittest.main()\n";
    let (output, verdict) = check(&tool, DOUBLE, tests).await;
    assert_eq!((&verdict["total"], &verdict["passed"]), (&json!(2), &json!(1)));
    assert!(
        output.text.contains("failed: line 6 in T.test_three: ") && output.text.contains("7 != 6"),
        "{}",
        output.text
    );
}

#[tokio::test]
async fn what_goes_wrong_besides_the_tests_is_said() {
    let tool = python(CodeConfig { wall_seconds: 60, cpu_seconds: 1, ..CodeConfig::default() });
    // The program itself fails.
    let (output, verdict) = check(&tool, "1 / 0", "assert True").await;
    assert!(output.is_error && output.text.contains("ZeroDivisionError") && output.text.contains("tests: not run"));
    assert_eq!(verdict["total"], 0);
    // The tests do not compile, or fail outside of any test.
    let (output, verdict) = check(&tool, DOUBLE, "assert double(1) ==").await;
    assert!(output.is_error && output.text.contains("line 1 of the tests"), "{}", output.text);
    assert!(verdict["error"].is_string());
    let (output, _) = check(&tool, DOUBLE, "x = undefined\nassert double(1) == 2").await;
    assert!(output.is_error && output.text.contains("NameError"), "{}", output.text);
    // There are none.
    let (output, _) = check(&tool, DOUBLE, "x = double(1)").await;
    assert!(output.is_error && output.text.contains("tests: none found"), "{}", output.text);
    // One of them never ends, or ends everything.
    let (output, verdict) =
        check(&tool, DOUBLE, "assert double(1) == 2\nassert any(False for _ in iter(int, 1))").await;
    assert!(output.is_error && output.text.contains("processor time"), "{}", output.text);
    let (output_, verdict_) = check(&tool, DOUBLE, "assert double(1) == 2\ndef test_b():\n    while True: pass").await;
    assert!(output_.text.contains("tests: 1 of 1 passed, and then: did not end: test_b"), "{}", output_.text);
    assert!(output_.is_error && verdict_["passed"] == 1 && verdict != verdict_);
    let (output, verdict) = check(&tool, "import os\nos._exit(0)", "assert True").await;
    assert!(output.is_error && verdict["passed"] == 0, "{}", output.text);
}

#[tokio::test]
async fn humaneval_style_checks_count_their_asserts_as_one_test() {
    let tests = "def check(candidate):\n    assert candidate(1) == 2\n    assert candidate(2) == 4\n\ncheck(double)";
    let (output, verdict) = check(&python(CodeConfig::default()), DOUBLE, tests).await;
    assert!(!output.is_error, "{}", output.text);
    assert_eq!((&verdict["total"], &verdict["passed"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn javascript_has_the_same_verdicts() {
    let tool = javascript(CodeConfig { wall_seconds: 60, cpu_seconds: 1, ..CodeConfig::default() });
    let code = "const double = (n) => (n === 3 ? 7 : n * 2);";
    let (output, verdict) = check(&tool, code, "assert(double(1) === 2);\nassert.strictEqual(double(2), 4);").await;
    assert_eq!((output.text.as_str(), output.is_error), ("tests: 2 of 2 passed", false));
    assert_eq!(verdict, json!({ "total": 2, "passed": 2, "failures": [], "error": null }));

    // A failure does not hide what follows, whether it is an assertion's or a called function's.
    let tests = "assert.strictEqual(double(1), 2);\nassert(double(3) === 6, 'three');\nassert.equal(double.nope(), 1);\n\
                 assert(\n  double(4) === 8,\n);";
    let (output, verdict) = check(&tool, code, tests).await;
    let lines: Vec<_> = output.text.lines().collect();
    assert_eq!(
        lines[..2],
        ["tests: 2 of 4 passed", "failed: line 2: three; assert(double(3) === 6, 'three'): got 7, expected 6"]
    );
    assert!(lines[2].starts_with("failed: line 3 in assert.equal(double.nope(), 1): TypeError: "), "{}", lines[2]);
    assert!(output.is_error && lines.len() == 3, "{}", output.text);
    assert_eq!(verdict["failures"][0]["line"], 2);

    let tests = "describe('double', () => {\n  it('doubles', () => { expect(double(2)).toBe(4) });\n  \
                 it('three', async () => {\n    await null;\n    expect(double(3)).toBe(6);\n  });\n});";
    let (output, _) = check(&tool, code, tests).await;
    assert_eq!(
        output.text,
        "tests: 1 of 2 passed\nfailed: line 5 in double > three: expect(double(3)).toBe(6): got 7, expected 6"
    );
}

#[tokio::test]
async fn what_goes_wrong_besides_javascripts_tests_is_said() {
    let tool = javascript(CodeConfig { wall_seconds: 60, cpu_seconds: 1, ..CodeConfig::default() });
    let code = "const double = (n) => n * 2;";
    let (output, _) = check(&tool, "throw new Error('no')", "assert(true)").await;
    assert!(
        output.is_error && output.text.contains("tests: not run: the program ended with Error: no"),
        "{}",
        output.text
    );
    let (output, _) = check(&tool, code, "assert(double(1) === 2;").await;
    assert!(output.is_error && output.text.contains("tests: line 1 of the tests: SyntaxError"), "{}", output.text);
    let (output, _) = check(&tool, code, "assert(double(1) === 2);\nnope();").await;
    let error = "tests: 1 of 1 passed, and then: line 2 of the tests: ReferenceError: nope is not defined";
    assert!(output.is_error && output.text.contains(error), "{}", output.text);
    let (output, _) = check(&tool, code, "const x = double(1);").await;
    assert!(output.is_error && output.text.contains("tests: none found"), "{}", output.text);
    let (output, verdict) = check(&tool, code, "assert(double(1) === 2);\ntest('endless', () => { for (;;); });").await;
    assert!(output.text.contains("tests: 1 of 1 passed, and then: did not end: endless"), "{}", output.text);
    assert!(output.is_error && verdict["passed"] == 1);
    let (output, verdict) = check(&tool, "process.exit(3)", "assert(true)").await;
    assert!(output.is_error && verdict["passed"] == 0 && verdict["total"] == 0, "{}", output.text);
    // A program that ends itself well is judged like any other.
    let (output, _) = check(&tool, "const f = () => 1;\nprocess.exit(0)", "assert(f() === 1)").await;
    assert_eq!((output.text.as_str(), output.is_error), ("tests: 1 of 1 passed", false));
    // What a program does to its own world does not change what its tests find.
    let lies = "Object.is = () => true; Array.prototype.push = () => 0; JSON.stringify = () => '{}';\n\
                Object.prototype.toString = () => 'lie'; Function.prototype.call = () => true; const f = () => 1;";
    let (output, verdict) =
        check(&tool, lies, "assert.strictEqual(f(), 2);\nassert.deepStrictEqual([f()], [1]);").await;
    assert_eq!((&verdict["total"], &verdict["passed"]), (&json!(2), &json!(1)), "{}", output.text);
}
