use async_trait::async_trait;
use serde_json::{Value as Json, json};
use toolwright_protocol::ToolSpec;
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

use crate::evaluate;

/// What the model is told, from `tool.md`.
const DESCRIPTION: &str = include_str!("../tool.md");

/// The tool `calculator`: one argument, `expression`; a pure function.
#[derive(Debug)]
pub struct Calculator {
    spec: ToolSpec,
}

impl Default for Calculator {
    fn default() -> Self {
        Self::new()
    }
}

impl Calculator {
    /// The tool.
    #[must_use]
    pub fn new() -> Self {
        let parameters = json!({
            "type": "object",
            "properties": {
                "expression": { "type": "string", "description": "What to calculate, for example 17.5% * 2480" }
            },
            "required": ["expression"],
            "additionalProperties": false
        });
        let spec = ToolSpec {
            name: "calculator".into(),
            description: DESCRIPTION.trim().into(),
            parameters,
            effects: Vec::new(),
        };
        Self { spec }
    }
}

#[async_trait]
impl Tool for Calculator {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Json, _: &CallContext) -> Result<ToolOutput, ToolError> {
        let expression = arguments.get("expression").and_then(Json::as_str);
        let expression =
            expression.ok_or_else(|| ToolError::Respond("error: `expression` is missing or is no text".into()))?;
        match evaluate(expression) {
            Ok(value) => Ok(value.to_string().into()),
            Err(error) => Err(ToolError::Respond(format!("error: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use toolwright_protocol::CallId;
    use toolwright_tool::ToolRegistry;

    use super::*;

    #[tokio::test]
    async fn answers_with_plain_text_and_reports_errors_to_the_model() {
        let mut registry = ToolRegistry::new();
        registry.register(std::sync::Arc::new(Calculator::new())).unwrap();
        let tool = registry.get("calculator").unwrap();
        let context = CallContext::new(CallId(1), std::path::Path::new("nowhere"));
        let call = async |arguments: Json| tool.call(&arguments, &context).await;
        assert_eq!(call(json!({ "expression": "17.5% of 2,480" })).await, Ok("434".into()));
        assert_eq!(
            call(json!({ "expression": "2 * (3 + )" })).await,
            Err(ToolError::Respond(
                "error: unexpected `)`: a number is missing before it (at column 10)\n2 * (3 + )\n         ^".into()
            ))
        );
        for bad in [json!({}), json!({ "expression": 5 }), json!([]), Json::Null] {
            assert!(matches!(call(bad).await, Err(ToolError::Respond(text)) if text.starts_with("error: ")));
        }
    }
}
