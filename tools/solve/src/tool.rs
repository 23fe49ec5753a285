use async_trait::async_trait;
use serde_json::{Value as Json, json};
use toolwright_protocol::ToolSpec;
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

use crate::request::{Request, run};

/// What the model is told, from `tool.md`.
const DESCRIPTION: &str = include_str!("../tool.md");

/// The tool `solve`: a pure function, bounded in its work.
#[derive(Debug)]
pub struct Solve {
    spec: ToolSpec,
}

impl Default for Solve {
    fn default() -> Self {
        Self::new()
    }
}

impl Solve {
    /// The tool.
    #[must_use]
    pub fn new() -> Self {
        let operations = ["simplify", "expand", "factor", "solve", "differentiate", "integrate", "limit", "substitute"];
        let text = |description: &str| json!({ "type": "string", "description": description });
        let parameters = json!({
            "type": "object",
            "properties": {
                "operation": { "type": "string", "enum": operations },
                "expression": text("For solve: equations or inequalities with ; between them"),
                "variable": text("The variable, or several: x, y"),
                "at": text("substitute: x = 3, y = 1/2. limit: the point, 0, 2+ or inf"),
                "from": text("integrate: lower bound, a number or -inf"),
                "to": text("integrate: upper bound"),
                "order": { "type": "integer", "minimum": 1, "maximum": 20, "description": "Which derivative" }
            },
            "required": ["operation", "expression"],
            "additionalProperties": false
        });
        let description = DESCRIPTION.trim().into();
        Self { spec: ToolSpec { name: "solve".into(), description, parameters, effects: Vec::new() } }
    }
}

#[async_trait]
impl Tool for Solve {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Json, context: &CallContext) -> Result<ToolOutput, ToolError> {
        let request: Request =
            serde_json::from_value(arguments.clone()).map_err(|error| ToolError::Respond(format!("error: {error}")))?;
        // The work ends when the call is dropped, too, not only when the run is cancelled.
        let cancel = context.cancel.child_token();
        let _guard = cancel.clone().drop_guard();
        let answer = tokio::task::spawn_blocking(move || run(&request, &cancel)).await;
        match answer {
            Ok(Ok(answer)) => Ok(answer.into()),
            Ok(Err(error)) => Err(ToolError::Respond(format!("error: {error}"))),
            Err(error) => Err(ToolError::Fatal(format!("the solver has stopped: {error}"))),
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
        registry.register(std::sync::Arc::new(Solve::new())).unwrap();
        let tool = registry.get("solve").unwrap();
        let context = CallContext::new(CallId(1), std::path::Path::new("nowhere"));
        let call = async |arguments: Json| tool.call(&arguments, &context).await;
        let roots = call(json!({ "operation": "solve", "expression": "x^2 = 2" })).await;
        assert_eq!(roots, Ok("x = sqrt(2) or x = -sqrt(2)".into()));
        let area = json!({ "operation": "integrate", "expression": "sin x", "from": "0", "to": "pi" });
        assert_eq!(call(area).await, Ok("2".into()));
        let wrong = call(json!({ "operation": "simplify", "expression": "2 * (3 + )" })).await;
        let message = "error: unexpected `)`: a value is missing before it (at column 10)\n2 * (3 + )\n         ^";
        assert_eq!(wrong, Err(ToolError::Respond(message.into())));
        let unknown = json!({ "operation": "prove", "expression": "x" });
        let extra = json!({ "operation": "solve", "expression": "x", "hint": 1 });
        for bad in [json!({}), unknown, extra, json!([]), Json::Null] {
            assert!(matches!(call(bad).await, Err(ToolError::Respond(text)) if text.starts_with("error: ")));
        }
    }

    #[tokio::test]
    async fn the_work_ends_when_the_run_is_cancelled() {
        let context = CallContext::new(CallId(1), std::path::Path::new("nowhere"));
        context.cancel.cancel();
        let arguments = json!({ "operation": "expand", "expression": "(a + b + c)^20" });
        let outcome = Solve::new().call(&arguments, &context).await;
        assert_eq!(outcome, Err(ToolError::Respond("error: cancelled".into())));
    }
}
