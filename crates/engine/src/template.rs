//! Chat templates: from a conversation to text with provenance.
//!
//! A template is the Jinja program that a model file carries. It is run as Hugging Face's `apply_chat_template` runs it
//! (`trim_blocks`, `lstrip_blocks`, Python's string methods, `raise_exception`, `tojson` without HTML escapes). What it
//! is given are placeholders for everything that it did not write itself ([`placeholder`]), so its output falls into
//! segments of which only its own text is trusted.

mod error;
mod json;
mod placeholder;

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::DateTime;
use minijinja::{Environment, Error, ErrorKind, Value, context, syntax::SyntaxConfig, value::Serde};
use serde_json::json;
use toolwright_model::Metadata;
use toolwright_protocol::{CallId, Message, Provenance, Role, ToolCall, ToolSpec};

pub use self::error::TemplateError;
use self::placeholder::Placeholders;
use crate::Tokenizer;

const CHAT: &str = "chat template";
const HERMES: &str = include_str!("templates/hermes.jinja");
const TOOLS_AS_TEXT: &str = include_str!("templates/tools_as_text.jinja");

/// Steps that a template may take; real ones take some thousand for a long conversation.
const FUEL: u64 = 20_000_000;

/// End-of-turn markers in use, for files whose end-of-sequence token is not the one that their template ends turns with.
const TURN_ENDS: &[&str] =
    &["<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<end_of_turn>", "</s>", "<|endoftext|>"];

/// A stretch of a prompt with one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Whose words they are.
    pub provenance: Provenance,
    /// The words.
    pub text: String,
}

impl Segment {
    /// A segment.
    #[must_use]
    pub fn new(provenance: Provenance, text: impl Into<String>) -> Self {
        Self { provenance, text: text.into() }
    }
}

/// What a template renders.
#[derive(Debug, Clone, Copy, Default)]
pub struct RenderRequest<'a> {
    /// The conversation.
    pub messages: &'a [Message],
    /// What the model may call.
    pub tools: &'a [ToolSpec],
    /// Whether the text ends where the model is to speak.
    pub add_generation_prompt: bool,
    /// For models that can be told whether to think; `None` leaves it to the template.
    pub enable_thinking: Option<bool>,
}

/// The template text around tool results, where it is the same for every result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpliceGlue {
    /// Between a call and the first result. Begins with the marker that ends the model's turn, which the model itself
    /// would have sampled: take it out of the context, or strip [`SpliceGlue::turn_end`], if it stands there already.
    pub open: String,
    /// Between two results.
    pub between: String,
    /// From the last result to where the model speaks again.
    pub close: String,
    /// The marker that ends the model's turn.
    pub turn_end: String,
}

/// A compiled chat template. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ChatTemplate {
    environment: Arc<Environment<'static>>,
    bos: String,
    eos: String,
    turn_ends: Vec<String>,
    abilities: Abilities,
}

/// What a template makes of the parts of a conversation, found by trying.
#[derive(Debug, Clone, Copy)]
struct Abilities {
    /// Shows tools, calls and results. If not, they are put into ordinary turns as text.
    tools: bool,
    /// Has a place for a system text. If not, it goes in front of the first user turn.
    system: bool,
}

impl ChatTemplate {
    /// Compiles a template. `bos` and `eos` are the texts of the tokens that begin and end a sequence, which templates
    /// write themselves.
    ///
    /// # Errors
    /// [`TemplateError::Syntax`] with the line.
    pub fn from_source(source: &str, bos: Option<&str>, eos: Option<&str>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        let mut syntax = SyntaxConfig::builder();
        let syntax = syntax.trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| TemplateError::syntax(&error))?);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.set_fuel(Some(FUEL));
        environment.add_filter("tojson", json::tojson);
        environment.add_filter("tojson_compact", json::tojson_compact);
        // Python's: neither none nor an undefined name can be iterated over.
        environment.add_test("iterable", |value: &Value| {
            !value.is_none() && !value.is_undefined() && value.try_iter().is_ok() || value.as_str().is_some()
        });
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment
            .add_template_owned("tools as text", TOOLS_AS_TEXT)
            .map_err(|error| TemplateError::syntax(&error))?;
        let source = without_generation_marks(source);
        environment.add_template_owned(CHAT, source).map_err(|error| TemplateError::syntax(&error))?;
        let known = TURN_ENDS.iter().map(|&text| text.to_owned());
        let mut template = Self {
            environment: Arc::new(environment),
            bos: bos.unwrap_or_default().to_owned(),
            eos: eos.unwrap_or_default().to_owned(),
            turn_ends: eos.filter(|eos| !eos.is_empty()).map(ToOwned::to_owned).into_iter().chain(known).collect(),
            abilities: Abilities { tools: true, system: true },
        };
        template.abilities = template.try_out();
        Ok(template)
    }

    /// The template for a tokenizer: `source` if there is one, else [`ChatTemplate::fallback`].
    ///
    /// # Errors
    /// As for [`ChatTemplate::from_source`].
    pub fn for_tokenizer(source: Option<&str>, tokenizer: &Tokenizer) -> Result<Self, TemplateError> {
        let text = |id: Option<u32>| id.map(|id| String::from_utf8_lossy(tokenizer.token_bytes(id)).into_owned());
        let (bos, eos) = (text(tokenizer.bos()), text(tokenizer.eos()));
        let mut template = Self::from_source(source.unwrap_or(HERMES), bos.as_deref(), eos.as_deref())?;
        template.turn_ends.extend(tokenizer.end_of_generation().iter().filter_map(|&id| text(Some(id))));
        Ok(template)
    }

    /// The template of a GGUF file (`tokenizer.chat_template`), or the fallback if the file has none.
    ///
    /// # Errors
    /// If the key is not a string, or as for [`ChatTemplate::from_source`].
    pub fn from_gguf(metadata: &Metadata, tokenizer: &Tokenizer) -> Result<Self, TemplateError> {
        let source = metadata
            .opt_str("tokenizer.chat_template")
            .map_err(|error| TemplateError::Syntax { line: 1, problem: error.to_string() })?;
        Self::for_tokenizer(source, tokenizer)
    }

    /// Our own: ChatML with Hermes tool calls.
    ///
    /// # Errors
    /// None in practice; the template is compiled in and tested.
    pub fn fallback() -> Result<Self, TemplateError> {
        Self::from_source(HERMES, None, Some("<|im_end|>"))
    }

    /// Tells the template the time (`strftime_now`). Without it that function is not defined, and templates that ask
    /// first leave the date out or use a fixed one. A fixed time makes a run repeatable.
    #[must_use]
    pub fn at(mut self, now: DateTime) -> Self {
        Arc::make_mut(&mut self.environment).add_function("strftime_now", move |format: String| {
            jiff::fmt::strtime::format(format.as_str(), now)
                .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
        });
        self.abilities = self.try_out();
        self
    }

    /// Whether the template itself knows tools. If not, [`ChatTemplate::render`] puts the tool list into the system text
    /// and calls and results into ordinary turns, as the Hermes dialect writes them.
    #[must_use]
    pub fn has_tools(&self) -> bool {
        self.abilities.tools
    }

    /// Renders a conversation.
    ///
    /// # Errors
    /// If the template fails or refuses, or does something to a message other than placing or leaving it.
    pub fn render(&self, request: &RenderRequest<'_>) -> Result<Vec<Segment>, TemplateError> {
        self.render_as(request, self.abilities)
    }

    /// The text from the end of a turn with calls, over the results, to where the model speaks again: what is spliced.
    /// Begins with the marker that ends the model's turn. `results` are turns of [`Role::Tool`].
    ///
    /// # Errors
    /// As for [`ChatTemplate::render`], and if the place where a turn ends cannot be found.
    pub fn splice_results(
        &self,
        results: &[Message],
        enable_thinking: Option<bool>,
    ) -> Result<Vec<Segment>, TemplateError> {
        let calls = results.iter().zip(1..).map(|(result, id)| ToolCall {
            id: CallId(id),
            name: result.tool_name.clone().unwrap_or_else(|| "tool".to_owned()),
            arguments: json!({ "input": "value" }),
        });
        let mut turn = Message::assistant("");
        turn.tool_calls = calls.collect();
        let mut messages = vec![Message::user("question"), turn];
        messages.extend_from_slice(results);
        let request = RenderRequest { messages: &messages, tools: &[], add_generation_prompt: true, enable_thinking };
        let mut segments = self.render(&request)?;
        // Everything up to the last word of the call is context that is there already.
        let Some(last) = segments.iter().rposition(|segment| segment.provenance == Provenance::Model) else {
            return Err(TemplateError::LeavesOut { what: "the model's tool calls".to_owned() });
        };
        segments.drain(..=last);
        let Some(first) = segments.first_mut().filter(|segment| segment.provenance.is_trusted()) else {
            return Err(TemplateError::NoTurnEnd { text: String::new() });
        };
        let end = self.turn_end(&first.text).ok_or_else(|| TemplateError::NoTurnEnd { text: first.text.clone() })?;
        first.text.drain(..end.0);
        Ok(segments)
    }

    /// The template text around results, if it does not depend on them.
    ///
    /// # Errors
    /// [`TemplateError::NoFixedGlue`] if it does (a template that writes the tool's name, or the result as JSON), or as
    /// for [`ChatTemplate::splice_results`].
    pub fn splice_glue(&self, enable_thinking: Option<bool>) -> Result<SpliceGlue, TemplateError> {
        // A quotation mark shows whether the result is written as JSON.
        let texts = ["first \"result\"", "second \"result\""];
        let results = texts.map(|text| Message { tool_name: Some("tool".to_owned()), ..tool_message(text) });
        let mut glue = vec![String::new()];
        for segment in self.splice_results(&results, enable_thinking)? {
            match &segment.provenance {
                Provenance::Template => {
                    if let Some(part) = glue.last_mut() {
                        part.push_str(&segment.text);
                    }
                }
                Provenance::Tool(_) if texts.get(glue.len() - 1) == Some(&segment.text.as_str()) => {
                    glue.push(String::new())
                }
                _ => return Err(TemplateError::NoFixedGlue { what: format!("{:?}", segment.text) }),
            }
        }
        let [open, between, close] = <[String; 3]>::try_from(glue)
            .map_err(|_| TemplateError::LeavesOut { what: "a tool's result".to_owned() })?;
        let turn_end = self.turn_end(&open).map(|(_, text)| text.to_owned()).unwrap_or_default();
        Ok(SpliceGlue { open, between, close, turn_end })
    }

    /// Where the first end-of-turn marker stands.
    fn turn_end(&self, text: &str) -> Option<(usize, &str)> {
        self.turn_ends.iter().filter_map(|end| Some((text.find(end.as_str())?, end.as_str()))).min()
    }

    /// Which parts of a conversation come out again.
    fn try_out(&self) -> Abilities {
        let tool = ToolSpec {
            name: "probe_tool".to_owned(),
            description: "probe description".to_owned(),
            parameters: json!({ "type": "object", "properties": { "probe_key": { "type": "string" } } }),
            effects: Vec::new(),
        };
        let mut turn = Message::assistant("");
        let arguments = json!({ "probe_key": "probe value" });
        turn.tool_calls = vec![ToolCall { id: CallId(1), name: tool.name.clone(), arguments }];
        let mut result = tool_message("probe result");
        result.tool_name = Some("probe_other".to_owned());
        let all = Abilities { tools: true, system: true };
        let shows = |messages: &[Message], tools: &[ToolSpec], wanted: &[&str]| {
            let request = RenderRequest { messages, tools, add_generation_prompt: true, enable_thinking: None };
            let segments = self.render_as(&request, all).unwrap_or_default();
            wanted.iter().all(|&text| segments.iter().any(|s| !s.provenance.is_trusted() && s.text == text))
        };
        let system = [Message::system("probe system"), Message::user("probe user")];
        let called = [Message::user("probe user"), turn, result];
        Abilities {
            system: shows(&system, &[], &["probe system"]),
            // The list and the calls one by one: a template may show the one and not the other.
            tools: shows(&[Message::user("probe user")], &[tool], &["probe_tool"])
                && shows(&called, &[], &["probe_tool", "probe value", "probe result"]),
        }
    }

    fn render_as(&self, request: &RenderRequest<'_>, abilities: Abilities) -> Result<Vec<Segment>, TemplateError> {
        let mut hidden = Placeholders::new();
        let tools: Vec<serde_json::Value> = request.tools.iter().map(|tool| tool_json(&mut hidden, tool)).collect();
        let mut messages = messages_json(&mut hidden, request.messages);
        if !abilities.tools {
            self.tools_as_text(&mut messages, &tools)?;
        }
        if !abilities.system {
            system_into_user(&mut messages);
        }
        let tools = if tools.is_empty() || !abilities.tools { Value::from(()) } else { Value::from(Serde(&tools)) };
        let mut values = vec![
            ("messages", Value::from(Serde(&messages))),
            ("tools", tools),
            ("documents", Value::from(())),
            ("bos_token", Value::from(self.bos.as_str())),
            ("eos_token", Value::from(self.eos.as_str())),
            ("add_generation_prompt", Value::from(request.add_generation_prompt)),
        ];
        values.extend(request.enable_thinking.map(|think| ("enable_thinking", Value::from(think))));
        let rendered = self
            .environment
            .get_template(CHAT)
            .and_then(|template| template.render(Value::from(BTreeMap::from_iter(values))))
            .map_err(|error| TemplateError::render(&error))?;
        hidden.cut(&rendered)
    }

    /// For templates without tools: the list goes into the system text, calls into the model's text, results into user
    /// turns, those of one turn together.
    fn tools_as_text(
        &self,
        messages: &mut Vec<serde_json::Value>,
        tools: &[serde_json::Value],
    ) -> Result<(), TemplateError> {
        let part = |values: Value| {
            let template = self.environment.get_template("tools as text");
            template.and_then(|template| template.render(values)).map_err(|error| TemplateError::render(&error))
        };
        let text = |value: &serde_json::Value| value["content"].as_str().unwrap_or_default().to_owned();
        let join = |before: &str, between: &str, after: &str| {
            format!("{before}{}{after}", if before.is_empty() { "" } else { between })
        };
        if !tools.is_empty() {
            let list = part(context! { part => "system", tools => Value::from(Serde(tools)) })?;
            match messages.first_mut().filter(|message| message["role"] == "system") {
                Some(system) => system["content"] = join(&text(system), "\n\n", &list).into(),
                None => messages.insert(0, json!({ "role": "system", "content": list })),
            }
        }
        let mut out: Vec<serde_json::Value> = Vec::new();
        let mut results: Vec<String> = Vec::new();
        for mut message in messages.drain(..).chain([serde_json::Value::Null]) {
            if message["role"] == "tool" {
                results.push(text(&message));
                continue;
            }
            if !results.is_empty() {
                let content = part(context! { part => "results", results => std::mem::take(&mut results) })?;
                out.push(json!({ "role": "user", "content": content }));
            }
            if let Some(calls) = message.as_object_mut().and_then(|message| message.remove("tool_calls")) {
                let calls = part(context! { part => "calls", calls => Value::from(Serde(&calls)) })?;
                message["content"] = join(&text(&message), "\n", &calls).into();
            }
            if !message.is_null() {
                out.push(message);
            }
        }
        *messages = out;
        Ok(())
    }
}

fn tool_message(text: &str) -> Message {
    Message { role: Role::Tool, ..Message::user(text) }
}

fn tool_json(hidden: &mut Placeholders, tool: &ToolSpec) -> serde_json::Value {
    let whose = Provenance::Tool(tool.name.clone());
    json!({
        "type": "function",
        "function": {
            "name": hidden.hide(&tool.name, &whose),
            "description": hidden.hide(&tool.description, &whose),
            "parameters": hidden.hide_schema(&tool.parameters, &whose),
        }
    })
}

fn messages_json(hidden: &mut Placeholders, messages: &[Message]) -> Vec<serde_json::Value> {
    // Some templates want every result to name the call it answers, in nine characters (Mistral).
    let id = |call: CallId| format!("{:09}", call.0);
    let mut unanswered = std::collections::VecDeque::new();
    let mut out = Vec::new();
    for message in messages {
        let (role, whose) = match message.role {
            Role::System => ("system", Provenance::System),
            Role::User => ("user", Provenance::User),
            Role::Assistant => ("assistant", Provenance::Model),
            Role::Tool => ("tool", Provenance::Tool(message.tool_name.clone().unwrap_or_default())),
        };
        let mut json = json!({ "role": role, "content": hidden.hide(&message.content, &whose) });
        if let Some(reasoning) = &message.reasoning {
            json["reasoning_content"] = hidden.hide(reasoning, &whose).into();
        }
        if !message.tool_calls.is_empty() {
            unanswered = message.tool_calls.iter().map(|call| id(call.id)).collect();
            let calls = message.tool_calls.iter().map(|call| {
                let (name, arguments) = (hidden.hide(&call.name, &whose), hidden.hide_json(&call.arguments, &whose));
                json!({ "id": id(call.id), "type": "function", "function": { "name": name, "arguments": arguments } })
            });
            json["tool_calls"] = calls.collect();
        }
        if message.role == Role::Tool {
            json["tool_call_id"] = unanswered.pop_front().unwrap_or_else(|| id(CallId(0))).into();
            if let Some(name) = &message.tool_name {
                json["name"] = hidden.hide(name, &whose).into();
            }
        }
        out.push(json);
    }
    out
}

/// For templates that refuse a system turn.
fn system_into_user(messages: &mut Vec<serde_json::Value>) {
    if messages.first().is_none_or(|first| first["role"] != "system") {
        return;
    }
    let system = messages.remove(0);
    match messages.first_mut().filter(|first| first["role"] == "user") {
        Some(user) => {
            let [system, text] =
                [&system, user].map(|message| message["content"].as_str().unwrap_or_default().to_owned());
            if let Some(user) = messages.first_mut() {
                user["content"] = format!("{system}\n\n{text}").into();
            }
        }
        None => messages.insert(0, json!({ "role": "user", "content": system["content"] })),
    }
}

/// Hugging Face's `{% generation %}` blocks mark text for training; for rendering they are no-ops.
fn without_generation_marks(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find("{%") {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let Some(end) = tag.find("%}") else {
            rest = tag;
            break;
        };
        let (tag, behind) = tag.split_at(end + 2);
        match tag.trim_start_matches("{%").trim_end_matches("%}").trim_matches(['-', '+']).trim() {
            "generation" => out.push_str(&tag.replacen("generation", "if true", 1)),
            "endgeneration" => out.push_str(&tag.replacen("endgeneration", "endif", 1)),
            _ => out.push_str(tag),
        }
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
