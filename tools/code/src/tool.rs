use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use toolwright_protocol::{Effect, ToolSpec};
use toolwright_sandbox::{Mount, Policy, Progress, Randomness, Sandbox, SandboxError};
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

use crate::{
    answer::Answer,
    config::CodeConfig,
    interpreter::{Interpreter, JavaScript, Python},
    program::Program,
};

/// The workspace's name in a guest.
const FOLDER: &str = "/box";

/// Why an interpreter cannot be used. What a program does wrong is told to the model instead.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The sandbox failed.
    #[error("cannot run {language}: {source}")]
    Sandbox {
        /// Which language.
        language: &'static str,
        /// Why.
        source: SandboxError,
    },
    /// A task of the host's died.
    #[error("cannot start {language}: {reason}; please report this")]
    Broken {
        /// Which language.
        language: &'static str,
        /// How it died.
        reason: String,
    },
}

/// The tool `run_python` or `run_javascript`.
pub struct CodeTool {
    spec: ToolSpec,
    config: CodeConfig,
    engine: Arc<Engine>,
}

/// An interpreter, compiled when it is first used.
struct Engine {
    interpreter: &'static dyn Interpreter,
    sandbox: Sandbox,
    progress: Arc<dyn Progress>,
    program: OnceCell<toolwright_sandbox::Program>,
}

impl CodeTool {
    /// `run_python`. `progress` is told when the interpreter is compiled, which happens once on a machine.
    #[must_use]
    pub fn python(sandbox: Sandbox, config: CodeConfig, progress: Arc<dyn Progress>) -> Self {
        Self::new(&Python, sandbox, config, progress)
    }

    /// `run_javascript`, likewise.
    #[must_use]
    pub fn javascript(sandbox: Sandbox, config: CodeConfig, progress: Arc<dyn Progress>) -> Self {
        Self::new(&JavaScript, sandbox, config, progress)
    }

    fn new(
        interpreter: &'static dyn Interpreter,
        sandbox: Sandbox,
        config: CodeConfig,
        progress: Arc<dyn Progress>,
    ) -> Self {
        let parameters = json!({
            "type": "object",
            "properties": {
                "code": { "type": "string", "description": format!("a whole {} program", interpreter.language()) },
                "tests": { "type": "string", "description": "asserts or tests that are run after it" },
                "stdin": { "type": "string", "description": "what the program reads from standard input" }
            },
            "required": ["code"],
            "additionalProperties": false
        });
        let spec = ToolSpec {
            name: interpreter.tool().into(),
            description: interpreter.description().trim().into(),
            parameters,
            effects: if config.writes_user_folder { vec![Effect::Writes] } else { Vec::new() },
        };
        Self { spec, config, engine: Arc::new(Engine { interpreter, sandbox, progress, program: OnceCell::new() }) }
    }

    /// Unpacks and compiles the interpreter now, or takes it from the cache; without this, the first call does. It may
    /// take longer than a call may.
    ///
    /// # Errors
    /// When the cache cannot be written, or the machine is not supported.
    pub async fn prepare(&self) -> Result<(), CodeError> {
        Engine::start(&self.engine).await.map(|_| ())
    }
}

impl Engine {
    /// In a task of its own, so that a call which is given up does not give up the compilation.
    async fn start(self: &Arc<Self>) -> Result<toolwright_sandbox::Program, CodeError> {
        if let Some(program) = self.program.get() {
            return Ok(program.clone());
        }
        let language = self.interpreter.language();
        let engine = Arc::clone(self);
        let started = tokio::spawn(async move { engine.program.get_or_try_init(|| engine.compile()).await.cloned() });
        match started.await {
            Ok(program) => program.map_err(|source| CodeError::Sandbox { language, source }),
            Err(error) => Err(CodeError::Broken { language, reason: error.to_string() }),
        }
    }

    async fn compile(&self) -> Result<toolwright_sandbox::Program, SandboxError> {
        let guest = self.interpreter.guest();
        let named = Named { language: self.interpreter.language(), progress: &*self.progress };
        self.sandbox.program(guest.hash, move || guest.unpack(), &named).await
    }
}

/// Tells of the language in place of a hash.
struct Named<'a> {
    language: &'static str,
    progress: &'a dyn Progress,
}

impl Progress for Named<'_> {
    fn compiling(&self, _: &str) {
        self.progress.compiling(self.language);
    }

    fn compiled(&self, _: &str, took: Duration) {
        self.progress.compiled(self.language, took);
    }
}

#[async_trait]
impl Tool for CodeTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn prepare(&self) -> Result<(), ToolError> {
        Self::prepare(self).await.map_err(|error| ToolError::Fatal(error.to_string()))
    }

    async fn call(&self, arguments: &Value, context: &CallContext) -> Result<ToolOutput, ToolError> {
        let interpreter = self.engine.interpreter;
        let program = Program::of(arguments, interpreter).map_err(ToolError::Respond)?;
        let guest = Engine::start(&self.engine).await.map_err(|error| ToolError::Fatal(error.to_string()))?;
        let folder = Mount { host: context.workspace.clone(), guest: FOLDER.into(), writable: true };
        let policy = Policy {
            folder: Some(folder),
            clock: self.config.clock(),
            randomness: Randomness::Seeded(context.seed ^ u64::from(context.call.0)),
        };
        let invocation = interpreter.invocation(&program);
        let limits = self.config.limits();
        let outcome = guest.run(&invocation, &limits, &policy, &context.cancel).await.map_err(|source| {
            ToolError::Fatal(CodeError::Sandbox { language: interpreter.language(), source }.to_string())
        })?;
        let answer = Answer::of(outcome, interpreter, program.tests.is_some(), &limits);
        Ok(answer.output(self.config.shown(), context))
    }
}
