use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use serde_json::json;
use toolwright_protocol::{CallId, Effect, ToolSpec};
use toolwright_tool::Tool;

use super::*;
use crate::{Approval, DenyAll, Question};

/// A tool that does what its argument says.
struct Puppet(ToolSpec);

#[async_trait]
impl Tool for Puppet {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn prepare(&self) -> Result<(), ToolError> {
        // Longer than the deadline of these tests, which does not count it.
        tokio::time::sleep(Duration::from_millis(80)).await;
        Ok(())
    }

    async fn call(&self, arguments: &Value, context: &CallContext) -> Result<ToolOutput, ToolError> {
        match arguments["do"].as_str() {
            Some("say") => Ok(arguments["text"].as_str().unwrap_or_default().into()),
            Some("fail") => Err(ToolError::Respond("no such thing".into())),
            Some("break") => Err(ToolError::Fatal("index corrupt".into())),
            Some("sleep") => {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                Ok("slept".into())
            }
            Some("wait for cancel") => {
                context.cancel.cancelled().await;
                Ok("cancelled".into())
            }
            _ => panic!("told to"),
        }
    }
}

fn dispatcher(effects: &[Effect], folder: &Path, approver: Arc<dyn Approver>) -> Dispatcher {
    let parameters = json!({
        "type": "object",
        "properties": { "do": { "type": "string" }, "text": { "type": "string" } },
        "required": ["do"],
        "additionalProperties": false
    });
    let spec = ToolSpec { name: "puppet".into(), description: String::new(), parameters, effects: effects.to_vec() };
    let mut registry = ToolRegistry::new();
    registry.register(Arc::new(Puppet(spec))).unwrap();
    let budget = Budget { call_deadline: Duration::from_millis(60), output_bytes: 64, ..Budget::default() };
    Dispatcher::new(registry, PermissionPolicy::default(), approver, budget, Folders::inside(folder), 0).unwrap()
}

fn call(arguments: Value) -> ToolCall {
    ToolCall { id: CallId(7), name: "puppet".into(), arguments }
}

async fn outcome(dispatcher: &Dispatcher, arguments: Value) -> Result<(ObservationStatus, String), DispatchError> {
    let observation = dispatcher.dispatch(&call(arguments), false, &CancellationToken::new()).await?;
    Ok((observation.status, observation.content))
}

#[tokio::test]
async fn every_ending_of_a_call_has_its_observation() {
    let folder = tempfile::tempdir().unwrap();
    let dispatcher = dispatcher(&[], folder.path(), Arc::new(DenyAll));
    let said = outcome(&dispatcher, json!({ "do": "say", "text": "hi" })).await.unwrap();
    assert_eq!(said, (ObservationStatus::Ok, "hi".into()));
    let failed = outcome(&dispatcher, json!({ "do": "fail" })).await.unwrap();
    assert_eq!(failed, (ObservationStatus::Error, "error: no such thing".into()));
    for slow in ["sleep", "wait for cancel"] {
        let (status, text) = outcome(&dispatcher, json!({ "do": slow })).await.unwrap();
        assert_eq!(status, ObservationStatus::TimedOut, "{text}");
    }
    for broken in ["break", "panic"] {
        let error = outcome(&dispatcher, json!({ "do": broken })).await.unwrap_err();
        assert!(matches!(error, DispatchError::Fatal { .. }), "{error}");
    }
    // After all that the next call works.
    assert_eq!(outcome(&dispatcher, json!({ "do": "say", "text": "hi" })).await.unwrap().1, "hi");
}

#[tokio::test]
async fn arguments_are_checked_against_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let dispatcher = dispatcher(&[], folder.path(), Arc::new(DenyAll));
    let (status, text) = outcome(&dispatcher, json!({ "do": 5 })).await.unwrap();
    assert_eq!(
        (status, text.as_str()),
        (ObservationStatus::Error, "error: `/do` of `puppet`: 5 is not of type \"string\"")
    );
    let missing = dispatcher.check("puppet", &json!({})).unwrap_err();
    assert_eq!(missing, "the arguments of `puppet`: \"do\" is a required property");
    assert_eq!(dispatcher.check("x", &json!({})).unwrap_err(), "there is no tool `x`; there are: puppet");
}

#[tokio::test]
async fn a_long_output_is_cut_at_a_character_and_kept_whole_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let dispatcher = dispatcher(&[], folder.path(), Arc::new(DenyAll));
    let long = format!("{}é and more", "x".repeat(63));
    let call = call(json!({ "do": "say", "text": long }));
    let observation = dispatcher.dispatch(&call, false, &CancellationToken::new()).await.unwrap();
    assert_eq!(
        observation.content,
        format!("{}\n[cut: 63 of {} bytes shown; the whole is in outputs/call-7.txt]", "x".repeat(63), long.len())
    );
    assert_eq!(fs::read_to_string(observation.spilled_to.unwrap()).unwrap(), long);
}

#[tokio::test]
async fn what_would_ask_is_denied_where_nobody_answers_and_asked_where_somebody_does() {
    struct Records(Mutex<Vec<String>>);
    impl Approver for Records {
        fn approve(&self, question: Question<'_>) -> Approval {
            self.0.lock().unwrap().push(question.call.name.clone());
            Approval::ALLOWED
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let say = json!({ "do": "say", "text": "hi" });
    let unwatched = dispatcher(&[Effect::Writes], folder.path(), Arc::new(DenyAll));
    assert_eq!(outcome(&unwatched, say.clone()).await.unwrap().0, ObservationStatus::Denied);
    let person = Arc::new(Records(Mutex::default()));
    let watched = dispatcher(&[Effect::Writes], folder.path(), person.clone());
    assert_eq!(outcome(&watched, say).await.unwrap().0, ObservationStatus::Ok);
    assert_eq!(*person.0.lock().unwrap(), ["puppet"]);
}

#[test]
fn a_schema_that_is_none_names_its_tool() {
    let spec = ToolSpec {
        name: "bad".into(),
        description: String::new(),
        parameters: json!({ "type": "object", "properties": { "x": { "type": "nonsense" } } }),
        effects: Vec::new(),
    };
    let mut registry = ToolRegistry::new();
    registry.register(Arc::new(Puppet(spec))).unwrap();
    let made = Dispatcher::new(
        registry,
        PermissionPolicy::default(),
        Arc::new(DenyAll),
        Budget::default(),
        Folders::inside(Path::new("")),
        0,
    );
    assert!(made.err().unwrap().to_string().contains("tool `bad`"));
}
