//! From a parsed call to an observation: schema, permission, deadline, output cap. The only place where tools run.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use jsonschema::Validator;
use serde_json::Value;
use tokio::task::JoinError;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use toolwright_protocol::{Budget, Observation, ObservationStatus, ToolCall};
use toolwright_tool::{CallContext, PermissionPolicy, ToolError, ToolOutput, ToolRegistry};

use crate::gate::{Approver, Gate};

/// Why a dispatcher cannot be made, or a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// A tool came with a schema that is none.
    #[error("the parameters of tool `{tool}` are not a valid JSON Schema: {reason}")]
    Schema {
        /// Whose.
        tool: String,
        /// What the validator says.
        reason: String,
    },
    /// The tool said that it is broken.
    #[error("tool `{tool}` is broken: {reason}")]
    Fatal {
        /// Which.
        tool: String,
        /// Its words.
        reason: String,
    },
    /// The whole of an output could not be written beside the cut one.
    #[error("cannot write the full output of tool `{tool}` to {path}: {source}; free some space and run again")]
    Spill {
        /// Which.
        tool: String,
        /// Where to.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Where the tools of one run work.
#[derive(Debug, Clone)]
pub struct Folders {
    /// What the tools read and write: the run's own, or one that the user named.
    pub workspace: PathBuf,
    /// The whole of outputs that were too long to show.
    pub outputs: PathBuf,
}

impl Folders {
    /// Both inside `folder`, the run's own.
    #[must_use]
    pub fn inside(folder: &Path) -> Self {
        Self { workspace: folder.join("workspace"), outputs: folder.join("outputs") }
    }
}

/// The tools of one run behind their checks.
pub struct Dispatcher {
    registry: ToolRegistry,
    validators: HashMap<String, Validator>,
    gate: Gate,
    budget: Budget,
    folders: Folders,
    seed: u64,
}

impl Dispatcher {
    /// Compiles every tool's schema.
    ///
    /// # Errors
    /// [`DispatchError::Schema`] naming the tool.
    pub fn new(
        registry: ToolRegistry,
        policy: PermissionPolicy,
        approver: Arc<dyn Approver>,
        budget: Budget,
        folders: Folders,
        seed: u64,
    ) -> Result<Self, DispatchError> {
        let mut validators = HashMap::new();
        for spec in registry.specs() {
            let validator = jsonschema::validator_for(&spec.parameters)
                .map_err(|error| DispatchError::Schema { tool: spec.name.clone(), reason: error.to_string() })?;
            validators.insert(spec.name, validator);
        }
        let gate = Gate::new(policy, approver);
        Ok(Self { registry, validators, gate, budget, folders, seed })
    }

    /// Checks a call before it is accepted: the tool exists and the arguments fit its schema.
    ///
    /// # Errors
    /// What is wrong and where in the arguments, in words that fit a journal and a model.
    pub fn check(&self, name: &str, arguments: &Value) -> Result<(), String> {
        let Some(validator) = self.validators.get(name) else {
            let known: Vec<_> = self.registry.specs().into_iter().map(|spec| spec.name).collect();
            return Err(format!("there is no tool `{name}`; there are: {}", known.join(", ")));
        };
        let Some(error) = validator.iter_errors(arguments).next() else { return Ok(()) };
        let place = error.instance_path().to_string();
        let place = if place.is_empty() { "the arguments".to_owned() } else { format!("`{place}`") };
        Err(format!("{place} of `{name}`: {error}"))
    }

    /// Runs a checked call to its observation. Dropping the future cancels the call.
    ///
    /// # Errors
    /// Only what ends the run; what the model can react to is an observation.
    pub async fn dispatch(
        &self,
        call: &ToolCall,
        after_untrusted: bool,
        cancel: &CancellationToken,
    ) -> Result<Observation, DispatchError> {
        let start = Instant::now();
        let (status, output) = self.run(call, after_untrusted, cancel).await?;
        let ToolOutput { text, data, .. } = output;
        let (content, spilled_to) = self.cap(call, text)?;
        let tool = call.name.clone();
        Ok(Observation { call: call.id, tool, status, content, data, spilled_to, elapsed: start.elapsed() })
    }

    async fn run(
        &self,
        call: &ToolCall,
        after_untrusted: bool,
        cancel: &CancellationToken,
    ) -> Result<(ObservationStatus, ToolOutput), DispatchError> {
        if let Err(why) = self.check(&call.name, &call.arguments) {
            return Ok((ObservationStatus::Error, format!("error: {why}").into()));
        }
        let Some(tool) = self.registry.get(&call.name) else {
            return Ok((ObservationStatus::Error, format!("error: there is no tool `{}`", call.name).into()));
        };
        if !self.gate.passes(call, tool.spec(), after_untrusted) {
            let text = format!("error: the user did not allow this call of {}", call.name);
            return Ok((ObservationStatus::Denied, text.into()));
        }
        let cancel = cancel.child_token();
        let context = CallContext {
            call: call.id,
            workspace: self.folders.workspace.clone(),
            outputs: self.folders.outputs.clone(),
            seed: self.seed,
            cancel: cancel.clone(),
        };
        let _cancel_when_over = cancel.drop_guard();
        let deadline = self.budget.call_deadline;
        let (tool, arguments) = (Arc::clone(tool), call.arguments.clone());
        let preparing = Arc::clone(&tool);
        let prepared = in_a_task(async move { preparing.prepare().await }).await;
        let called = match prepared {
            Ok(Ok(())) => {
                let work = in_a_task(async move { tool.call(&arguments, &context).await });
                let Ok(called) = tokio::time::timeout(deadline, work).await else {
                    let text = format!("error: {} did not finish within {} s", call.name, deadline.as_secs_f32());
                    return Ok((ObservationStatus::TimedOut, text.into()));
                };
                called
            }
            Ok(Err(error)) => Ok(Err(error)),
            Err(join) => Err(join),
        };
        match called {
            Err(join) => {
                let reason = if join.is_panic() { "it panicked; please report this" } else { "it was stopped" };
                Err(DispatchError::Fatal { tool: call.name.clone(), reason: reason.to_owned() })
            }
            Ok(Ok(output)) => {
                let status = if output.is_error { ObservationStatus::Error } else { ObservationStatus::Ok };
                Ok((status, output))
            }
            Ok(Err(ToolError::Respond(why))) => Ok((ObservationStatus::Error, error_text(&why).into())),
            Ok(Err(ToolError::Fatal(reason))) => Err(DispatchError::Fatal { tool: call.name.clone(), reason }),
        }
    }

    /// Cuts an output to the cap; the whole goes to a file that the user (and later the model) can page through.
    fn cap(&self, call: &ToolCall, output: String) -> Result<(String, Option<String>), DispatchError> {
        if output.len() <= self.budget.output_bytes {
            return Ok((output, None));
        }
        let path = self.folders.outputs.join(format!("call-{}.txt", call.id.0));
        write_new(&path, &output).map_err(|source| DispatchError::Spill {
            tool: call.name.clone(),
            path: path.clone(),
            source,
        })?;
        let kept = output.floor_char_boundary(self.budget.output_bytes);
        let text = format!(
            "{}\n[cut: {} of {} bytes shown; the whole is in outputs/call-{}.txt]",
            &output[..kept],
            kept,
            output.len(),
            call.id.0
        );
        Ok((text, Some(path.display().to_string())))
    }
}

/// In a task of its own, so that a tool that blocks its thread or panics takes only its call with it; stopped when dropped.
async fn in_a_task<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T, JoinError> {
    AbortOnDropHandle::new(tokio::spawn(work)).await
}

fn error_text(why: &str) -> String {
    if why.starts_with("error") { why.to_owned() } else { format!("error: {why}") }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}

#[cfg(test)]
#[path = "dispatcher_tests.rs"]
mod tests;
