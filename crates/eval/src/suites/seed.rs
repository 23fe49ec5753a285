//! The curriculum's held-out wordings, with names that no training text has. Searches find what the wording's author
//! put there; everything else runs for real.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::Value;
use toolwright_learn::{Episode, Gold, ModelTurn, Names, Part, RealTools, Turn, curriculum};
use toolwright_protocol::{CallId, Message, Observation, ObservationStatus, ToolCall, ToolSpec};
use toolwright_tool::Tool;

use super::{Setting, SuiteError};
use crate::{Case, Check, Offer, case::ExpectedCall, stand_in::StandIn};

/// Cases of each kind, if nothing is said.
const OF_EACH: usize = 100;

pub fn cases(setting: &Setting) -> Result<Vec<Case>, SuiteError> {
    let other = |error: String| SuiteError::Other(error);
    let tools = Arc::new(RealTools::open(&setting.cache).map_err(|error| other(format!("{error:#}")))?);
    let entries = curriculum::entries(&setting.path, None, true).map_err(|error| other(format!("{error:#}")))?;
    let mixture = curriculum::mixture(&entries, &[], &tools).map_err(|error| other(format!("{error:#}")))?;
    let wanted = setting.limit.unwrap_or(OF_EACH);
    let mut of_kind: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    // Rare kinds come seldom: enough draws for all of them.
    for index in 0..wanted as u64 * 200 {
        let Some(episode) = mixture.episode(setting.seed, index, Names::HeldOut) else { break };
        let Some(case) = case(index, &episode, &tools) else { continue };
        let cases = of_kind.entry(case.category.clone()).or_default();
        if cases.len() < wanted {
            cases.push(case);
        }
    }
    Ok(of_kind.into_values().flatten().collect())
}

fn case(index: u64, episode: &Episode, tools: &RealTools) -> Option<Case> {
    let check = match &episode.gold {
        Gold::Number(number) => Check::Number(number.parse().ok()?),
        Gold::Text(text) => Check::Contains(vec![text.clone()]),
        Gold::NoCall => Check::NoCall,
        Gold::Calls(calls) => Check::Calls(calls.iter().map(expected).collect::<Option<_>>()?),
        Gold::Program { tests, .. } => Check::Program(tests.clone()),
        Gold::Nothing => return None,
    };
    let Some(Turn::User(question)) = episode.turns.first() else { return None };
    let since = mistake(episode);
    let category = match (&episode.gold, episode.source) {
        (Gold::Program { .. }, _) if !since.is_empty() => "code, repaired",
        (Gold::NoCall, "foreign") => "no tool fits",
        (Gold::NoCall, _) => "no tool needed",
        (_, "foreign") => "tool choice",
        (_, "relations") => "search",
        (_, source) => source,
    };
    let offered = episode.tools.iter().map(|spec| tool(spec, episode, tools)).collect();
    Some(Case {
        id: format!("{}-{index}", episode.source),
        category: category.to_owned(),
        question: question.clone(),
        since,
        offer: Offer::These(offered),
        check,
    })
}

/// A mistake that the author put there for a model to mend: the call, and what it returned.
fn mistake(episode: &Episode) -> Vec<Message> {
    let [_, Turn::Model(ModelTurn { parts, learned: false }), Turn::Results(results), ..] = &episode.turns[..] else {
        return Vec::new();
    };
    let mut message = Message::assistant("");
    let mut heard = Vec::new();
    for (number, (part, result)) in (1..).zip(parts.iter().zip(results)) {
        let Part::Call(call) = part else { return Vec::new() };
        let id = CallId(number);
        message.tool_calls.push(ToolCall { id, name: call.tool.clone(), arguments: call.arguments.clone() });
        heard.push(Message::observation(&Observation {
            call: id,
            tool: call.tool.clone(),
            status: ObservationStatus::Error,
            content: result.clone(),
            data: None,
            spilled_to: None,
            elapsed: Duration::ZERO,
        }));
    }
    std::iter::once(message).chain(heard).collect()
}

fn expected(call: &toolwright_learn::Call) -> Option<ExpectedCall> {
    let arguments = call.arguments.as_object()?.iter().map(|(name, value)| (name.clone(), vec![value.clone()]));
    Some(ExpectedCall { tool: call.tool.clone(), arguments: arguments.collect() })
}

/// The calculator and programs run for real. The search finds what the episode's found, the calendar stands on the
/// episode's day where the call is the episode's; tools of others return what they did there.
fn tool(spec: &ToolSpec, episode: &Episode, tools: &RealTools) -> Arc<dyn Tool> {
    let told = told(&spec.name, episode);
    match (tools.get(&spec.name), told) {
        (Some(tool), _) if matches!(spec.name.as_str(), "calculator" | "run_python") => tool,
        (Some(tool), Some((arguments, result))) if spec.name == "datetime" => {
            Arc::new(StandIn::for_arguments(arguments, result, tool))
        }
        (Some(tool), None) if matches!(spec.name.as_str(), "search" | "datetime") => tool,
        (_, told) => Arc::new(StandIn::new(spec.clone(), told.map_or_else(|| "ok".into(), |(_, result)| result))),
    }
}

/// What the tool was asked in the episode, and what it returned.
fn told(name: &str, episode: &Episode) -> Option<(Value, String)> {
    episode.turns.windows(2).find_map(|pair| match pair {
        [Turn::Model(turn), Turn::Results(results)] => {
            let calls = turn.parts.iter().filter_map(|part| match part {
                Part::Call(call) => Some(call),
                _ => None,
            });
            let mut told = calls.zip(results);
            told.find(|(call, _)| call.tool == name).map(|(call, result)| (call.arguments.clone(), result.clone()))
        }
        _ => None,
    })
}
