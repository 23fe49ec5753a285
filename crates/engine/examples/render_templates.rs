//! Renders one conversation with tools through every chat template of a folder, and says what each can do.
//!
//! ```text
//! cargo run -p toolwright-engine --example render_templates -- TEMPLATES OUT
//! ```
//!
//! Writes `OUT/NAME.txt` for each `TEMPLATES/NAME.jinja`, for comparison with another implementation of Jinja.
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::{env, error::Error, fs, path::PathBuf};

use serde_json::json;
use toolwright_engine::{ChatTemplate, RenderRequest};
use toolwright_protocol::{CallId, Message, Role, ToolCall, ToolSpec};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1).map(PathBuf::from);
    let (Some(folder), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: render_templates TEMPLATES OUT".into());
    };
    let parameters = json!({
        "type": "object",
        "properties": { "expression": { "type": "string", "description": "What to compute" } },
        "required": ["expression"],
    });
    let tools = [ToolSpec {
        name: "calculator".to_owned(),
        description: "Exact <arithmetic> & more: é".to_owned(),
        parameters,
        effects: Vec::new(),
    }];
    let mut called = Message::assistant("");
    let arguments = json!({ "expression": "2480*17.5/100" });
    called.tool_calls = vec![ToolCall { id: CallId(1), name: "calculator".to_owned(), arguments }];
    let result = Message { role: Role::Tool, tool_name: Some("calculator".to_owned()), ..Message::user("434") };
    let messages = [Message::system("Be brief."), Message::user("What is 17.5% of 2,480?"), called, result];
    let now = jiff::civil::date(2025, 3, 1).at(9, 0, 0, 0);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jinja"));
    paths.sort();
    fs::create_dir_all(&out)?;
    for path in paths {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let template = match ChatTemplate::from_source(&fs::read_to_string(&path)?, Some("<s>"), Some("</s>")) {
            Ok(template) => template.at(now),
            Err(error) => {
                println!("{name}: {error}");
                continue;
            }
        };
        let request =
            RenderRequest { messages: &messages, tools: &tools, add_generation_prompt: true, enable_thinking: None };
        let rendered = match template.render(&request) {
            Ok(segments) => {
                fs::write(
                    out.join(format!("{name}.txt")),
                    segments.iter().map(|s| s.text.as_str()).collect::<String>(),
                )?;
                "renders".to_owned()
            }
            Err(error) => error.to_string(),
        };
        let splice = template
            .splice_results(&messages[3..], None)
            .map_or_else(|error| error.to_string(), |_| "splices".to_owned());
        let tools = if template.has_tools() { "knows tools" } else { "tools as text" };
        println!("{name}: {tools}; {rendered}; {splice}");
    }
    Ok(())
}
