//! Tools of others: which to call, with what, and when not to.

use serde_json::Value;
use toolwright_protocol::ToolSpec;

use crate::{
    Call, Draw, Episode, Gold, ModelTurn, Names, Part, Turn, paraphrase,
    phrasing::{Entry, ForeignTool, ToolRequest},
    sources::{Offered, Source},
};

const JOINTS: &str = " And | Also: | Then | And then | After that: | Plus: | Next: ";
const NOTHING: &str = "I have no tool for that.|None of my tools can do that.|That is nothing that my tools can do.";
const DONE: &str = "ok|done|success|{\"status\": \"ok\"}|{\"ok\": true}|true|accepted";

/// Tools that somebody might bring, of which each episode asks one.
pub struct Foreign {
    tools: Vec<ForeignTool>,
}

impl Foreign {
    /// The tools among these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let tools = entries.into_iter().filter_map(|entry| match entry {
            // Names of tools have no full stops here.
            Entry::Tool(tool) => Some(ForeignTool { name: tool.name.replace('.', "_"), ..tool }),
            _ => None,
        });
        Self { tools: tools.collect() }
    }

    /// Others beside one, none of the same name.
    fn beside(&self, tool: &ForeignTool, count: usize, draw: &mut Draw) -> Vec<ToolSpec> {
        let others: Vec<&ForeignTool> = self.tools.iter().filter(|other| other.name != tool.name).collect();
        draw.sample(&others, count).into_iter().map(|other| spec(other)).collect()
    }
}

fn spec(tool: &ForeignTool) -> ToolSpec {
    ToolSpec {
        name: tool.name.clone(),
        description: tool.description.clone(),
        parameters: tool.parameters.clone(),
        effects: Vec::new(),
    }
}

/// The call that a request is, its arguments in the order of the schema.
fn call(tool: &ForeignTool, request: &ToolRequest) -> Option<Call> {
    let given = request.arguments.as_object()?;
    let order = tool.parameters.get("properties")?.as_object()?;
    let arguments = order.keys().filter_map(|key| Some((key.clone(), given.get(key)?.clone()))).collect();
    Some(Call { tool: tool.name.clone(), arguments: Value::Object(arguments) })
}

impl Source for Foreign {
    fn name(&self) -> &'static str {
        "foreign"
    }

    fn episode(&self, offered: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        let tool = (!self.tools.is_empty()).then(|| draw.pick(&self.tools))?;
        let count = draw.weighted(&[0.2, 0.3, 0.25, 0.15, 0.1]);
        let mut tools = self.beside(tool, count, draw);
        if draw.chance(0.3) {
            let (builtin, some) = (offered.with(None, draw), draw.int(1, 3) as usize);
            tools.extend(builtin.into_iter().take(some).filter(|spec| spec.name != tool.name));
        }
        let near = !tool.near_misses.is_empty() && draw.chance(0.12);
        let absent = !near && draw.chance(0.1);
        if !absent {
            tools.push(spec(tool));
        }
        draw.shuffle(&mut tools);
        if near || absent {
            let text = if near { draw.pick::<String>(&tool.near_misses) } else { &draw.pick(&tool.requests).text };
            let text = paraphrase::mistyped(text, names, draw);
            // Another tool may fit what this one does not; a search always may.
            tools.retain(|spec| !matches!(spec.name.as_str(), "search" | "run_python" | "calculator" | "datetime"));
            let turns = vec![Turn::User(text), Turn::Model(ModelTurn::says(draw.of(NOTHING)))];
            return Some(Episode::new(self.name(), tools, turns).measured_by(Gold::NoCall));
        }
        let mut requests = vec![draw.pick(&tool.requests)];
        if draw.chance(0.15) {
            let other = draw.pick(&tool.requests);
            if other != requests[0] {
                requests.push(other);
            }
        }
        let calls = requests.iter().map(|request| call(tool, request)).collect::<Option<Vec<_>>>()?;
        let joint = draw.of(JOINTS);
        let text = requests.iter().map(|request| request.text.trim()).collect::<Vec<_>>().join(joint);
        let done = draw.chance(0.5);
        let results: Vec<String> =
            calls.iter().map(|_| if done { draw.of(DONE).to_owned() } else { outcome(draw) }).collect();
        let answer = if done { "Done.".to_owned() } else { format!("{} says: {}.", tool.name, results.join("; ")) };
        let gold = Gold::Calls(calls.clone());
        let turns = vec![
            Turn::User(paraphrase::mistyped(&text, names, draw)),
            Turn::Model(ModelTurn::of(calls.into_iter().map(Part::Call).collect())),
            Turn::Results(results),
            Turn::Model(ModelTurn::says(answer)),
        ];
        Some(Episode::new(self.name(), tools, turns).measured_by(gold))
    }
}

/// Something that a tool may have found.
fn outcome(draw: &mut Draw) -> String {
    let number = crate::number::integer(draw, 1, 9000);
    match draw.int(0, 3) {
        0 => number.to_string(),
        1 => format!("{number} {}", draw.of("EUR|km|degrees|points|items|minutes|USD|kg|percent|seats")),
        2 => draw.of("yes|no|not found|available|sold out|open|closed|delayed|on time|sunny|cloudy").to_owned(),
        _ => format!("{} {number}", draw.of("order|ticket|room|gate|invoice|item|platform|case|flight")),
    }
}
