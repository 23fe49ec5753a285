//! Errors as the model sees them: short, with the line, and with nothing of the runner.

use toolwright_code::{CodeConfig, CodeTool};

use crate::{javascript, python, run};

/// Programs that fail, with what the model reads.
async fn seen(tool: &CodeTool, errors: &[(&str, &str)]) -> String {
    let mut seen = String::new();
    for (name, code) in errors {
        let output = run(tool, code).await;
        assert!(output.is_error, "{name}: {}", output.text);
        assert!(output.text.lines().count() <= 16, "{name}: {}", output.text);
        for runner in ["toolwright", "program.py", "checks.py", "<eval>"] {
            assert!(!output.text.contains(runner), "{name}: {}", output.text);
        }
        seen += &format!("== {name}\n{}\n\n", output.text);
    }
    seen
}

#[tokio::test]
async fn tracebacks_of_python_are_short_and_name_the_line() {
    let errors = [
        ("name", "total = 0\nprint(totl)"),
        ("syntax", "def f(:\n    pass"),
        ("indentation", "def f():\nreturn 1"),
        (
            "nested",
            "def inner(n):\n    return 10 / n\n\ndef outer(n):\n    return inner(n - 1)\n\nprint('first')\nouter(1)",
        ),
        ("key", "prices = {'apple': 3}\nprices['pear']"),
        ("import", "import numpy as np\nprint(np.zeros(3))"),
        ("recursion", "def f(n):\n    return f(n + 1)\n\nf(0)"),
        ("assertion", "x = [1, 2]\nassert sum(x) == 4, f'sum is {sum(x)}'"),
        ("chained", "try:\n    int('x')\nexcept ValueError as error:\n    raise RuntimeError('no number') from error"),
    ];
    insta::assert_snapshot!("python", seen(&python(CodeConfig::default()), &errors).await);
}

#[tokio::test]
async fn tracebacks_of_javascript_are_short_and_name_the_line() {
    let errors = [
        ("reference", "const total = 0;\nconsole.log(totl);"),
        ("syntax", "const f = (n) => {\n  return n +;\n};"),
        ("unclosed", "function f() {\n  return [1, 2;\n"),
        ("nested", "function inner(o) {\n  return o.a.b;\n}\nfunction outer() {\n  return inner({});\n}\nouter();"),
        ("recursion", "const f = (n) => f(n + 1) + 1;\nf(0);"),
        ("thrown", "throw { code: 5 };"),
        ("own class", "class TooLow extends Error {}\nthrow new TooLow('at 3', { cause: new Error('root') });"),
        ("later", "setTimeout(() => {\n  null.x;\n}, 1);"),
        ("rejected", "async function main() {\n  await null;\n  throw new RangeError('late');\n}\nmain();"),
        ("module", "import { readFileSync } from 'fs';\nreadFileSync('nope.txt');"),
        ("package", "import _ from 'lodash';\nconsole.log(_);"),
        ("json", "const text = '{bad}';\nJSON.parse(text);"),
        ("assertion", "const assert = require('assert');\nassert.deepStrictEqual([1, 2], [1, 3], 'lists');"),
    ];
    insta::assert_snapshot!("javascript", seen(&javascript(CodeConfig::default()), &errors).await);
}

#[tokio::test]
async fn warnings_and_logs_are_shown_beside_the_output() {
    let output = run(&python(CodeConfig::default()), "import sys\nprint('out')\nprint('err', file=sys.stderr)").await;
    assert_eq!((output.text.as_str(), output.is_error), ("out\n[stderr]\nerr", false));
    let code = "import sys\nprint('err', file=sys.stderr)\n1 / 0";
    let output = run(&python(CodeConfig::default()), code).await;
    assert!(output.text.starts_with("[stderr]\nerr\nTraceback"), "{}", output.text);
    assert_eq!(output.text.matches("ZeroDivisionError").count(), 1, "{}", output.text);
}
