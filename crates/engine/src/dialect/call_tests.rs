use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn what_models_write() {
    let arguments = json!({ "expression": "2480*17.5/100" });
    for span in [
        r#"{"name":"calculator","arguments":{"expression":"2480*17.5/100"}}"#,
        "\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"2480*17.5/100\"}}\n",
        r#"{"arguments": {"expression": "2480*17.5/100"}, "name": "calculator"}"#,
        r#"{"name":"calculator","parameters":{"expression":"2480*17.5/100"}}"#,
        r#"{"name":"calculator","arguments":"{\"expression\": \"2480*17.5/100\"}"}"#,
    ] {
        let call = parse_call(span).unwrap();
        assert_eq!((call.name.as_str(), &call.arguments), ("calculator", &arguments), "{span}");
    }
    assert_eq!(parse_call(r#"{"name":"now","arguments":{}}"#).unwrap().arguments, json!({}));
}

#[test]
fn errors_say_where_and_what() {
    let deep = format!(r#"{{"name":"a","arguments":{}}}"#, "[".repeat(10_000));
    for (span, line, says) in [
        ("", 1, "EOF"),
        ("calculator(1+1)", 1, "expected value"),
        ("[]", 1, "an object with `name`"),
        ("{\n\"name\": \"a\",\n\"arguments\": {\"x\": }}", 3, "expected value"),
        ("{\"name\":\"a\",\n\"name\":\"b\",\"arguments\":{}}", 2, "`name` stands there twice"),
        ("{\"name\":\"a\",\"arguments\":{},\"parameters\":{}}", 1, "arguments stand there twice"),
        ("{\"name\":\"a\",\"arguments\":{\"x\":{\"y\":1,\n\"y\":2}}}", 2, "key `y`"),
        ("{\"name\":\"a\",\"arguments\":{},\"why\":1}", 1, "unknown key `why`"),
        ("{\"arguments\":{}}", 1, "`name` is missing"),
        ("{\"name\":\"\",\"arguments\":{}}", 1, "`name` is empty"),
        ("{\"name\":\"a\"}", 1, "`arguments` is missing"),
        ("{\"name\":\"a\",\"arguments\":null}", 1, "null"),
        ("{\"name\":\"a\",\"arguments\":[1]}", 1, "has to be an object"),
        ("{\"name\":\"a\",\"arguments\":\"1\"}", 1, "does not hold an object"),
        ("{\"name\":\"a\",\"arguments\":\"{x\"}", 1, "does not hold JSON"),
        ("{\"name\":1,\"arguments\":{}}", 1, "invalid type"),
        ("{\"name\":\"a\",\"arguments\":{}} {}", 1, "trailing"),
        ("{\"name\":\"a\",\"arguments\":{\"x\":1e999}}", 1, "out of range"),
        (&deep, 1, "recursion"),
    ] {
        let error = parse_call(span).unwrap_err();
        assert_eq!(error.line, line, "{span}: {error}");
        assert!(error.problem.contains(says), "{span}: {error}");
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        "[\\x00-\\x1f\"\\\\]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("\\PC{0,4}", inner, 0..4)
                .prop_map(|map| Value::from(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_rendered_reads_back(
        name in "\\PC{1,8}",
        arguments in proptest::collection::btree_map("\\PC{0,6}", json_value(), 0..4),
    ) {
        let arguments: Value = arguments.into_iter().collect::<Map<_, _>>().into();
        let call = parse_call(&render_call(&name, &arguments)).unwrap();
        prop_assert_eq!(call, ParsedCall { name, arguments });
    }

    #[test]
    fn nothing_panics(span in "\\PC{0,40}") {
        if let Err(error) = parse_call(&span) {
            prop_assert!(error.line >= 1 && error.column >= 1);
        }
    }
}
