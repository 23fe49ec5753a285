//! Tools that stand in for others, so that a question can be asked as its authors meant it.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use toolwright_protocol::ToolSpec;
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

/// Returns what it was given, whatever it is asked; or, with a real tool behind it, only for the arguments that it was
/// given for.
pub struct StandIn {
    spec: ToolSpec,
    result: String,
    otherwise: Option<(Value, Arc<dyn Tool>)>,
}

impl StandIn {
    /// A tool of this spec.
    pub fn new(spec: ToolSpec, result: impl Into<String>) -> Self {
        // Whatever it would do, it does nothing: nobody need be asked.
        Self { spec: ToolSpec { effects: Vec::new(), ..spec }, result: result.into(), otherwise: None }
    }

    /// Returns the result for these arguments, and for others what the real tool says.
    pub fn for_arguments(arguments: Value, result: impl Into<String>, real: Arc<dyn Tool>) -> Self {
        Self { spec: real.spec().clone(), result: result.into(), otherwise: Some((arguments, real)) }
    }
}

#[async_trait]
impl Tool for StandIn {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Value, context: &CallContext) -> Result<ToolOutput, ToolError> {
        match &self.otherwise {
            Some((known, real)) if known != arguments => real.call(arguments, context).await,
            _ => Ok(ToolOutput::text(self.result.clone())),
        }
    }
}
