//! Decoding from one pause to the next: tokens into text, thoughts and calls; masks inside calls; taking back.

use toolwright_agent::{Charge, Input, Place, RejectedCall};
use toolwright_engine::{CallMatcher, Checkpoint, Constraint, ScanEvent, Scanner};
use toolwright_protocol::{DiscardReason, Event, GenerationEnd};

use crate::{LoadedModel, Notice, RunError, driver::Driver};

/// How many tokens of white space behind a call are looked at before it counts as standing in mid-sentence.
const LOOKAHEAD: usize = 8;

/// A place in the run to which decoding can return.
struct Mark {
    checkpoint: Checkpoint,
    scanner: Scanner,
    /// How many tokens of [`Stretch::tokens`] stand before it.
    tokens: usize,
}

/// The state of decoding within one turn of the model.
pub(crate) struct Stretch {
    scanner: Scanner,
    /// Sampled and committed to the context, not yet in the journal.
    tokens: Vec<u32>,
    /// The grammar of the call that is open.
    matcher: Option<CallMatcher>,
    /// Where the open or just closed call began.
    call_began: Option<Mark>,
    /// Behind a closed call: where the look-ahead began.
    looking_ahead: Option<Mark>,
    /// May not be sampled next.
    barred: Option<u32>,
    /// The first token of what was last taken back.
    first_discarded: Option<u32>,
    /// The visible text of the turn.
    answer: String,
}

impl Stretch {
    /// At the beginning of a turn; `lead` is the template text before it, which may have opened a thought.
    pub fn begin(model: &LoadedModel, lead: &str) -> Self {
        Self {
            scanner: Scanner::new(&model.voice.dialect, lead),
            tokens: Vec::new(),
            matcher: None,
            call_began: None,
            looking_ahead: None,
            barred: None,
            first_discarded: None,
            answer: String::new(),
        }
    }

    /// In the middle of a sentence, behind a spliced result.
    pub fn go_on(&mut self) {
        self.looking_ahead = None;
        self.call_began = None;
    }

    /// The visible text of the turn so far, without white space around it.
    pub fn into_answer(self) -> String {
        self.answer.trim().to_owned()
    }
}

impl Stretch {
    /// Decodes to the next thing that the episode must know of.
    pub fn decode(&mut self, driver: &mut Driver<'_>) -> Result<Input, RunError> {
        loop {
            if driver.cancel.is_cancelled() {
                self.flush(driver, GenerationEnd::Cancelled)?;
                return Ok(Input::Cancelled);
            }
            driver.episode.charge(Charge::Elapsed(driver.started.elapsed()));
            if let Some(what) = driver.episode.out_of() {
                self.flush(driver, GenerationEnd::Stopped)?;
                return Ok(Input::OutOf(what));
            }
            let token = self.sample(driver)?;
            let looking_ahead = self.looking_ahead.is_some();
            let input = if looking_ahead { self.look_ahead(driver, token)? } else { self.take(driver, token)? };
            if let Some(input) = input {
                return Ok(input);
            }
        }
    }

    fn sample(&mut self, driver: &mut Driver<'_>) -> Result<u32, RunError> {
        let token = driver.session.sample(&mut driver.sampler, self.matcher.as_mut(), self.barred.take())?;
        driver.episode.charge(Charge::Sampled(1));
        driver.episode.charge(Charge::FirstToken(driver.started.elapsed()));
        Ok(token)
    }

    /// Takes a sampled token into the context.
    fn take(&mut self, driver: &mut Driver<'_>, token: u32) -> Result<Option<Input>, RunError> {
        if driver.model.voice.ends_turn(token) {
            // Not taken in: the text that the template puts behind a turn begins with its own end marker.
            if self.scanner.in_call() {
                return Ok(Some(self.reject("the turn ended before the call was closed")));
            }
            let events = self.scanner.finish();
            self.tell(driver, events);
            self.flush(driver, GenerationEnd::EndOfTurn)?;
            return Ok(Some(Input::Paused(Place::TurnEnd)));
        }
        if self.scanner.may_open_call_with(token, &driver.model.voice.tokenizer) {
            self.call_began = Some(self.mark(driver));
        }
        self.push(driver, token)?;
        if let Some(matcher) = &mut self.matcher {
            matcher.accept(token)?;
        }
        let events = self.scanner.push(token, &driver.model.voice.tokenizer);
        let (mut closed, mut opened) = (None, false);
        for event in &events {
            match event {
                ScanEvent::CallOpened => {
                    opened = true;
                    self.matcher = driver.constraint.as_ref().map(Constraint::start);
                }
                // A textual marker may share its last token with the call's beginning, which the grammar has not seen.
                ScanEvent::CallText(text) if opened => {
                    if let Some(matcher) = &mut self.matcher {
                        matcher.accept_text(text)?;
                    }
                }
                ScanEvent::CallClosed(span) => closed = Some(span.clone()),
                _ => {}
            }
        }
        self.tell(driver, events);
        let Some(span) = closed else { return Ok(None) };
        self.matcher = None;
        let call = match driver.model.voice.dialect.parse_call(&span) {
            Ok(call) => call,
            Err(error) => return Ok(Some(self.reject(error))),
        };
        if let Err(why) = driver.dispatcher.check(&call.name, &call.arguments) {
            return Ok(Some(self.reject(why)));
        }
        self.looking_ahead = Some(self.mark(driver));
        Ok(Some(Input::CallClosed { name: call.name, arguments: call.arguments }))
    }

    /// Behind a closed call: does the turn end, does another call follow, or does the sentence go on?
    fn look_ahead(&mut self, driver: &mut Driver<'_>, token: u32) -> Result<Option<Input>, RunError> {
        let blank = driver.model.voice.tokenizer.token_bytes(token).iter().all(u8::is_ascii_whitespace);
        let looked_at = self.tokens.len() - self.looking_ahead.as_ref().map_or(0, |mark| mark.tokens);
        if driver.model.voice.ends_turn(token) || self.scanner.may_open_call_with(token, &driver.model.voice.tokenizer)
        {
            self.looking_ahead = None;
            return self.take(driver, token);
        }
        if blank && looked_at < LOOKAHEAD {
            self.push(driver, token)?;
            return Ok(None);
        }
        // Text goes on behind the result, and a model that opens the result itself expects it right here. Any other
        // control token begins something new, so this turn is over.
        let awaits_result = driver.model.voice.dialect.response_open.token() == Some(token);
        let in_sentence = awaits_result || !driver.model.voice.tokenizer.is_control(token);
        let place = if in_sentence { Place::MidSentence } else { Place::TurnEnd };
        if let Some(mark) = self.looking_ahead.take() {
            let mut discarded = self.tokens[mark.tokens..].to_vec();
            discarded.push(token);
            self.return_to(driver, mark)?;
            self.discard(driver, discarded, DiscardReason::Lookahead)?;
        }
        self.flush(driver, GenerationEnd::CallClosed)?;
        Ok(Some(Input::Paused(place)))
    }

    /// Rolls back to where the last call opened.
    pub fn take_back(&mut self, driver: &mut Driver<'_>, reason: DiscardReason) -> Result<(), RunError> {
        self.matcher = None;
        self.looking_ahead = None;
        let Some(mark) = self.call_began.take() else { return Err(RunError::NoCall) };
        let discarded = self.tokens[mark.tokens..].to_vec();
        self.first_discarded = discarded.first().copied();
        self.return_to(driver, mark)?;
        self.discard(driver, discarded, reason)
    }

    /// No call may be opened here: whatever token began the one just taken back is barred from being sampled next.
    pub fn bar_first_discarded(&mut self) {
        self.barred = self.first_discarded;
    }

    fn reject(&mut self, why: impl ToString) -> Input {
        Input::CallRejected(RejectedCall { why: why.to_string() })
    }

    fn push(&mut self, driver: &mut Driver<'_>, token: u32) -> Result<(), RunError> {
        driver.session.push(token)?;
        self.tokens.push(token);
        Ok(())
    }

    fn mark(&self, driver: &Driver<'_>) -> Mark {
        Mark { checkpoint: driver.session.checkpoint(), scanner: self.scanner.clone(), tokens: self.tokens.len() }
    }

    fn return_to(&mut self, driver: &mut Driver<'_>, mark: Mark) -> Result<(), RunError> {
        driver.session.rollback(&mark.checkpoint)?;
        self.scanner = mark.scanner;
        self.tokens.truncate(mark.tokens);
        Ok(())
    }

    fn discard(&self, driver: &mut Driver<'_>, tokens: Vec<u32>, reason: DiscardReason) -> Result<(), RunError> {
        driver.episode.charge(Charge::Discarded(tokens.len() as u64));
        let text = driver.model.voice.tokenizer.decode(&tokens);
        driver.recorder.record(Event::Discarded { tokens, text, reason })
    }

    /// Journals what was sampled and stands in the context.
    fn flush(&mut self, driver: &mut Driver<'_>, end: GenerationEnd) -> Result<(), RunError> {
        let tokens = std::mem::take(&mut self.tokens);
        let text = driver.model.voice.tokenizer.decode(&tokens);
        driver.recorder.record(Event::Generated { tokens, text, end })
    }

    fn tell(&mut self, driver: &Driver<'_>, events: Vec<ScanEvent>) {
        for event in events {
            match event {
                ScanEvent::Text(text) => {
                    self.answer.push_str(&text);
                    driver.recorder.tell(Notice::Text(text));
                }
                ScanEvent::Thought(text) => driver.recorder.tell(Notice::Thought(text)),
                ScanEvent::CallOpened
                | ScanEvent::CallText(_)
                | ScanEvent::CallClosed(_)
                | ScanEvent::CallCut(_)
                | ScanEvent::Stray(_)
                | ScanEvent::EndOfTurn => {}
            }
        }
    }
}
