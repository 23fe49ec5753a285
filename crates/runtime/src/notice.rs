use toolwright_journal::RunId;
use toolwright_protocol::Event;

/// What a watcher of a run is told while it works, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The run has its id; its journal can be read from now on.
    Started(RunId),
    /// More of the model's visible text. Text that has been sent is never taken back.
    Text(String),
    /// The turn went on behind tool results: what was sent as text so far was not yet the answer.
    TurnEnded,
    /// More of the model's thoughts.
    Thought(String),
    /// An event was committed to the journal.
    Committed(Event),
}
