//! How a model is spoken to, and how it speaks: everything about it but its weights.

use toolwright_agent::Place;
use toolwright_engine::{ChatTemplate, Dialect, RenderRequest, Segment, TemplateError, Tokenizer};
use toolwright_protocol::{Message, Observation, Provenance, ToolSpec};

/// Vocabulary, chat template and dialect. What a run puts into a context is written here, and so is what a model is
/// trained on.
#[derive(Clone)]
pub struct Voice {
    /// Text to tokens.
    pub tokenizer: Tokenizer,
    /// How thoughts and calls are written.
    pub dialect: Dialect,
    template: ChatTemplate,
    /// Whether tools are told of in one sentence.
    terse: bool,
}

impl Voice {
    /// The voice of a vocabulary; `template` is its chat template in Jinja, ours where there is none.
    ///
    /// # Errors
    /// When the template does not compile.
    pub fn new(tokenizer: Tokenizer, template: Option<&str>) -> Result<Self, TemplateError> {
        let template = ChatTemplate::for_tokenizer(template, &tokenizer)?;
        Ok(Self { dialect: Dialect::detect(&tokenizer), tokenizer, template, terse: false })
    }

    /// The same, telling of each tool the first sentence only: a small model has little room, and learns the rest.
    #[must_use]
    pub fn terse(self) -> Self {
        Self { terse: true, ..self }
    }

    /// The compiled chat template.
    #[must_use]
    pub fn template(&self) -> &ChatTemplate {
        &self.template
    }

    /// The prompt of a conversation, up to where the model speaks.
    ///
    /// # Errors
    /// When the template fails on it.
    pub fn render(&self, messages: &[Message], tools: &[ToolSpec]) -> Result<Vec<Segment>, TemplateError> {
        let short: Vec<ToolSpec>;
        let tools = if self.terse {
            short = tools.iter().map(in_short).collect();
            &short
        } else {
            tools
        };
        self.template.render(&RenderRequest { messages, tools, add_generation_prompt: true, enable_thinking: None })
    }

    /// What is put into the context for tool results, at either place.
    ///
    /// # Errors
    /// When the template fails on them.
    pub fn around_results(&self, results: &[Observation], place: Place) -> Result<Vec<Segment>, TemplateError> {
        if place == Place::TurnEnd {
            let messages: Vec<Message> = results.iter().map(Message::observation).collect();
            return self.template.splice_results(&messages, None);
        }
        let segments = results.iter().flat_map(|result| {
            [
                Segment::new(Provenance::Template, self.dialect.response_open.text()),
                Segment::new(Provenance::Tool(result.tool.clone()), result.content.clone()),
                Segment::new(Provenance::Template, self.dialect.response_close.text()),
            ]
        });
        Ok(segments.collect())
    }

    /// The token by which the template ends the model's turns. Others may end generation too.
    #[must_use]
    pub fn turn_end(&self) -> Option<u32> {
        let written = self.template.splice_glue(None).ok();
        let written = written.and_then(|glue| self.tokenizer.token_id(&glue.turn_end));
        written.or_else(|| self.dialect.end_of_turn.first().copied())
    }

    /// Whether the token ends the model's turn.
    #[must_use]
    pub fn ends_turn(&self, token: u32) -> bool {
        self.dialect.end_of_turn.contains(&token)
    }
}

/// A tool with the first sentence of its description, without the full stop.
fn in_short(tool: &ToolSpec) -> ToolSpec {
    let line = tool.description.trim_start().lines().next().unwrap_or_default();
    let sentence = line.split(". ").next().unwrap_or_default().trim_end_matches('.');
    ToolSpec { description: sentence.to_owned(), ..tool.clone() }
}
