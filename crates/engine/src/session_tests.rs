use proptest::prelude::*;
use toolwright_protocol::Provenance::{Model, Template, Tool, User};

use super::*;
use crate::{
    SamplerConfig,
    test_support::{HashModel, MARKERS, tokenizer},
};

const VOCAB: u32 = 40;

fn session(context_length: usize) -> (Arc<HashModel>, Session) {
    let model = Arc::new(HashModel::new(VOCAB as usize, context_length));
    (Arc::clone(&model), Session::new(model, tokenizer(&MARKERS)))
}

#[derive(Debug, Clone)]
enum Step {
    Prompt(Vec<u32>),
    Push(u32),
    Splice(Vec<u32>, Vec<u32>),
    Logits,
    Checkpoint,
    Rollback(usize),
    Fork,
    Swap,
    Batch,
    Fail,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let tokens = |max| proptest::collection::vec(0..3u32, 0..max);
    let step = prop_oneof![
        2 => tokens(12).prop_map(Step::Prompt),
        6 => (0..VOCAB).prop_map(Step::Push),
        3 => (tokens(4), tokens(4)).prop_map(|(a, b)| Step::Splice(a, b)),
        3 => Just(Step::Logits),
        3 => Just(Step::Checkpoint),
        3 => any::<usize>().prop_map(Step::Rollback),
        1 => Just(Step::Fork),
        1 => Just(Step::Swap),
        1 => Just(Step::Batch),
        1 => Just(Step::Fail),
    ];
    proptest::collection::vec(step, 1..40)
}

/// A list of tokens with owners: what a session has to be equal to.
type Plain = Vec<(u32, Provenance)>;

fn check(model: &HashModel, session: &mut Session, plain: &Plain) {
    let tokens: Vec<u32> = plain.iter().map(|(token, _)| *token).collect();
    assert_eq!(session.tokens(), tokens);
    let owners: Vec<_> = session.spans().iter().flat_map(|(n, whose)| std::iter::repeat_n(whose.clone(), *n)).collect();
    assert_eq!(owners, plain.iter().map(|(_, whose)| whose.clone()).collect::<Vec<_>>());
    assert!(session.spans().windows(2).all(|pair| pair[0].1 != pair[1].1));
    assert_eq!(session.remaining(), model.context_length - tokens.len());
    if tokens.is_empty() {
        assert!(matches!(session.logits(), Err(SessionError::Empty)));
    } else {
        assert_eq!(session.logits().unwrap(), model.logits(&tokens));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is done to a session, in whatever order, its tokens, their owners and its logits are those of the plain
    /// list of tokens that it should hold. Covers splice in any chunking, rollback as if nothing had been, independent
    /// forks, prefix reuse, overflow and failures that leave things as they were.
    #[test]
    fn a_session_is_its_list_of_tokens(steps in steps(), looks in any::<bool>()) {
        let (model, mut session) = session(20);
        let mut other = session.fork();
        let (mut plain, mut other_plain): (Plain, Plain) = (Vec::new(), Vec::new());
        let mut checkpoints: Vec<(Checkpoint, Plain)> = Vec::new();
        let tool = Tool("t".to_owned());
        for step in steps {
            match step {
                Step::Prompt(tokens) => {
                    let encoded = [(tokens[..tokens.len() / 2].to_vec(), Template), (tokens[tokens.len() / 2..].to_vec(), User)];
                    let common = plain.iter().zip(&tokens).take_while(|((a, _), b)| a == *b).count();
                    match session.prompt(&encoded) {
                        Ok(prompted) => {
                            prop_assert_eq!(prompted.cached + prompted.prefilled, tokens.len());
                            prop_assert!(prompted.cached <= common);
                            plain = encoded.into_iter().flat_map(|(tokens, whose)| tokens.into_iter().map(move |token| (token, whose.clone()))).collect();
                        }
                        Err(error) => prop_assert!(tokens.is_empty() && matches!(error, SessionError::Empty)),
                    }
                }
                Step::Push(token) => match session.push(token) {
                    Ok(()) => plain.push((token, Model)),
                    Err(error) => prop_assert!(plain.len() == 20 && matches!(error, SessionError::ContextOverflow { needed: 21, limit: 20 }), "{error}"),
                },
                Step::Splice(a, b) => {
                    let encoded = [(a, Template), (b, tool.clone())];
                    let added: Plain = encoded.iter().flat_map(|(tokens, whose)| tokens.iter().map(|&token| (token, whose.clone()))).collect();
                    match session.splice(&encoded) {
                        Ok(()) => plain.extend(added),
                        Err(error) => prop_assert!(plain.len() + added.len() > 20 && matches!(error, SessionError::ContextOverflow { .. }), "{error}"),
                    }
                }
                Step::Logits => check(&model, &mut session, &plain),
                Step::Checkpoint => checkpoints.push((session.checkpoint(), plain.clone())),
                Step::Rollback(which) => {
                    if let Some((checkpoint, then)) = checkpoints.get(which % checkpoints.len().max(1)) {
                        let tokens: Vec<u32> = then.iter().map(|(token, _)| *token).collect();
                        let fits = session.tokens().starts_with(&tokens);
                        match session.rollback(checkpoint) {
                            // Owners may have changed by a prompt of the same tokens since.
                            Ok(()) => { prop_assert!(fits); plain.truncate(then.len()); }
                            Err(error) => prop_assert!(!fits && matches!(error, SessionError::StaleCheckpoint { .. }), "{error}"),
                        }
                    }
                }
                Step::Fork => { other = session.fork(); other_plain = plain.clone(); }
                Step::Swap => { std::mem::swap(&mut session, &mut other); std::mem::swap(&mut plain, &mut other_plain); }
                Step::Batch => Session::advance_batch(&mut [&mut session, &mut other]).unwrap(),
                Step::Fail => {
                    *model.fails_after.lock().unwrap() = Some(0);
                    let splice = [(vec![1, 2], User)];
                    if plain.len() <= 18 {
                        prop_assert!(session.splice(&splice).is_err());
                    }
                    *model.fails_after.lock().unwrap() = None;
                }
            }
            if looks {
                check(&model, &mut session, &plain);
            }
        }
        check(&model, &mut session, &plain);
        check(&model, &mut other, &other_plain);
    }
}

#[test]
fn a_prompt_reuses_what_it_can() {
    let (_, mut session) = session(20);
    assert_eq!(session.prompt(&[(vec![1, 2, 3, 4], User)]).unwrap(), Prompted { prefilled: 4, cached: 0 });
    assert_eq!(session.prompt(&[(vec![1, 2, 3, 5, 6], User)]).unwrap(), Prompted { prefilled: 2, cached: 3 });
    assert_eq!(session.prompt(&[(vec![1, 2, 3, 5, 6], Template)]).unwrap(), Prompted { prefilled: 0, cached: 5 });
    assert_eq!(session.spans(), [(5, Template)]);
    // A shorter prompt needs the logits behind its last token, which are gone.
    assert_eq!(session.prompt(&[(vec![1, 2], User)]).unwrap(), Prompted { prefilled: 1, cached: 1 });
}

#[test]
fn overflow_and_foreign_tokens_change_nothing() {
    let (model, mut session) = session(4);
    session.prompt(&[(vec![1, 2, 3], User)]).unwrap();
    let overflow = session.splice(&[(vec![1, 2], Template)]).unwrap_err();
    assert!(matches!(overflow, SessionError::ContextOverflow { needed: 5, limit: 4 }));
    assert!(overflow.to_string().contains("5 tokens") && overflow.to_string().contains("limit is 4"));
    assert!(matches!(session.prompt(&[(vec![9; 5], User)]), Err(SessionError::ContextOverflow { .. })));
    assert!(matches!(session.push(VOCAB), Err(SessionError::UnknownToken { token: VOCAB, .. })));
    assert_eq!(session.logits().unwrap(), model.logits(&[1, 2, 3]));
}

#[test]
fn sampling_commits_nothing() {
    let (_, mut session) = session(20);
    let mut sampler = Sampler::new(SamplerConfig::default());
    assert!(matches!(session.sample(&mut sampler, None, None), Err(SessionError::Empty)));
    session.prompt(&[(vec![1, 2, 3], User)]).unwrap();
    let token = session.sample(&mut sampler, None, None).unwrap();
    assert_eq!(session.len(), 3);
    assert_ne!(session.sample(&mut sampler, None, Some(token)).unwrap(), token);
    session.push(token).unwrap();
    assert_eq!(session.tokens(), [1, 2, 3, token]);
}
