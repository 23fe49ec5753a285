use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn document(version: &str, schemas: &Value) -> Document {
    let text = json!({ "openapi": version, "paths": {}, "components": { "schemas": schemas } }).to_string();
    Document::parse(text.as_bytes(), "x.json").unwrap()
}

fn inline(version: &str, schemas: &Value, schema: &Value) -> Value {
    Inliner::new(&document(version, schemas), 8, 100).schema(schema)
}

#[test]
fn schemas_become_plain_ones() {
    for (given, inlined) in [
        (json!({ "type": "string", "nullable": true }), json!({ "type": ["string", "null"] })),
        (
            json!({ "type": "integer", "format": "int64", "minimum": 1, "exclusiveMinimum": true, "example": 7 }),
            json!({ "type": "integer", "exclusiveMinimum": 1 }),
        ),
        (json!({ "type": "file" }), json!({})),
        (json!(true), json!({})),
        (json!({ "type": "string", "enum": ["a"], "nullable": true }), json!({ "enum": ["a", null] })),
        (
            json!({ "allOf": [{ "$ref": "#/components/schemas/A" }], "description": "The a" }),
            json!({ "description": "The a", "type": "string" }),
        ),
        (json!({ "oneOf": [{ "type": "string" }, { "type": "string" }] }), json!({ "type": "string" })),
        (json!({ "anyOf": [{ "type": "string" }, {}] }), json!({})),
        (json!({ "$ref": "https://elsewhere.example/x.json" }), json!({})),
        (json!({ "$ref": "#/components/schemas/Nowhere" }), json!({})),
        (
            json!({ "type": "object", "required": ["a", "b", 5], "properties": { "a": { "type": "string", "readOnly": true }, "b": {} } }),
            json!({ "type": "object", "required": ["b"], "properties": { "b": {} }, "additionalProperties": false }),
        ),
        (
            json!({ "allOf": [
                { "type": "object", "additionalProperties": false, "properties": { "a": { "type": "string" } }, "required": ["a"] },
                { "properties": { "b": { "type": "number" } }, "required": ["b", "a"] }
            ] }),
            json!({ "type": "object", "additionalProperties": false, "properties": { "a": { "type": "string" }, "b": { "type": "number" } }, "required": ["a", "b"] }),
        ),
        (
            json!({ "allOf": [{ "type": "string", "minLength": 1 }, { "type": "string", "minLength": 2 }] }),
            json!({ "type": "string", "minLength": 1 }),
        ),
        (
            json!({ "type": "string", "description": "A code", "pattern": "^[A-Z]{3}$", "minLength": 5, "maxLength": 3 }),
            json!({ "type": "string", "description": "A code (pattern: ^[A-Z]{3}$)", "minLength": 5 }),
        ),
        (
            json!({ "allOf": [{ "properties": { "a": { "type": "string" }, "b": {} } }, { "required": ["a", "c"] }], "type": "object" }),
            json!({ "type": "object", "properties": { "a": { "type": "string" }, "b": {} }, "required": ["a"], "additionalProperties": false }),
        ),
        (
            json!({ "properties": { "a": {} }, "anyOf": [{ "required": ["a"] }, { "required": ["b"] }] }),
            json!({ "properties": { "a": {} }, "additionalProperties": false }),
        ),
        (json!({ "type": "integer", "minimum": 0.2, "maximum": 0.8 }), json!({ "type": "integer" })),
        (
            json!({ "type": "number", "minimum": 0.2, "maximum": 0.8 }),
            json!({ "type": "number", "minimum": 0.2, "maximum": 0.8 }),
        ),
        (json!({ "type": "number", "minimum": 3, "maximum": 2, "multipleOf": 0.01 }), json!({ "type": "number" })),
        (
            json!({ "anyOf": [{ "type": "string" }, { "type": "number" }], "type": "object", "nullable": true }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "number" }, { "type": "null" }] }),
        ),
    ] {
        assert_eq!(inline("3.0.0", &json!({ "A": { "type": "string" } }), &given), inlined, "{given}");
    }
    // What is 3.1 only, and what 3.1 no longer has.
    let both = json!({ "type": ["string", "null"], "nullable": true, "exclusiveMinimum": 3, "const": 5 });
    assert_eq!(inline("3.1.0", &json!({}), &both), json!({ "const": 5 }));
    let three_one = json!({ "type": "boolean", "nullable": true });
    assert_eq!(inline("3.1.0", &json!({}), &three_one), json!({ "type": "boolean" }));
}

#[test]
fn what_goes_round_or_deep_is_cut() {
    let tree =
        json!({ "Tree": { "type": "object", "properties": { "left": { "$ref": "#/components/schemas/Tree" } } } });
    let inlined = inline("3.1.0", &tree, &json!({ "$ref": "#/components/schemas/Tree" }));
    assert_eq!(inlined["properties"]["left"], json!({ "type": "object" }));

    let loops = json!({ "A": { "$ref": "#/components/schemas/B" }, "B": { "$ref": "#/components/schemas/A" } });
    assert_eq!(inline("3.1.0", &loops, &json!({ "$ref": "#/components/schemas/A" })), json!({}));

    // Each level stands for ten of the next: 10^30 in all.
    let reference = |n: usize| json!({ "$ref": format!("#/components/schemas/L{n}") });
    let level = |n: usize| {
        let properties: Map<String, Value> = (0..10).map(|i| (format!("p{i}"), reference(n + 1))).collect();
        (format!("L{n}"), json!({ "type": "object", "properties": properties }))
    };
    let laughs: Map<String, Value> = (0..30).map(level).collect();
    let laughs = document("3.1.0", &laughs.into());
    let mut inliner = Inliner::new(&laughs, 100, 0);
    assert!(inliner.schema(&reference(0)).to_string().len() < 1 << 20);

    // A chain of references and no schema at its end.
    let chain: Map<String, Value> = (0..5000).map(|n| (format!("L{n}"), reference(n + 1))).collect();
    assert_eq!(inline("3.1.0", &chain.into(), &reference(0)), json!({}));
}

/// Schemas as a generator, or somebody who means harm, could write them.
fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({ "$ref": "#/components/schemas/A" })),
        Just(json!({ "$ref": "#/components/schemas/B" })),
        Just(json!({ "type": "string", "format": "date", "pattern": "^a+$" })),
        Just(json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true, "nullable": true })),
        Just(json!({ "enum": ["a", 1, null] })),
        Just(json!({ "type": "array" })),
        Just(
            json!({ "type": 5, "enum": "x", "required": "y", "properties": [], "items": 3, "allOf": {}, "minLength": -1 })
        ),
        Just(json!(false)),
        Just(Value::Null),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(("[a-c]", inner.clone()), 0..4).prop_map(|properties| {
                let required: Vec<_> = properties.iter().map(|(name, _)| name.clone()).collect();
                json!({ "type": "object", "required": required, "properties": properties.into_iter().collect::<Map<_, _>>() })
            }),
            inner.clone().prop_map(|items| json!({ "type": "array", "items": items, "uniqueItems": true })),
            (prop::sample::select(vec!["allOf", "anyOf", "oneOf"]), prop::collection::vec(inner.clone(), 0..4))
                .prop_map(|(key, parts)| json!({ key: parts, "type": "object" })),
            inner.prop_map(|more| json!({ "additionalProperties": more, "not": {}, "$dynamicRef": "#x" })),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_inlined_stands_alone_and_can_be_checked(schema in any_schema(), a in any_schema(), b in any_schema(), depth in 0usize..8) {
        let document = document("3.0.3", &json!({ "A": a, "B": b }));
        let inlined = Inliner::new(&document, depth, 20).schema(&schema);
        let written = inlined.to_string();
        prop_assert!(!written.contains("\"$"), "{written}");
        if let Err(error) = jsonschema::validator_for(&inlined) {
            prop_assert!(false, "{error}: {written}");
        }
    }
}
