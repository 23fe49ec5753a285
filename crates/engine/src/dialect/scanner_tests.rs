use proptest::prelude::*;

use super::{super::parse_turn, *};
use crate::test_support::{MARKERS, tokenizer};

/// Joins neighbours, so that only what is said counts and not in how many pieces.
fn joined(events: Vec<ScanEvent>) -> Vec<ScanEvent> {
    let mut out: Vec<ScanEvent> = Vec::new();
    for event in events {
        match (out.last_mut(), event) {
            (Some(ScanEvent::Text(before)), ScanEvent::Text(text))
            | (Some(ScanEvent::Thought(before)), ScanEvent::Thought(text))
            | (Some(ScanEvent::CallText(before)), ScanEvent::CallText(text)) => before.push_str(&text),
            (_, event) => out.push(event),
        }
    }
    out
}

fn scan(dialect: &Dialect, tokenizer: &Tokenizer, tokens: &[u32]) -> Vec<ScanEvent> {
    let mut scanner = Scanner::new(dialect, "<|im_start|>assistant\n");
    let mut events: Vec<ScanEvent> = tokens.iter().flat_map(|&token| scanner.push(token, tokenizer)).collect();
    events.extend(scanner.finish());
    joined(events)
}

fn text(text: &str) -> ScanEvent {
    ScanEvent::Text(text.to_owned())
}

fn call(text: &str) -> [ScanEvent; 3] {
    [ScanEvent::CallOpened, ScanEvent::CallText(text.to_owned()), ScanEvent::CallClosed(text.to_owned())]
}

#[test]
fn calls_in_a_sentence_at_the_end_and_several() {
    let turn = "<think>hm</think>It is <tool_call>{1}</tool_call> percent.<tool_call>{2}</tool_call><tool_call>{3}</tool_call>";
    let mut expected = vec![ScanEvent::Thought("hm".to_owned()), text("It is ")];
    expected.extend(call("{1}"));
    expected.push(text(" percent."));
    expected.extend(call("{2}"));
    expected.extend(call("{3}"));
    let with_tokens = tokenizer(&MARKERS);
    let ids = with_tokens.encode_trusted(&format!("{turn}<|im_end|>"));
    let events = scan(&Dialect::detect(&with_tokens), &with_tokens, &ids);
    assert_eq!(events, [expected.clone(), vec![ScanEvent::EndOfTurn]].concat());
    // The same turn from a vocabulary without these tokens.
    let textual = tokenizer(&["<|im_end|>"]);
    let dialect = Dialect::detect(&textual);
    assert_eq!(dialect.call_open, Marker::Text("<tool_call>"));
    let ids = textual.encode_trusted(&format!("{turn}<|im_end|>"));
    assert_eq!(scan(&dialect, &textual, &ids), [expected, vec![ScanEvent::EndOfTurn]].concat());
}

#[test]
fn a_marker_spelled_out_is_text_where_it_has_a_token() {
    let tokenizer = tokenizer(&MARKERS);
    let spelled_out = "<tool_call>{}</tool_call></think>";
    let ids = tokenizer.encode_untrusted(spelled_out);
    assert_eq!(scan(&Dialect::detect(&tokenizer), &tokenizer, &ids), [text(spelled_out)]);
}

#[test]
fn a_marker_that_shares_its_tokens() {
    let tokenizer = tokenizer(&["<|im_end|>"]);
    let dialect = Dialect::detect(&tokenizer);
    let id = |text: &str| find_bytes(&tokenizer, text.as_bytes()).unwrap();
    // "o<" "tool_call" ">{" … "}" "</" "tool_call" ">\n": the marker begins and ends inside tokens.
    let mut ids = vec![id("o<")];
    ids.extend(tokenizer.encode_untrusted("tool_call"));
    ids.push(id(">{"));
    ids.extend(tokenizer.encode_untrusted("1}</tool_call"));
    ids.push(id(">"));
    ids.extend(tokenizer.encode_untrusted("\n."));
    let mut expected = vec![text("o")];
    expected.extend(call("{1}"));
    expected.push(text("\n."));
    assert_eq!(scan(&dialect, &tokenizer, &ids), expected);
    // The place to come back to lies before the token in which the marker begins, and only there.
    let mut scanner = Scanner::new(&dialect, "");
    let opens: Vec<bool> = ids
        .iter()
        .map(|&token| {
            let opens = scanner.may_open_call_with(token, &tokenizer);
            scanner.push(token, &tokenizer);
            opens
        })
        .collect();
    assert_eq!(opens.iter().position(|opens| *opens), Some(0));
    assert_eq!(opens.iter().filter(|opens| **opens).count(), 1);
}

#[test]
fn thoughts_calls_and_cut_turns() {
    let tokenizer = tokenizer(&MARKERS);
    let dialect = Dialect::detect(&tokenizer);
    let scan = |turn: &str| scan(&dialect, &tokenizer, &tokenizer.encode_trusted(turn));
    let thought = |text: &str| ScanEvent::Thought(text.to_owned());
    // A call inside a thought leaves it open.
    let expected = [vec![thought("a")], call("{}").to_vec(), vec![thought("b"), text("c")]].concat();
    assert_eq!(scan("<think>a<tool_call>{}</tool_call>b</think>c"), expected);
    // Unclosed, and a control token that has no business there.
    let cut = ScanEvent::CallCut("{\"".to_owned());
    let opened = [ScanEvent::CallOpened, ScanEvent::CallText("{\"".to_owned())];
    assert_eq!(scan("<tool_call>{\"<|im_end|>"), [opened.to_vec(), vec![cut, ScanEvent::EndOfTurn]].concat());
    let stray = |text: &str| ScanEvent::Stray(text.to_owned());
    assert_eq!(
        scan("a<tool_response>1</tool_call>"),
        [text("a"), stray("<tool_response>"), text("1"), stray("</tool_call>")]
    );
    assert_eq!(scan("<tool_call>a<think>b</tool_call>")[2], ScanEvent::CallClosed("a<think>b".to_owned()));
    // The template opened the thought.
    let mut scanner = Scanner::new(&dialect, "<|im_start|>assistant\n<think>\n");
    assert!(scanner.in_thought());
    let events =
        tokenizer.encode_trusted("a</think>b").into_iter().flat_map(|id| scanner.push(id, &tokenizer)).collect();
    assert_eq!(joined(events), [thought("a"), text("b")]);
}

#[test]
fn turns_that_are_already_text() {
    let turn = parse_turn(
        "I might call <tool_call> later.\n</think>\n\nSo:\n<tool_call>\n{\"name\": \"a\", \"arguments\": {}}\n</tool_call>\n",
    );
    assert_eq!(turn.reasoning.as_deref(), Some("I might call <tool_call> later."));
    assert_eq!(turn.content, "So:");
    assert_eq!(turn.calls.len(), 1);
    assert_eq!(turn.calls[0].as_ref().unwrap().name, "a");
    assert!(parse_turn("<tool_call>{\"name").calls[0].is_err());
}

proptest! {
    /// However a turn is cut into tokens, it says the same; half characters and half markers included.
    #[test]
    fn tokenisation_does_not_matter(
        parts in proptest::collection::vec(
            proptest::sample::select(vec!["<think>", "</think>", "<tool_call>", "</tool_call>", "<", "</", "<tool", "é", "😀", "a", " ", "{}", ">"]),
            0..12,
        ),
        seed in any::<u64>(),
    ) {
        let tokenizer = tokenizer(&["<|im_end|>"]);
        let mut dialect = Dialect::detect(&tokenizer);
        dialect.calls_in_thoughts = seed % 2 == 0;
        let turn = parts.concat();
        // Random pieces of the bytes that are tokens; single bytes always are.
        let (mut ids, mut rest, mut state) = (Vec::new(), turn.as_bytes(), seed);
        while !rest.is_empty() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let wanted = 1 + (state >> 33) as usize % 4;
            let (id, len) = (1..=wanted.min(rest.len()))
                .rev()
                .find_map(|len| Some((find_bytes(&tokenizer, &rest[..len])?, len)))
                .unwrap();
            ids.push(id);
            rest = &rest[len..];
        }
        let mut whole = Scanner::new(&dialect, "");
        let mut expected = whole.push_text(&turn);
        expected.extend(whole.finish());
        prop_assert_eq!(scan(&dialect, &tokenizer, &ids), joined(expected));
    }
}

fn find_bytes(tokenizer: &Tokenizer, bytes: &[u8]) -> Option<u32> {
    (0..tokenizer.vocab_size() as u32).find(|&id| tokenizer.token_bytes(id) == bytes)
}
