//! Does what an [`Episode`] says: decodes, dispatches, splices, rolls back, and journals each before it takes effect.

use std::time::Instant;

use tokio::{runtime::Handle, sync::mpsc::UnboundedSender};
use tokio_util::sync::CancellationToken;
use toolwright_agent::{Charge, Episode, Input, Place, Remedy, Step};
use toolwright_engine::{Constraint, Sampler, SamplerConfig, Segment, Session};
use toolwright_journal::RunWriter;
use toolwright_protocol::{DiscardReason, Event, Observation, Provenance, RunStatus, ToolCall};

use crate::{Dispatcher, LoadedModel, Notice, RunError, stretch::Stretch};

/// Everything one run works with. Owned by the run's thread.
pub(crate) struct Driver<'a> {
    pub model: &'a LoadedModel,
    pub session: Session,
    pub sampling: SamplerConfig,
    /// Whether the conversation held results of tools when the run began.
    pub heard_tools: bool,
    pub sampler: Sampler,
    /// Whether `sampler` is warmer than asked for, since a call was rejected.
    pub warmed: bool,
    /// Of calls; none where the tools' schemas are not to mask the logits.
    pub constraint: Option<Constraint>,
    pub episode: Episode,
    pub dispatcher: &'a Dispatcher,
    pub recorder: Recorder,
    pub cancel: CancellationToken,
    pub tools: Handle,
    pub started: Instant,
}

/// The journal and the watchers: what is committed is told, in that order.
pub(crate) struct Recorder {
    pub writer: RunWriter,
    pub notices: UnboundedSender<Notice>,
}

impl Recorder {
    /// Commits the event, then tells it.
    pub fn record(&mut self, event: Event) -> Result<(), RunError> {
        self.writer.append(&event)?;
        self.tell(Notice::Committed(event));
        Ok(())
    }

    /// A watcher that has gone away is no reason to stop a run.
    pub fn tell(&self, notice: Notice) {
        self.notices.send(notice).ok();
    }
}

impl Driver<'_> {
    /// Runs the episode to its end. The outcome, good or bad, is in the journal when this returns.
    pub fn drive(&mut self, prompt: &[Segment]) -> Result<(RunStatus, String), RunError> {
        let mut stretch = match self.prompt(prompt) {
            Ok(stretch) => stretch,
            Err(error) => return self.finish(RunStatus::Failed { reason: error.to_string() }, String::new()),
        };
        loop {
            self.episode.charge(Charge::Elapsed(self.started.elapsed()));
            let input = match self.episode.next() {
                Step::Generate => stretch.decode(self),
                Step::Retry { reason, remedy } => self.retry(&mut stretch, reason, remedy),
                Step::CallTools { calls } => self.call(&calls),
                Step::Splice { observations, place } => self.splice(&mut stretch, &observations, place),
                Step::Finish(status) => return self.finish(status, stretch.into_answer()),
            };
            // What breaks under way ends the run in its journal too, and not only on the screen.
            let input = match input {
                Ok(input) => input,
                Err(RunError::Journal(error)) => return Err(RunError::Journal(error)),
                Err(error) => Input::Failed(error.to_string()),
            };
            self.episode.apply(input)?;
        }
    }

    fn prompt(&mut self, segments: &[Segment]) -> Result<Stretch, RunError> {
        let encoded = self.session.encode_prompt(segments);
        self.recorder.record(Event::Prompted { tokens: joined(&encoded) })?;
        let outcome = self.session.prompt(&encoded)?;
        self.episode.charge(Charge::Prompt { prefilled: outcome.prefilled as u64, cached: outcome.cached as u64 });
        Ok(Stretch::begin(self.model, segments.last().map_or("", |segment| segment.text.as_str())))
    }

    fn retry(&mut self, stretch: &mut Stretch, reason: DiscardReason, remedy: Remedy) -> Result<Input, RunError> {
        stretch.take_back(self, reason)?;
        match remedy {
            Remedy::NoCall => stretch.bar_first_discarded(),
            Remedy::Resample { attempt } => {
                // Greedy decoding would give the same span again; a little warmer each time, a different draw each time.
                let temperature = self.sampling.temperature.max(0.3 * attempt as f32);
                let seed = self.sampling.seed.wrapping_add(u64::from(attempt));
                self.sampler = Sampler::new(SamplerConfig { temperature, seed, ..self.sampling.clone() });
                self.warmed = true;
            }
        }
        Ok(Input::RolledBack)
    }

    /// Dispatches the first of the waiting calls; the episode asks again for the rest.
    fn call(&mut self, calls: &[ToolCall]) -> Result<Input, RunError> {
        let Some(call) = calls.first() else { return Err(RunError::NoCall) };
        self.recorder.record(Event::ToolCalled { call: call.clone() })?;
        let after_untrusted = self.heard_tools || self.episode.has_heard_tools();
        let dispatched = self.tools.block_on(async {
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => None,
                outcome = self.dispatcher.dispatch(call, after_untrusted, &self.cancel) => Some(outcome),
            }
        });
        let Some(outcome) = dispatched else { return Ok(Input::Cancelled) };
        let observation = outcome?;
        self.recorder.record(Event::ToolReturned { observation: observation.clone() })?;
        Ok(Input::Observed(observation))
    }

    fn splice(&mut self, stretch: &mut Stretch, observations: &[Observation], place: Place) -> Result<Input, RunError> {
        let segments = self.model.voice.around_results(observations, place)?;
        let encoded = self.session.encode(&segments);
        let tokens = joined(&encoded);
        let spans = encoded.iter().map(|(tokens, whose)| (tokens.len() as u32, whose.clone())).collect();
        let count = tokens.len() as u64;
        self.recorder.record(Event::Spliced { tokens, spans })?;
        self.session.splice(&encoded)?;
        self.episode.charge(Charge::Spliced(count));
        if std::mem::take(&mut self.warmed) {
            self.sampler = Sampler::new(self.sampling.clone());
        }
        if place == Place::TurnEnd {
            self.recorder.tell(Notice::TurnEnded);
            *stretch = Stretch::begin(self.model, segments.last().map_or("", |segment| segment.text.as_str()));
        } else {
            stretch.go_on();
        }
        Ok(Input::Spliced)
    }

    fn finish(&mut self, status: RunStatus, answer: String) -> Result<(RunStatus, String), RunError> {
        self.episode.charge(Charge::Elapsed(self.started.elapsed()));
        if !answer.is_empty() {
            self.recorder.record(Event::Answer { text: answer.clone() })?;
        }
        self.recorder.record(Event::RunEnded { status: status.clone(), usage: self.episode.usage().clone() })?;
        Ok((status, answer))
    }
}

fn joined(encoded: &[(Vec<u32>, Provenance)]) -> Vec<u32> {
    encoded.iter().flat_map(|(tokens, _)| tokens.iter().copied()).collect()
}
