//! An answer as a model reads it.

use encoding_rs::Encoding;
use serde::de::IgnoredAny;
use serde_json::json;
use toolwright_http::Response;
use toolwright_tool::ToolOutput;

use crate::naming::head;

/// Characters of an error's body that are shown.
const ERROR_PART: usize = 800;

/// What came back, without the secrets that `redact` knows.
pub(crate) fn output(response: &Response, redact: impl Fn(String) -> String) -> ToolOutput {
    let status = response.status;
    let data = json!({ "status": status.as_u16() });
    let body = redact(body(response));
    if !status.is_success() {
        let host = response.final_url.host_str().unwrap_or_default();
        let part = head(&body, ERROR_PART);
        let more = if part.len() < body.len() { "…" } else { "" };
        let text = format!("error: {host} answered {status}\n{part}{more}");
        return ToolOutput::text(text.trim_end()).as_error().with_data(data);
    }
    let text = if body.trim().is_empty() { format!("({status}, nothing else)") } else { body };
    let cut = format!("\n[cut: the answer is longer than {} bytes; ask for less]", response.body.len());
    ToolOutput::text(if response.truncated { text + &cut } else { text }).with_data(data)
}

/// JSON without blanks, other text as it is, and of what is no text its type.
fn body(response: &Response) -> String {
    let kind = response.media_type().unwrap_or_default();
    let bytes = &response.body;
    if bytes.is_empty() {
        return String::new();
    }
    let charset = response.charset().and_then(|charset| Encoding::for_label(charset.as_bytes()));
    let text = charset.unwrap_or(encoding_rs::UTF_8).decode(bytes).0;
    let is_json = kind.ends_with("json") || kind.is_empty() || kind.starts_with("text/");
    if is_json && serde_json::from_str::<IgnoredAny>(&text).is_ok() {
        return compact(&text);
    }
    let is_text =
        kind.starts_with("text/") || ["json", "xml", "yaml", "javascript"].iter().any(|end| kind.ends_with(end));
    // Most of a text is letters; of an image that calls itself one, or nothing, it is not.
    let strange = text.chars().filter(|c| *c == '\u{fffd}' || c.is_control() && !c.is_whitespace()).count();
    if !(is_text || kind.is_empty()) || strange * 10 > text.chars().count() {
        let kind = if kind.is_empty() { "of no known type".into() } else { format!("of type {}", head(&kind, 60)) };
        return format!("(a file {kind}, {} bytes; it is not shown)", bytes.len());
    }
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// JSON without the blanks between its tokens. Numbers stay as they are written.
fn compact(json: &str) -> String {
    let (mut out, mut in_string, mut escaped) = (String::with_capacity(json.len()), false, false);
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if matches!(c, ' ' | '\n' | '\r' | '\t') {
            continue;
        } else {
            in_string = c == '"';
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let written = "{ \"id\" : 12345678901234567890123,\n \"a b\": \"c \\\" d\\\\\" , \"n\":1.10 }";
        assert_eq!(compact(written), "{\"id\":12345678901234567890123,\"a b\":\"c \\\" d\\\\\",\"n\":1.10}");
    }

    proptest! {
        #[test]
        fn compact_json_means_the_same(texts in prop::collection::vec(any::<String>(), 0..5), number: i64) {
            let value = json!({ "texts": texts, "more": { "number": number, "no": null } });
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(compact(&pretty), value.to_string());
            prop_assert_eq!(serde_json::from_str::<Value>(&compact(&pretty)).unwrap(), value);
        }
    }
}
