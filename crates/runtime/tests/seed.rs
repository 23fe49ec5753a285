//! The embedded seed was trained on texts that a script wrote. They have to be what the runtime writes: the same turns
//! from the same template, results from the real calculator, and a splice that continues them token for token.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;

use serde_json::Value;
use toolwright_agent::Place;
use toolwright_engine::{RenderRequest, Segment};
use toolwright_protocol::{CallId, Message, Observation, ObservationStatus, Role, ToolCall, ToolSpec};
use toolwright_runtime::{LoadedModel, ModelSource};

struct Episode {
    messages: Vec<Message>,
    tools: Vec<ToolSpec>,
    text: String,
}

fn episodes(seed: &Path) -> Vec<Episode> {
    let lines = std::fs::read_to_string(seed.join("data/episodes_sample.jsonl")).unwrap();
    lines.lines().map(|line| episode(&serde_json::from_str(line).unwrap())).collect()
}

fn episode(json: &Value) -> Episode {
    let mut calls = 0;
    let mut last_tools = Vec::new();
    let mut messages = Vec::new();
    for message in json["messages"].as_array().unwrap() {
        let mut out = Message::user(message["content"].as_str().unwrap_or_default());
        out.role = serde_json::from_value(message["role"].clone()).unwrap();
        out.reasoning = message["reasoning"].as_str().map(ToOwned::to_owned);
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            calls += 1;
            let name = call["name"].as_str().unwrap().to_owned();
            last_tools.insert(0, name.clone());
            out.tool_calls.push(ToolCall { id: CallId(calls), name, arguments: call["arguments"].clone() });
        }
        if out.role == Role::Tool {
            out.tool_name = last_tools.pop();
        }
        messages.push(out);
    }
    let tools = json["tools"].as_array().into_iter().flatten().map(|tool| ToolSpec {
        name: tool["name"].as_str().unwrap().to_owned(),
        description: String::new(),
        parameters: tool["parameters"].clone(),
        effects: Vec::new(),
    });
    Episode { messages, tools: tools.collect(), text: json["text"].as_str().unwrap().to_owned() }
}

fn joined(segments: &[Segment]) -> String {
    segments.iter().map(|segment| segment.text.as_str()).collect()
}

#[test]
fn training_texts_are_what_the_runtime_writes() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/seed");
    let data_dir = tempfile::tempdir().unwrap();
    let model = LoadedModel::load(ModelSource::Path(&seed.join("seed.gguf")), data_dir.path()).unwrap();
    let (mut results, mut errors) = (0, 0);
    let episodes = episodes(&seed);
    assert!(episodes.len() >= 100);
    for Episode { messages, tools, text } in &episodes {
        let request = RenderRequest { messages, tools, add_generation_prompt: false, enable_thinking: None };
        assert_eq!(&joined(&model.voice.template().render(&request).unwrap()), text);
        for (at, message) in messages.iter().enumerate().filter(|(_, message)| message.role == Role::Tool) {
            let observation = Observation {
                call: CallId(1),
                tool: message.tool_name.clone().unwrap_or_default(),
                status: ObservationStatus::Ok,
                content: message.content.clone(),
                data: None,
                spilled_to: None,
                elapsed: Default::default(),
            };
            let splice = joined(&model.voice.around_results(&[observation], Place::TurnEnd).unwrap());
            assert!(text.contains(&splice), "{splice:?} in {text:?}");

            let call = &messages[at - 1].tool_calls[0];
            if call.name != "calculator" {
                continue;
            }
            let expression = call.arguments["expression"].as_str().unwrap();
            match toolwright_calculator::evaluate(expression) {
                Ok(value) => {
                    results += 1;
                    assert_eq!(value.to_string(), message.content, "{expression}");
                }
                Err(error) => {
                    errors += 1;
                    assert!(message.content.starts_with("error"), "{expression}: {error}, not {}", message.content);
                }
            }
        }
    }
    assert!(results > 50 && errors > 0, "{results} results, {errors} errors");
}
