use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use serde_json::Value;
use toolwright_http::{Client, HttpError, HttpPolicy, Retries};
use toolwright_protocol::ToolSpec;
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

use crate::{
    operation::Operation,
    request::request,
    response,
    secret::{Credential, Read, Secrets},
};

/// What the operations of a plugin share.
pub(crate) struct Service {
    pub name: String,
    pub policy: HttpPolicy,
    pub credentials: Vec<Credential>,
    pub secrets: Arc<dyn Secrets>,
    /// Made at the first call; most runs make none.
    pub client: OnceLock<Result<Client, HttpError>>,
}

/// An operation as a tool.
pub(crate) struct OperationTool {
    pub spec: ToolSpec,
    pub operation: Operation,
    /// Where its path begins.
    pub server: String,
    pub service: Arc<Service>,
}

impl OperationTool {
    async fn ask(&self, arguments: &Value) -> Result<ToolOutput, String> {
        let service = &self.service;
        let request = request(&self.operation, &self.server, arguments)?;
        let secrets = Read::all(&service.credentials, &service.secrets)
            .map_err(|why| format!("{} needs a credential that is not there: {why}", service.name))?;
        let client = service.client.get_or_init(|| Client::new(service.policy.clone()));
        let client = client.as_ref().map_err(ToString::to_string)?;
        let response = client.with_retries(secrets.put_into(request), &Retries::default()).await;
        let response = response.map_err(|error| secrets.redact(error.to_string()))?;
        Ok(response::output(&response, |text| secrets.redact(text)))
    }
}

#[async_trait]
impl Tool for OperationTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Value, context: &CallContext) -> Result<ToolOutput, ToolError> {
        let answer = tokio::select! {
            answer = self.ask(arguments) => answer,
            () = context.cancel.cancelled() => Err("the call was cancelled".into()),
        };
        answer.map_err(|why| ToolError::Respond(format!("error: {why}")))
    }
}
