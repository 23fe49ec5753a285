//! Whatever a document says, calls of its operations have a grammar: one that had none would be the end of every run
//! that offers the tool.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::LazyLock;

use common::open;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use toolwright_engine::{Constraint, ConstraintFactory, Dialect};
use toolwright_protocol::ToolSpec;

const SHOP: &str = include_str!("documents/shop.json");
const HOSTS: &str = "[permissions]\nhosts = [\"eu.shop.example\"]\n";

static GRAMMARS: LazyLock<ConstraintFactory> = LazyLock::new(|| {
    let tokenizer = toolwright_testkit::tokenizer(true);
    ConstraintFactory::new(&tokenizer, &Dialect::detect(&tokenizer)).unwrap()
});

fn specs(document: &str) -> Vec<ToolSpec> {
    open(document, HOSTS).unwrap().tools().iter().map(|tool| tool.spec().clone()).collect()
}

#[test]
fn the_whole_shop_has_one() {
    let specs = specs(SHOP);
    assert_eq!(specs.len(), 10);
    Constraint::for_tools(&GRAMMARS, &specs).unwrap();
}

/// Schemas that are right, wrong, or at odds with themselves.
fn any_schema() -> impl Strategy<Value = Value> {
    let number = || prop::sample::select(vec![json!(-1), json!(0), json!(0.5), json!(1), json!(3), json!(100_000)]);
    let simple = (
        prop::sample::select(vec![
            json!("string"),
            json!("integer"),
            json!("number"),
            json!("array"),
            json!("object"),
            json!(["string", "null"]),
        ]),
        prop::sample::select(vec![
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "multipleOf",
            "minProperties",
        ]),
        number(),
        prop::sample::select(vec![
            ("minimum", json!(2)),
            ("maxLength", json!(1)),
            ("pattern", json!("^(?=a)\\\\b$")),
            ("pattern", json!("(")),
            ("format", json!("date")),
            ("format", json!("email")),
            ("format", json!("regex")),
            ("enum", json!(["a", 5, null, [], {}])),
            ("enum", json!([])),
            ("const", json!(7)),
            ("nullable", json!(true)),
            ("exclusiveMinimum", json!(true)),
            ("uniqueItems", json!(true)),
            ("not", json!({})),
            ("additionalProperties", json!(false)),
            ("required", json!(["x", "x"])),
        ]),
    );
    let simple = simple.prop_map(|(kind, bound, number, (key, value))| {
        let mut schema = json!({ "type": kind, bound: number });
        schema[key] = value;
        schema
    });
    let leaf = prop_oneof![4 => simple, 1 => Just(json!({})), 1 => Just(json!(false)), 1 => Just(json!({ "$ref": "#/components/schemas/A" }))];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let combined = (
            prop::sample::select(vec!["allOf", "anyOf", "oneOf", "prefixItems"]),
            prop::collection::vec(inner.clone(), 0..4),
        );
        prop_oneof![
            (prop::collection::vec(("[a-c]", inner.clone()), 0..4), combined.clone()).prop_map(
                |(properties, (key, parts))| {
                    let properties: Map<String, Value> = properties.into_iter().collect();
                    json!({ "type": "object", "required": ["a", "d"], "properties": properties, key: parts })
                }
            ),
            (inner.clone(), inner.clone())
                .prop_map(|(items, more)| json!({ "items": items, "minItems": 2, "additionalProperties": more })),
            (combined, inner).prop_map(|((key, parts), beside)| {
                let mut schema = if beside.is_object() { beside } else { json!({}) };
                schema[key] = parts.into();
                schema
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_schema_has_one(schema in any_schema(), a in any_schema(), required: bool, version in "3\\.[01]\\.0") {
        let body = json!({ "required": required, "content": { "application/json": { "schema": schema } } });
        let parameter = json!({ "name": "q", "in": "query", "required": true, "schema": { "$ref": "#/components/schemas/A" } });
        let operation = json!({ "post": { "requestBody": body, "parameters": [parameter] } });
        let document = json!({
            "openapi": version, "servers": [{ "url": "https://eu.shop.example" }],
            "paths": { "/a": operation }, "components": { "schemas": { "A": a } }
        });
        let specs = specs(&document.to_string());
        if let Err(error) = Constraint::for_tools(&GRAMMARS, &specs) {
            prop_assert!(false, "{error}: {}", specs[0].parameters);
        }
    }
}
