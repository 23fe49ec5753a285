use serde_json::Value;
use toolwright_protocol::ToolSpec;

/// A conversation from which a model learns what it has to say.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Episode {
    /// What it is of: the name of its source.
    pub source: &'static str,
    /// The system text, if there is one.
    pub system: Option<String>,
    /// The tools that are offered.
    pub tools: Vec<ToolSpec>,
    /// In order: begins with the user, ends with the model. Results follow a turn of the model's with calls, one each.
    pub turns: Vec<Turn>,
    /// What a model's own answer is measured by.
    pub gold: Gold,
}

/// What makes an answer right.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Gold {
    /// This number is what it says.
    Number(String),
    /// These words stand in it.
    Text(String),
    /// No tool was called.
    NoCall,
    /// These calls were made, and no other.
    Calls(Vec<Call>),
    /// The function was written so that it passes these tests.
    Program {
        /// Its name.
        function: String,
        /// Assertions.
        tests: String,
    },
    /// Nothing is measured.
    Nothing,
}

/// One turn.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Turn {
    /// The person's words.
    User(String),
    /// The model's.
    Model(ModelTurn),
    /// What the calls of the turn before returned, in their order.
    Results(Vec<String>),
}

/// A turn of the model's.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ModelTurn {
    /// In order.
    pub parts: Vec<Part>,
    /// Whether this is to be learnt; a mistake that stands in the context is not.
    pub learned: bool,
}

/// A part of what the model says.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Part {
    /// A thought, without its markers. Only at the beginning of a turn.
    Thought(String),
    /// Visible text.
    Text(String),
    /// A call at the end of the turn; its result is in the next [`Turn::Results`].
    Call(Call),
    /// A call in the middle of a sentence, and its result, which is spliced right behind it.
    Inline(Call, String),
}

/// A call.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Call {
    /// The tool.
    pub tool: String,
    /// A JSON object, its keys in the order of the schema.
    pub arguments: Value,
}

impl ModelTurn {
    /// Parts to be learnt.
    #[must_use]
    pub fn of(parts: Vec<Part>) -> Self {
        Self { parts, learned: true }
    }

    /// An answer.
    #[must_use]
    pub fn says(text: impl Into<String>) -> Self {
        Self::of(vec![Part::Text(text.into())])
    }

    /// One call, perhaps behind a thought.
    #[must_use]
    pub fn calls(thought: Option<String>, call: Call) -> Self {
        Self::of(thought.map(Part::Thought).into_iter().chain([Part::Call(call)]).collect())
    }
}

impl Call {
    /// A call of the calculator.
    #[must_use]
    pub fn calculator(expression: &str) -> Self {
        Self { tool: "calculator".into(), arguments: serde_json::json!({ "expression": expression }) }
    }

    /// A call of the search.
    #[must_use]
    pub fn search(query: &str) -> Self {
        Self { tool: "search".into(), arguments: serde_json::json!({ "query": query }) }
    }
}

impl Episode {
    /// A conversation with the tools.
    #[must_use]
    pub fn new(source: &'static str, tools: Vec<ToolSpec>, turns: Vec<Turn>) -> Self {
        Self { source, system: None, tools, turns, gold: Gold::Nothing }
    }

    /// The same, with what an answer is measured by.
    #[must_use]
    pub fn measured_by(self, gold: Gold) -> Self {
        Self { gold, ..self }
    }

    /// A question, one call, perhaps behind a thought, its result and an answer.
    #[must_use]
    pub fn with_call(
        source: &'static str,
        tools: Vec<ToolSpec>,
        question: String,
        (thought, call, result): (Option<String>, Call, String),
        answer: String,
    ) -> Self {
        let turns = vec![
            Turn::User(question),
            Turn::Model(ModelTurn::calls(thought, call)),
            Turn::Results(vec![result]),
            Turn::Model(ModelTurn::says(answer)),
        ];
        Self::new(source, tools, turns)
    }

    /// A problem and its way: the steps as a thought, one call, the answer.
    #[must_use]
    pub fn solved(source: &'static str, tools: Vec<ToolSpec>, solved: crate::Solved) -> Self {
        let way = (solved.thought(), Call::calculator(&solved.expression), solved.result.clone());
        Self::with_call(source, tools, solved.question, way, solved.answer).measured_by(Gold::Number(solved.result))
    }
}
