//! What the model sent, as a program that can be run.

use serde_json::Value;

use crate::interpreter::Interpreter;

/// Longest program, tests or input, in bytes.
const LONGEST: usize = 1 << 20;

/// A program with its tests and its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    pub code: String,
    pub tests: Option<String>,
    pub stdin: String,
}

impl Program {
    /// From a call's arguments, or what is wrong with them, for the model.
    pub(crate) fn of(arguments: &Value, interpreter: &dyn Interpreter) -> Result<Self, String> {
        let text = |name: &str| match arguments.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.len() > LONGEST => {
                Err(format!("error: `{name}` is longer than {} KiB", LONGEST >> 10))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("error: `{name}` is no text")),
        };
        let source = |name: &str| match text(name)? {
            Some(text) if text.contains('\0') => {
                Err(format!("error: `{name}` holds a NUL character; write it as \\0 in a string"))
            }
            Some(text) => Ok(Some(unwrapped(&normalised(text), interpreter))),
            None => Ok(None),
        };
        let code = source("code")?.ok_or("error: `code` is missing")?;
        if code.trim().is_empty() {
            return Err(format!("error: `code` is empty; give a {} program", interpreter.language()));
        }
        let tests = source("tests")?.filter(|tests| !tests.trim().is_empty());
        let stdin = text("stdin")?.cloned().unwrap_or_default();
        Ok(Self { code, tests, stdin })
    }
}

/// One kind of line end, and no mark of byte order.
fn normalised(text: &str) -> String {
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n")
}

/// What stands in the fenced blocks of a text that is Markdown, without the prose around them; another text as it is.
///
/// A line that begins with a fence means nothing in either language, unless it stands in a string of several lines: so it
/// counts only where no such string is open.
fn unwrapped(text: &str, interpreter: &dyn Interpreter) -> String {
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    let mut before = String::new();
    let mut open: Option<&str> = None;
    for line in text.lines() {
        match open {
            None => {
                let fence = fence(line).filter(|(_, mark)| is_of(mark, interpreter));
                if let Some((fence, _)) = fence.filter(|_| !in_string(&before, interpreter)) {
                    open = Some(fence);
                    blocks.push(Vec::new());
                } else {
                    before.push_str(line);
                    before.push('\n');
                }
            }
            Some(opened) => match (fence(line), blocks.last_mut()) {
                (Some((fence, "")), Some(block))
                    if fence.starts_with(opened) && !in_string(&block.join("\n"), interpreter) =>
                {
                    open = None;
                }
                (_, Some(block)) => block.push(line),
                (_, None) => {}
            },
        }
    }
    match blocks.is_empty() {
        true => text.to_owned(),
        false => blocks.iter().flatten().flat_map(|line| [line, "\n"]).collect(),
    }
}

/// A line that is a fence: the fence, and what it says of the block's language.
fn fence(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let sign = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(sign).len();
    let (fence, mark) = line.split_at(length);
    (length >= 3 && !mark.contains(sign)).then(|| (fence, mark.trim()))
}

/// Whether a block with this mark may be a program of the language.
fn is_of(mark: &str, interpreter: &dyn Interpreter) -> bool {
    let mark = mark.split([' ', '{', ',']).next().unwrap_or_default().to_ascii_lowercase();
    mark.is_empty() || interpreter.marks().contains(&mark.as_str())
}

/// Whether a string of several lines is open at the end.
fn in_string(text: &str, interpreter: &dyn Interpreter) -> bool {
    interpreter.quotes().iter().any(|quote| text.matches(quote).count() % 2 == 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::interpreter::{JavaScript, Python};

    fn python(code: &str) -> Result<String, String> {
        Program::of(&json!({ "code": code }), &Python).map(|program| program.code)
    }

    #[test]
    fn markdown_around_a_program_is_taken_off() {
        for wrapped in [
            "```python\nprint(1)\n```",
            "```py\r\nprint(1)\r\n```\r\n",
            "\n\n``` Python\nprint(1)\n```\nThis prints 1.",
            "Here is the program:\n\n```\nprint(1)\n```",
            "~~~python\nprint(1)\n~~~",
            "```python\nprint(1)",
            "  ```python\nprint(1)\n  ```",
        ] {
            assert_eq!(python(wrapped).unwrap().trim_end(), "print(1)", "{wrapped:?}");
        }
        assert_eq!(
            python("First:\n```python\na = 1\n```\nthen\n```python\nprint(a)\n```").unwrap(),
            "a = 1\nprint(a)\n"
        );
        let javascript = Program::of(&json!({ "code": "```js\nconsole.log(1)\n```" }), &JavaScript).unwrap();
        assert_eq!(javascript.code, "console.log(1)\n");
    }

    #[test]
    fn fences_in_strings_stay() {
        let code = "text = \"\"\"\n```python\nprint(1)\n```\n\"\"\"\nprint(text)";
        assert_eq!(python(code).unwrap(), code);
        assert_eq!(python(&format!("```python\n{code}\n```")).unwrap().trim_end(), code);
        assert_eq!(python("s = '```'\nprint(s)").unwrap(), "s = '```'\nprint(s)");
    }

    #[test]
    fn what_cannot_be_run_is_said() {
        let error = |arguments: Value| Program::of(&arguments, &Python).unwrap_err();
        assert_eq!(error(json!({ "code": " \n" })), "error: `code` is empty; give a Python program");
        assert_eq!(error(json!({ "code": "```python\n```" })), "error: `code` is empty; give a Python program");
        assert!(error(json!({ "code": "print(1)\0" })).contains("NUL"));
        assert!(error(json!({ "code": "1", "tests": "\0" })).contains("`tests` holds a NUL"));
        assert!(error(json!({ "code": "x".repeat(LONGEST + 1) })).contains("1024 KiB"));
        assert_eq!(error(json!({ "code": 5 })), "error: `code` is no text");
        assert_eq!(error(json!([])), "error: `code` is missing");
    }

    proptest! {
        #[test]
        fn a_program_without_fences_stays_as_it_is(code in "[a-z(\"'`\n ]{1,60}") {
            prop_assume!(!code.contains("```") && !code.trim().is_empty());
            prop_assert_eq!(python(&code).unwrap(), code);
        }

        #[test]
        fn nothing_panics(code in "(```|~~~|\n|\"\"\"|py|\\PC){0,40}") {
            let _ = python(&code);
        }
    }
}
