//! A training text is what a run has in its context, token for token.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;

use serde_json::json;
use toolwright_engine::Tokenizer;
use toolwright_learn::{Call, Draw, Episode, ModelTurn, Names, Part, Sample, Turn, Writer, read_folder, sources};
use toolwright_protocol::{Budget, Event, ToolSpec};
use toolwright_runtime::Voice;
use toolwright_testkit::Stage;
use toolwright_tool::ToolRegistry;

fn seed() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/seed")
}

fn voice() -> Voice {
    let tokenizer = Tokenizer::from_tokenizer_json(&std::fs::read(seed().join("tokenizer.json")).unwrap()).unwrap();
    let template = std::fs::read_to_string(seed().join("chat_template.jinja")).unwrap();
    Voice::new(tokenizer, Some(&template)).unwrap().terse()
}

fn calculator() -> ToolSpec {
    ToolSpec {
        name: "calculator".into(),
        description: "Computes.".into(),
        parameters: json!({ "type": "object", "properties": { "expression": { "type": "string" } } }),
        effects: Vec::new(),
    }
}

fn text(voice: &Voice, sample: &Sample, learned: bool) -> String {
    let mut text = String::new();
    let mut before = false;
    for (token, flag) in sample.tokens.iter().zip(&sample.learned) {
        if *flag == learned {
            text.push_str(&String::from_utf8_lossy(voice.tokenizer.token_bytes(*token)));
        } else if before {
            text.push('|');
        }
        before = *flag == learned;
    }
    text
}

#[test]
fn what_the_model_says_is_learnt_and_nothing_else() {
    let voice = voice();
    let first = ModelTurn::calls(Some("12*7, then 100-#1".into()), Call::calculator("12*7"));
    let turns = vec![
        Turn::User("How much is 12 times 7, from 100?".into()),
        Turn::Model(first),
        Turn::Results(vec!["84".into()]),
        Turn::Model(ModelTurn::calls(None, Call::calculator("100-84"))),
        Turn::Results(vec!["16".into()]),
        Turn::Model(ModelTurn::says("16 is left.")),
    ];
    let episode = Episode::new("test", vec![calculator()], turns);
    let sample = Writer::new(&voice).write(&episode).unwrap();
    assert_eq!(
        text(&voice, &sample, true),
        "<think>12*7, then 100-#1</think><tool_call>{\"name\":\"calculator\",\"arguments\":{\"expression\":\"12*7\"}}\
         </tool_call><|im_end|>|<tool_call>{\"name\":\"calculator\",\"arguments\":{\"expression\":\"100-84\"}}\
         </tool_call><|im_end|>|16 is left.<|im_end|>"
    );
    let heard = text(&voice, &sample, false);
    let head = "<|im_start|>system\nTools:\ncalculator(expression?) Computes<|im_end|>\n<|im_start|>user\nHow";
    assert!(heard.starts_with(head), "{heard}");
    assert!(
        heard.contains("|\n<|im_start|>user\n<tool_response>84</tool_response><|im_end|>\n<|im_start|>assistant\n|")
    );
}

#[test]
fn turns_out_of_order_are_refused() {
    let (voice, says) = (voice(), || Turn::Model(ModelTurn::says("Yes.")));
    let call = || Turn::Model(ModelTurn::calls(None, Call::calculator("1+1")));
    let user = || Turn::User("Hm?".into());
    for turns in [
        vec![],
        vec![says()],
        vec![user()],
        vec![user(), call()],
        vec![user(), call(), says()],
        vec![user(), call(), user(), says()],
        vec![user(), call(), Turn::Results(vec!["2".into(), "3".into()]), says()],
        vec![user(), Turn::Results(vec!["2".into()]), says()],
    ] {
        let episode = Episode::new("test", vec![calculator()], turns);
        assert!(Writer::new(&voice).write(&episode).is_err(), "{episode:?}");
    }
}

/// A scripted model says in a real run what an episode has it say; the run's context is then the sample.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_holds_the_tokens_of_the_sample() {
    let calculator = std::sync::Arc::new(toolwright_calculator::Calculator::new());
    let mut tools = ToolRegistry::new();
    tools.register(calculator).unwrap();
    let specs = tools.specs();
    let call = "<tool_call>{\"name\":\"calculator\",\"arguments\":{\"expression\":\"12*7\"}}</tool_call>";
    let inline: &'static str = format!("That is {call}<tool_response>84</tool_response> in all.").leak();
    for (script, parts) in [
        (
            vec![vec![call], vec!["It is 84."]],
            vec![
                Turn::User("12 times 7?".into()),
                Turn::Model(ModelTurn::calls(None, Call::calculator("12*7"))),
                Turn::Results(vec!["84".into()]),
                Turn::Model(ModelTurn::says("It is 84.")),
            ],
        ),
        (
            vec![vec![inline]],
            vec![
                Turn::User("12 times 7?".into()),
                Turn::Model(ModelTurn::of(vec![
                    Part::Text("That is ".into()),
                    Part::Inline(Call::calculator("12*7"), "84".into()),
                    Part::Text(" in all.".into()),
                ])),
            ],
        ),
    ] {
        let stage = Stage { budget: Budget::default(), context_length: 1 << 14, ..Stage::default() };
        let voice = Voice::new(toolwright_testkit::tokenizer(true), None).unwrap().terse();
        let episode = Episode::new("test", specs.clone(), parts);
        let sample = Writer::new(&voice).write(&episode).unwrap();
        let played = stage.play(tools.clone(), "12 times 7?", script).await;
        let mut context = Vec::new();
        for event in &played.events {
            match event {
                Event::Prompted { tokens } | Event::Generated { tokens, .. } | Event::Spliced { tokens, .. } => {
                    context.extend(tokens);
                }
                _ => {}
            }
        }
        // The run stops before the last end of turn is taken in.
        assert_eq!(voice.tokenizer.decode(&context), voice.tokenizer.decode(&sample.tokens[..sample.tokens.len() - 1]));
        assert_eq!(context, sample.tokens[..sample.tokens.len() - 1]);
    }
}

#[test]
fn every_written_problem_becomes_an_episode() {
    let voice = voice();
    let writer = Writer::new(&voice);
    let entries = read_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/data/phrasings").as_ref()).unwrap();
    let tools = sources::Offered::new(vec![calculator()], Vec::new());
    let (mut made, mut failed) = (0, Vec::new());
    for (index, entry) in entries.iter().enumerate() {
        use sources::Source as _;
        let source = sources::Written::new("test", [entry.clone()]);
        if source.is_empty() {
            continue;
        }
        let mut draw = Draw::new(1, "test", index as u64);
        let episode = (0..40).find_map(|_| source.episode(&tools, Names::Trained, &mut draw));
        let Some(episode) = episode else {
            failed.push(entry.text().to_owned());
            continue;
        };
        let sample = writer.write(&episode).unwrap();
        assert!(sample.learned.iter().any(|learned| *learned));
        assert!(sample.tokens.len() < 1024, "{episode:?}");
        made += 1;
    }
    // Some have results that are too long more often than not.
    assert!(failed.len() * 100 < made, "{made} made; not made: {failed:#?}");
}
