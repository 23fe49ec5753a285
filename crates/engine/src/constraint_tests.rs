use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Map;

use super::*;
use crate::{
    dialect::{parse_call, render_call},
    test_support::{MARKERS, tokenizer},
};

fn spec(name: &str, parameters: Value) -> ToolSpec {
    ToolSpec { name: name.to_owned(), description: String::new(), parameters, effects: Vec::new() }
}

fn tools() -> Vec<ToolSpec> {
    let object = |properties: Value, required: Value| json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    vec![
        spec("calculator", object(json!({ "expression": { "type": "string" } }), json!(["expression"]))),
        spec("now", json!({ "type": "object", "properties": {}, "additionalProperties": false })),
        spec(
            "search",
            json!({
                "type": "object",
                "properties": {
                    "query": { "type": "string", "minLength": 1 },
                    "kind": { "enum": ["web", "files", "a \"b\""] },
                    "limit": { "type": "integer", "minimum": 1, "maximum": 50 },
                    "exact": { "type": "boolean" },
                    "where": { "$ref": "#/$defs/place" },
                },
                "required": ["query"],
                "additionalProperties": false,
                "$defs": { "place": {
                    "type": "object",
                    "properties": { "path": { "type": "string" }, "deep": { "type": "array", "items": { "type": "number" }, "maxItems": 3 } },
                    "required": ["path"],
                    "additionalProperties": false,
                } },
            }),
        ),
    ]
}

fn factory(markers: &[&str]) -> (Tokenizer, ConstraintFactory) {
    let tokenizer = tokenizer(markers);
    let factory = ConstraintFactory::new(&tokenizer, &Dialect::detect(&tokenizer)).unwrap();
    (tokenizer, factory)
}

/// Compiled once, for the vocabulary with markers and the one without.
fn compiled(textual: bool) -> &'static (Tokenizer, Constraint) {
    static COMPILED: LazyLock<[(Tokenizer, Constraint); 2]> = LazyLock::new(|| {
        [&MARKERS[..], &["<|im_end|>"]].map(|markers| {
            let (tokenizer, factory) = factory(markers);
            (tokenizer, Constraint::for_tools(&factory, &tools()).unwrap())
        })
    });
    &COMPILED[usize::from(textual)]
}

/// Takes every token, checking the mask before each.
fn follow(matcher: &mut CallMatcher, tokens: &[u32]) -> Result<(), ConstraintError> {
    for &token in tokens {
        let allowed = matcher.mask()?.allows(token);
        let accepted = matcher.clone().accept(token).is_ok();
        assert_eq!(allowed, accepted, "mask and accept agree on token {token}");
        matcher.accept(token)?;
    }
    Ok(())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9+*/ ]{1,12}", "\\PC{1,6}", "[\\x00-\\x1f\"\\\\/<>é😀]{1,6}", Just("</tool_call>".to_owned())]
}

/// Arguments that fit the schema, properties in its order.
fn valid_call() -> impl Strategy<Value = (String, Value)> {
    let maybe = |value: BoxedStrategy<Value>| proptest::option::of(value);
    let place = (
        text(),
        proptest::option::of(proptest::collection::vec((-99i32..99).prop_map(|n| json!(f64::from(n) / 4.0)), 0..=3)),
    )
        .prop_map(|(path, deep)| {
            let mut place = Map::from_iter([("path".to_owned(), path.into())]);
            place.extend(deep.map(|deep| ("deep".to_owned(), deep.into())));
            Value::from(place)
        });
    let kinds = proptest::sample::select(vec!["web", "files", "a \"b\""]).prop_map(Value::from).boxed();
    let search = (
        text(),
        maybe(kinds),
        maybe((1..=50i32).prop_map(Value::from).boxed()),
        maybe(any::<bool>().prop_map(Value::from).boxed()),
        maybe(place.boxed()),
    )
        .prop_map(|(query, kind, limit, exact, place)| {
            let mut arguments = Map::from_iter([("query".to_owned(), query.into())]);
            for (key, value) in [("kind", kind), ("limit", limit), ("exact", exact), ("where", place)] {
                arguments.extend(value.map(|value| (key.to_owned(), value)));
            }
            ("search".to_owned(), Value::from(arguments))
        });
    prop_oneof![
        text().prop_map(|expression| ("calculator".to_owned(), json!({ "expression": expression }))),
        Just(("now".to_owned(), json!({}))),
        search,
    ]
}

/// JSON with blanks between its tokens, as often and of such kinds as `blanks` says.
fn spaced(json: &str, blanks: &mut impl Iterator<Item = &'static str>) -> String {
    let (mut out, mut in_string, mut escaped) = (String::new(), false, false);
    for character in json.chars() {
        if in_string {
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
            out.push(character);
        } else {
            in_string = character == '"';
            if "{}[]:,\"".contains(character) && !out.is_empty() {
                out += blanks.next().unwrap_or("");
            }
            out.push(character);
            if ":,".contains(character) {
                out += blanks.next().unwrap_or("");
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Every call that fits the schema is accepted token by token, in either key order, whatever the white space, and
    /// ends exactly behind the closing marker.
    #[test]
    fn every_valid_call_is_accepted(
        (name, arguments) in valid_call(),
        blanks in proptest::collection::vec(proptest::sample::select(vec!["", "", " ", "\n", "\n    ", "\t", "\r\n"]), 1..40),
        arguments_first in any::<bool>(),
        textual in any::<bool>(),
    ) {
        let (tokenizer, constraint) = compiled(textual);
        let call = if arguments_first { format!(r#"{{"arguments":{arguments},"name":{}}}"#, Value::from(name.as_str())) } else { render_call(&name, &arguments) };
        let mut blanks = blanks.into_iter().cycle();
        let (before, after) = (blanks.next().unwrap(), blanks.next().unwrap());
        let call = format!("{before}{}{after}", spaced(&call, &mut blanks));
        let mut tokens = tokenizer.encode_untrusted(&call);
        tokens.extend(tokenizer.encode_trusted("</tool_call>"));
        let mut matcher = constraint.start();
        prop_assert!(follow(&mut matcher, &tokens).is_ok(), "refused: {}", call);
        prop_assert!(matcher.is_finished());
        prop_assert_eq!(matcher.mask().unwrap().count(), 0);
        let parsed = parse_call(&call).unwrap();
        prop_assert_eq!((parsed.name, parsed.arguments), (name, arguments));
    }

    /// Whatever a lost model samples inside the mask, the call that comes out parses and fits the schema.
    #[test]
    fn every_accepted_call_parses_and_fits(seed in any::<u64>(), textual in any::<bool>()) {
        let (tokenizer, constraint) = compiled(textual);
        let tools = tools();
        let mut matcher = constraint.start();
        let close = Dialect::detect(tokenizer).call_close.token();
        let (mut state, mut tokens) = (seed, Vec::new());
        while !matcher.is_finished() {
            let mask = matcher.mask().unwrap();
            let allowed: Vec<u32> = mask.iter().collect();
            prop_assert!(!allowed.is_empty());
            prop_assert!(allowed.iter().all(|&id| !tokenizer.is_control(id) || Some(id) == close), "only the closing marker");
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // After a while, what brings the end nearer: quotes, braces, the marker.
            let closing = |id: &&u32| Some(**id) == close || tokenizer.token_bytes(**id).iter().all(|byte| b"\"}]<>/".contains(byte));
            let pick = if tokens.len() > 40 { allowed.iter().find(closing).copied() } else { None };
            let token = pick.unwrap_or(allowed[(state >> 33) as usize % allowed.len()]);
            matcher.accept(token).unwrap();
            tokens.push(token);
            prop_assume!(tokens.len() < 400);
        }
        let text = tokenizer.decode(&tokens);
        let span = text.strip_suffix("</tool_call>").unwrap();
        let call = parse_call(span).map_err(|error| TestCaseError::fail(format!("{error}: {span}")))?;
        let tool = tools.iter().find(|tool| tool.name == call.name).unwrap();
        let validator = jsonschema::validator_for(&tool.parameters).unwrap();
        prop_assert!(validator.is_valid(&call.arguments), "{} does not fit", call.arguments);
    }
}

#[test]
fn what_is_not_a_call_is_refused() {
    let (tokenizer, factory) = factory(&MARKERS);
    let constraint = Constraint::for_tools(&factory, &tools()).unwrap();
    for text in [
        "hello",
        r#"{"name":"rm","arguments":{}}"#,
        r#"{"name":"now","arguments":{"x":1}}"#,
        r#"{"name":"calculator","arguments":{}}"#,
        r#"{"name":"calculator","arguments":{"expression":1}}"#,
        r#"{"name":"search","arguments":{"query":"","limit":0}}"#,
        r#"{"name":"search","arguments":{"limit":1,"query":"a"}}"#,
        r#"{"arguments":{"expression":"1"},"name":"now"}"#,
        r#"{"name":"now","arguments":{}}x"#,
    ] {
        let mut tokens = tokenizer.encode_untrusted(text);
        tokens.extend(tokenizer.encode_trusted("</tool_call>"));
        assert!(matches!(follow(&mut constraint.start(), &tokens), Err(ConstraintError::Refused { .. })), "{text}");
    }
    let endless = " ".repeat(MAX_BLANKS + 1);
    assert!(follow(&mut constraint.start(), &tokenizer.encode_untrusted(&endless)).is_err());
}

#[test]
fn a_refusal_changes_nothing_and_tokens_can_be_taken_back() {
    let (tokenizer, factory) = factory(&MARKERS);
    let mut matcher = Constraint::for_tools(&factory, &tools()).unwrap().start();
    follow(&mut matcher, &tokenizer.encode_untrusted(r#"{"name":""#)).unwrap();
    let before: Vec<u32> = matcher.mask().unwrap().iter().collect();
    let end = tokenizer.token_id("<|im_end|>").unwrap();
    assert!(matches!(matcher.accept(end), Err(ConstraintError::Refused { .. })));
    assert!(matcher.accept(u32::MAX).is_err());
    let tail = tokenizer.encode_untrusted("now");
    follow(&mut matcher, &tail).unwrap();
    matcher.rollback(tail.len()).unwrap();
    assert_eq!(matcher.mask().unwrap().iter().collect::<Vec<_>>(), before);
    matcher.accept_text(r#"now","arguments":{}}"#).unwrap();
    assert!(!matcher.is_finished());
    matcher.accept(tokenizer.token_id("</tool_call>").unwrap()).unwrap();
    assert!(matcher.is_finished());
}

#[test]
fn a_schema_beyond_the_grammar_names_tool_and_keyword() {
    let (_, factory) = factory(&MARKERS);
    assert!(matches!(Constraint::for_tools(&factory, &[]), Err(ConstraintError::NoTools)));
    for (keyword, value) in [("uniqueItems", json!(true)), ("contains", json!({ "type": "string" }))] {
        let items = json!({ "type": "array", "items": { "type": "string" }, keyword: value });
        let odd = spec("odd", json!({ "type": "object", "properties": { "a": items } }));
        let Err(error) = Constraint::for_tools(&factory, &[tools().remove(0), odd]) else {
            panic!("{keyword} was accepted");
        };
        let ConstraintError::Schema { tool, reason } = &error else { panic!("{error}") };
        assert!(tool == "odd" && reason.contains(keyword), "{error}");
    }
    // Instructions to the grammar engine in a foreign schema are not obeyed.
    let lenient = json!({ "type": "object", "x-guidance": { "lenient": true }, "properties": { "a": { "type": "array", "uniqueItems": true } } });
    assert!(matches!(Constraint::for_tools(&factory, &[spec("odd", lenient)]), Err(ConstraintError::Schema { .. })));
}

#[test]
fn masks() {
    let mut mask = TokenMask::all_but(5, &[1, 9]);
    assert_eq!(mask.iter().collect::<Vec<_>>(), [0, 2, 3, 4]);
    mask.bar(3);
    mask.bar(77);
    assert_eq!((mask.count(), mask.allows(3), mask.allows(5)), (3, false, false));
    let mut only = TokenMask::only(5, &[1, 4]);
    only.bar(4);
    assert_eq!(only.iter().collect::<Vec<_>>(), [1]);
}
