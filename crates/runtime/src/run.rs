//! Starting a run and watching it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Instant,
};

use tokio::{
    runtime::Handle,
    sync::{
        mpsc::{UnboundedReceiver, unbounded_channel},
        oneshot,
    },
};
use tokio_util::sync::CancellationToken;
use toolwright_agent::{Episode, EpisodeLimits};
use toolwright_engine::{Sampler, SamplerConfig, Session};
use toolwright_journal::{Journal, RunId};
use toolwright_protocol::{Budget, Event, Message, Role, RunConfig, RunStatus, Usage};
use toolwright_tool::{PermissionPolicy, ToolRegistry};

use crate::{
    Approver, Dispatcher, Folders, LoadedModel, Notice, RunError,
    driver::{Driver, Recorder},
    fingerprint,
};

/// What a run is to do, and within what.
pub struct RunRequest {
    /// What was said so far: mostly one question. The last message is the user's, or what a tool returned to the model.
    pub conversation: Vec<Message>,
    /// The system text; without one, the model's profile decides.
    pub system: Option<String>,
    /// The tools offered.
    pub tools: ToolRegistry,
    /// The folder the tools work in; without one, the run's own.
    pub workspace: Option<PathBuf>,
    /// How tokens are drawn.
    pub sampling: SamplerConfig,
    /// Whether the tools' schemas mask the logits inside calls.
    pub constrain: bool,
    /// The limits.
    pub budget: Budget,
    /// Which calls may happen.
    pub policy: PermissionPolicy,
    /// Who is asked where the policy says so.
    pub approver: Arc<dyn Approver>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its id in the journal.
    pub run: RunId,
    /// The model's last words, without thoughts, calls and markers. Empty where it did not come that far.
    pub answer: String,
    /// How it ended.
    pub status: RunStatus,
    /// What it used.
    pub usage: Usage,
}

/// A model and a journal, ready for runs.
pub struct Runtime {
    model: Arc<LoadedModel>,
    journal: Journal,
    data_dir: PathBuf,
}

/// A run at work. Dropping it does not stop the run; cancelling its token does.
pub struct RunHandle {
    notices: UnboundedReceiver<Notice>,
    outcome: oneshot::Receiver<Result<Outcome, RunError>>,
}

impl Runtime {
    /// Opens the journal in `data_dir`.
    ///
    /// # Errors
    /// When the journal cannot be opened.
    pub fn open(model: LoadedModel, data_dir: &Path) -> Result<Self, RunError> {
        Ok(Self { model: Arc::new(model), journal: Journal::open(data_dir)?, data_dir: data_dir.to_owned() })
    }

    /// Starts a run on a thread of its own, since decoding keeps a processor busy. Tools run on the async runtime that
    /// this is called from.
    ///
    /// # Errors
    /// When the prompt cannot be rendered, a tool's schema is invalid, or the journal cannot be written: then there is
    /// no run, or one that says so.
    pub fn start(&self, request: RunRequest, cancel: CancellationToken) -> Result<RunHandle, RunError> {
        let started = Instant::now();
        request.sampling.validate().map_err(RunError::Sampling)?;
        let question = question(&request.conversation).ok_or(RunError::Conversation)?.to_owned();
        // A result must leave room for the answer: half of the context, at about four bytes a token.
        let mut budget = request.budget;
        if let Some(context) = self.model.context_length() {
            budget.output_bytes = budget.output_bytes.min(context * 2);
        }
        let system = request.system.clone().or_else(|| self.model.default_system());
        let specs = request.tools.specs();
        let heard_tools = request.conversation.iter().any(|message| message.role == Role::Tool);
        let mut messages: Vec<Message> = system.clone().map(Message::system).into_iter().collect();
        messages.extend(request.conversation);
        let prompt = self.model.voice.render(&messages, &specs)?;
        let constraint = if request.constrain { self.model.constraint(&specs)? } else { None };
        let config = RunConfig {
            model: self.model.name.clone(),
            model_hash: self.model.hash.clone(),
            prompt_hash: fingerprint::of_bytes(
                [self.model.template_source(), system.as_deref().unwrap_or("")].join("\0").as_bytes(),
            ),
            tools: specs,
            seed: request.sampling.seed,
            temperature: request.sampling.temperature,
            budget: budget.clone(),
        };
        let mut writer = self.journal.start_run(&config)?;
        let run = writer.id();
        let mut folders = Folders::inside(&self.data_dir.join("runs").join(run.to_string()));
        if let Some(workspace) = request.workspace {
            folders.workspace = workspace;
        }
        let dispatcher = Dispatcher::new(
            request.tools,
            request.policy,
            request.approver,
            budget.clone(),
            folders,
            request.sampling.seed,
        )?;
        if let Some(text) = system {
            writer.append(&Event::SystemMessage { text })?;
        }
        writer.append(&Event::UserMessage { text: question })?;
        let (sender, notices) = unbounded_channel();
        sender.send(Notice::Started(run)).ok();
        let (report, outcome) = oneshot::channel();
        let model = Arc::clone(&self.model);
        let tools = Handle::try_current().map_err(|_| RunError::NoRuntime)?;
        let work = move || {
            let mut driver = Driver {
                session: Session::new(Arc::clone(&model.decoder), model.voice.tokenizer.clone()),
                model: &model,
                sampler: Sampler::new(request.sampling.clone()),
                sampling: request.sampling,
                heard_tools,
                warmed: false,
                constraint,
                episode: Episode::new(budget, EpisodeLimits::default()),
                dispatcher: &dispatcher,
                recorder: Recorder { writer, notices: sender },
                cancel,
                tools,
                started,
            };
            let ended = driver.drive(&prompt);
            let usage = driver.episode.usage().clone();
            let outcome = ended.map(|(status, answer)| Outcome { run, answer, status, usage });
            report.send(outcome).ok();
        };
        thread::Builder::new().name(format!("run {run}")).spawn(work).map_err(RunError::Thread)?;
        Ok(RunHandle { notices, outcome })
    }
}

/// The last thing that the user said, if the model is to speak now.
fn question(conversation: &[Message]) -> Option<&str> {
    conversation.last().filter(|last| matches!(last.role, Role::User | Role::Tool))?;
    let asked = conversation.iter().rev().find(|message| message.role == Role::User)?;
    Some(&asked.content)
}

impl RunHandle {
    /// The next notice; `None` once the run has ended and all have been read.
    pub async fn next(&mut self) -> Option<Notice> {
        self.notices.recv().await
    }

    /// How it ended, after it has.
    ///
    /// # Errors
    /// When the journal could not be written any more, or the run's thread died.
    pub async fn outcome(self) -> Result<Outcome, RunError> {
        self.outcome.await.map_err(|_| RunError::Died)?
    }
}
