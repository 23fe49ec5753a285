//! What a guest says of a run beside its output.

use serde::{Deserialize, Serialize};

/// The guests' report.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Report {
    /// What ended the program, if it did not end well.
    pub error: Option<Failure>,
    /// The value of the last expression.
    pub value: Option<String>,
    /// What came of the tests.
    pub tests: Option<Verdict>,
}

/// An error of the program's.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Failure {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
    /// The last line of the program that had a part in it.
    pub line: Option<u32>,
    /// What stands there.
    pub text: Option<String>,
    #[serde(skip_serializing)]
    pub trace: Option<String>,
}

/// What came of the tests.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Verdict {
    pub total: u32,
    pub passed: u32,
    pub failures: Vec<FailedTest>,
    /// Why there are not more, if something went wrong besides the tests.
    pub error: Option<String>,
}

/// A test that failed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct FailedTest {
    pub name: String,
    pub line: Option<u32>,
    pub message: String,
}

impl Verdict {
    /// Whether there were tests and all of them passed.
    pub(crate) fn all_passed(&self) -> bool {
        self.total > 0 && self.passed == self.total && self.error.is_none()
    }
}

impl Report {
    /// Reads a report; one that cannot be read is none.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_str(&paired(&String::from_utf8_lossy(bytes))).ok()
    }
}

/// JSON in which every escaped surrogate has its other half: Python and JavaScript have strings with halves alone, and
/// those are no text here.
fn paired(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (surrogate(rest), rest.get(6..).and_then(surrogate)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(_), _) => {
                out.push('\u{fffd}');
                rest = &rest[6..];
                continue;
            }
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// The surrogate whose escape the text begins with.
fn surrogate(text: &str) -> Option<u16> {
    let unit = u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()?;
    matches!(unit, 0xd800..=0xdfff).then_some(unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_of_characters_do_not_hide_a_report() {
        let message = |json: &str| Report::read(json.as_bytes()).unwrap().error.unwrap().message;
        assert_eq!(message(r#"{"error":{"message":"a\ud800b"}}"#), "a\u{fffd}b");
        assert_eq!(message(r#"{"error":{"message":"\ud83d\ude00"}}"#), "😀");
        assert_eq!(message(r#"{"error":{"message":"\ude00\ud83d"}}"#), "\u{fffd}\u{fffd}");
        assert_eq!(message(r#"{"error":{"message":"\\ud800 \\\ud800"}}"#), "\\ud800 \\\u{fffd}");
        assert_eq!(Report::read(b"{\"error\":"), None);
    }

    proptest! {
        #[test]
        fn any_utf16_becomes_what_lossy_decoding_makes_of_it(units in prop::collection::vec(
            prop_oneof![any::<u16>(), 0xd7f0..0xe010_u16, Just(u16::from(b'\\'))], 0..20)) {
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let report = Report::read(format!("{{\"value\":\"{escaped}\"}}").as_bytes());
            prop_assert_eq!(report.unwrap().value.unwrap(), String::from_utf16_lossy(&units));
        }

        #[test]
        fn nothing_panics(bytes in prop::collection::vec(prop_oneof![Just(b'\\'), Just(b'u'), any::<u8>()], 0..60)) {
            Report::read(&bytes);
        }
    }
}
