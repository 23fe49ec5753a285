//! An example of a tool by others: counts the words of a text, or of a file in the run's workspace.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

wit_bindgen::generate!({ world: "tool", path: "../../../sandbox/wit" });

struct WordCount;

#[derive(Deserialize)]
struct Arguments {
    text: Option<String>,
    path: Option<String>,
    #[serde(default)]
    most_frequent: usize,
}

impl Guest for WordCount {
    fn describe() -> String {
        json!({
            "name": "word_count",
            "parameters": {
                "type": "object",
                "properties": {
                    "text": { "type": "string" },
                    "path": { "type": "string" },
                    "most_frequent": { "type": "integer", "minimum": 0, "maximum": 20 }
                },
                "additionalProperties": false
            }
        })
        .to_string()
    }

    fn call(arguments: String) -> Result<String, String> {
        let arguments: Arguments = serde_json::from_str(&arguments).map_err(|error| error.to_string())?;
        let text = match (arguments.text, arguments.path) {
            (Some(text), None) => text,
            // The workspace is what tool.toml mounts at /work; there is nothing else to read.
            (None, Some(path)) => std::fs::read_to_string(format!("/work/{path}")).map_err(|e| format!("{path}: {e}"))?,
            _ => return Err("give either `text` or `path`".into()),
        };
        toolwright::tool::host::log("info", &format!("{} bytes", text.len()));
        let words: Vec<String> = text
            .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '-')
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let mut answer = format!("{} words", words.len());
        if arguments.most_frequent > 0 {
            let mut counts = BTreeMap::new();
            for word in &words {
                *counts.entry(word.as_str()).or_insert(0_usize) += 1;
            }
            let mut counts: Vec<_> = counts.into_iter().collect();
            counts.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
            for (word, count) in counts.into_iter().take(arguments.most_frequent) {
                answer.push_str(&format!("\n{count} {word}"));
            }
        }
        Ok(answer)
    }
}

export!(WordCount);
