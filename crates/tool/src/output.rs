use serde_json::Value;

/// What a tool answers with.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolOutput {
    /// What the model reads. The dispatcher cuts it to the budget and keeps the whole beside the run.
    pub text: String,
    /// The same for programs, where there is more to say than text: a test verdict, the passages behind an answer.
    pub data: Option<Value>,
    /// Whether the model should take it for a failure: a program that ended with an error, a page that is not there.
    pub is_error: bool,
}

impl ToolOutput {
    /// Text, and nothing beside it.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), data: None, is_error: false }
    }

    /// The same with `data` for programs.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// The same as a failure.
    #[must_use]
    pub fn as_error(mut self) -> Self {
        self.is_error = true;
        self
    }
}

impl<T: Into<String>> From<T> for ToolOutput {
    fn from(text: T) -> Self {
        Self::text(text)
    }
}
