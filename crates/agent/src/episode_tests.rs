use proptest::prelude::*;
use serde_json::json;
use toolwright_protocol::ObservationStatus;

use super::*;

fn episode() -> Episode {
    Episode::new(Budget::default(), EpisodeLimits::default())
}

fn closed(name: &str, x: i64) -> Input {
    Input::CallClosed { name: name.into(), arguments: json!({ "x": x }) }
}

fn observed(call: u32) -> Input {
    Input::Observed(Observation {
        call: CallId(call),
        tool: "t".into(),
        status: ObservationStatus::Ok,
        content: "1".into(),
        data: None,
        spilled_to: None,
        elapsed: Duration::ZERO,
    })
}

fn feed(episode: &mut Episode, inputs: impl IntoIterator<Item = Input>) -> Step {
    for input in inputs {
        episode.apply(input).unwrap();
    }
    episode.next()
}

#[test]
fn a_question_without_calls_is_one_stretch() {
    let mut episode = episode();
    assert_eq!(episode.next(), Step::Generate);
    assert_eq!(feed(&mut episode, [Input::Paused(Place::TurnEnd)]), Step::Finish(RunStatus::Done));
}

#[test]
fn calls_of_one_turn_are_dispatched_together_and_spliced_in_order() {
    let mut episode = episode();
    let step = feed(&mut episode, [closed("a", 1), closed("b", 2), Input::Paused(Place::TurnEnd)]);
    let Step::CallTools { calls } = step else { panic!("{step:?}") };
    assert_eq!(calls.iter().map(|c| (c.id.0, c.name.as_str())).collect::<Vec<_>>(), [(1, "a"), (2, "b")]);
    let Step::Splice { observations, place: Place::TurnEnd } = feed(&mut episode, [observed(1), observed(2)]) else {
        panic!()
    };
    assert_eq!(observations.iter().map(|o| o.call.0).collect::<Vec<_>>(), [1, 2]);
    let step = feed(&mut episode, [Input::Spliced, Input::Paused(Place::TurnEnd)]);
    assert_eq!(step, Step::Finish(RunStatus::Done));
}

#[test]
fn observations_come_in_the_order_of_the_calls_or_not_at_all() {
    let mut episode = episode();
    feed(&mut episode, [closed("a", 1), closed("b", 2), Input::Paused(Place::TurnEnd)]);
    let before = episode.clone();
    assert!(episode.apply(observed(2)).is_err());
    assert_eq!(episode, before);
}

#[test]
fn a_repeated_call_is_never_dispatched() {
    let mut episode = episode();
    feed(&mut episode, [closed("a", 1), Input::Paused(Place::TurnEnd), observed(1), Input::Spliced]);
    let step = feed(&mut episode, [closed("a", 1)]);
    let reason = DiscardReason::RepeatedCall(CallId(1));
    assert_eq!(step, Step::Retry { reason, remedy: Remedy::NoCall });
    for _ in 0..EpisodeLimits::default().repetitions - 1 {
        feed(&mut episode, [Input::RolledBack, closed("a", 1)]);
    }
    assert!(matches!(feed(&mut episode, [Input::RolledBack, closed("a", 1)]), Step::Finish(RunStatus::Failed { .. })));
}

#[test]
fn rejections_are_retried_a_bounded_number_of_times() {
    let mut episode = episode();
    let rejected = || Input::CallRejected(RejectedCall { why: "no".into() });
    for attempt in 1..=EpisodeLimits::default().rejections_in_a_row {
        let step = feed(&mut episode, [rejected()]);
        let reason = DiscardReason::MalformedCall("no".into());
        assert_eq!(step, Step::Retry { reason, remedy: Remedy::Resample { attempt } });
        feed(&mut episode, [Input::RolledBack]);
    }
    assert!(matches!(feed(&mut episode, [rejected()]), Step::Finish(RunStatus::Failed { .. })));
}

#[test]
fn the_call_budget_is_enforced_before_dispatch() {
    let budget = Budget { calls: Some(1), ..Budget::default() };
    let mut episode = Episode::new(budget, EpisodeLimits::default());
    let step = feed(&mut episode, [closed("a", 1), closed("a", 2), Input::Paused(Place::TurnEnd)]);
    assert_eq!(step, Step::Finish(RunStatus::BudgetSpent { what: Spent::Calls }));
    assert_eq!(episode.usage().calls, 0);
}

fn any_input() -> impl Strategy<Value = Input> {
    prop_oneof![
        4 => (0..3i64).prop_map(|x| closed("a", x)),
        1 => Just(Input::CallRejected(RejectedCall { why: "no".into() })),
        3 => Just(Input::Paused(Place::TurnEnd)),
        1 => Just(Input::Paused(Place::MidSentence)),
        1 => Just(Input::RolledBack),
        3 => (1..6u32).prop_map(observed),
        2 => Just(Input::Spliced),
        1 => Just(Input::Cancelled),
    ]
}

proptest! {
    /// Over any inputs: a refused one changes nothing, no request is dispatched twice, the end is final, and
    /// serialise → deserialise → continue equals continue.
    #[test]
    fn holds_its_invariants(inputs in prop::collection::vec(any_input(), 0..60)) {
        let mut episode = episode();
        let mut dispatched: Vec<ToolCall> = Vec::new();
        for input in inputs {
            let before = episode.clone();
            let restored: Episode = serde_json::from_str(&serde_json::to_string(&episode).unwrap()).unwrap();
            prop_assert_eq!(&restored, &episode);
            let was_calling = matches!(episode.next(), Step::CallTools { .. });
            if episode.apply(input).is_err() {
                prop_assert_eq!(&before, &episode);
                continue;
            }
            prop_assert!(!matches!(before.next(), Step::Finish(_)));
            if let (false, Step::CallTools { calls }) = (was_calling, episode.next()) {
                for call in calls {
                    prop_assert!(!dispatched.iter().any(|earlier| earlier.same_request(&call)));
                    dispatched.push(call);
                }
            }
        }
        prop_assert!(dispatched.len() <= Budget::default().calls.unwrap() as usize);
    }

    /// A runtime that does what it is told ends, whatever the model says.
    #[test]
    fn always_ends(choices in prop::collection::vec((0..4u8, 0..4i64), 400)) {
        let mut episode = episode();
        let mut choices = choices.into_iter();
        let mut steps = 0;
        loop {
            steps += 1;
            let input = match episode.next() {
                Step::Finish(_) => break,
                Step::Retry { .. } => Input::RolledBack,
                Step::Splice { .. } => Input::Spliced,
                Step::CallTools { calls } => observed(calls[0].id.0),
                Step::Generate => {
                    episode.charge(Charge::Sampled(8));
                    match choices.next() {
                        Some((0, _)) | None => Input::Paused(Place::MidSentence),
                        Some((1, _)) => Input::CallRejected(RejectedCall { why: "no".into() }),
                        Some((_, x)) => closed("a", x),
                    }
                }
            };
            episode.apply(input).unwrap();
        }
        prop_assert!(steps < 700);
    }
}
