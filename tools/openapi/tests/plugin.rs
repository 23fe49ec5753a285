//! From a folder to tools: what a model is told, what is refused, what is left out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{fs, sync::Arc};

use common::{One, folder, open, sha256};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use toolwright_openapi::{NoSecrets, OpenApiError, OpenApiPlugin, is_plugin};
use toolwright_protocol::Effect;
use toolwright_tool::ToolRegistry;

const SHOP: &str = include_str!("documents/shop.json");
const HOSTS: &str = "[permissions]\nhosts = [\"eu.shop.example\"]\n";
const KEY: &str = "[[credentials]]\nheader = \"x-api-key\"\nenv = \"SHOP_KEY\"\n";

fn refused(document: &str, rest: &str) -> String {
    match open(document, rest) {
        Ok(plugin) => panic!("{} tools", plugin.tools().len()),
        Err(error) => error.to_string(),
    }
}

/// A document with these paths.
fn with_paths(paths: Value) -> String {
    json!({ "openapi": "3.1.0", "servers": [{ "url": "https://eu.shop.example" }], "paths": paths }).to_string()
}

#[test]
fn every_operation_becomes_a_tool_with_its_schema() {
    let plugin = open(SHOP, &format!("{HOSTS}{KEY}")).unwrap();
    assert_eq!(plugin.title(), "The Corner Shop");
    let mut registry = ToolRegistry::new();
    for tool in plugin.tools() {
        registry.register(Arc::clone(tool)).unwrap();
        jsonschema::validator_for(&tool.spec().parameters).unwrap();
    }
    insta::assert_json_snapshot!("shop", registry.specs());
    insta::assert_json_snapshot!("shop_notes", plugin.notes());
}

#[test]
fn yaml_means_the_same_as_json() {
    let yaml = r#"
openapi: 3.1.0
info: { title: Weather, version: "1" }
servers:
  - url: https://eu.shop.example/v1
paths:
  /forecast/{place}:
    get:
      operationId: forecast
      description: >
        The weather
        of tomorrow.
      parameters:
        - { name: place, in: path, required: true, schema: { type: string } }
        - name: country
          in: query
          schema: &country { type: string, enum: [no, "yes", 1.0, de] }
      responses:
        200:
          description: ok
        404: { description: none }
"#;
    let folder = folder(yaml, "openapi.yaml", HOSTS);
    let plugin = OpenApiPlugin::open(folder.path(), Arc::new(NoSecrets)).unwrap();
    let spec = plugin.tools()[0].spec();
    assert_eq!((spec.name.as_str(), spec.description.as_str()), ("shop_forecast", "The weather of tomorrow."));
    assert_eq!(spec.parameters["properties"]["country"]["enum"], json!(["no", "yes", 1.0, "de"]));
    assert_eq!(spec.effects, [Effect::Network]);
    assert!(is_plugin(folder.path()));

    let bomb: String = (1..40).map(|n| format!("a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(9))).collect();
    let bomb = format!("openapi: 3.1.0\npaths: {{}}\na0: &a0 [x]\n{bomb}");
    let folder = common::folder(&bomb, "openapi.yml", HOSTS);
    let error = OpenApiPlugin::open(folder.path(), Arc::new(NoSecrets)).err().unwrap().to_string();
    assert!(error.contains("is no YAML"), "{error}");
}

#[test]
fn what_is_no_fitting_document_is_refused_and_says_why() {
    for (document, says) in [
        ("dear diary".to_owned(), "is no JSON: expected value at line 1"),
        ("{}".to_owned(), "is no OpenAPI document"),
        (r#"{"swagger": "2.0", "paths": {}}"#.to_owned(), "is Swagger 2.0, and OpenAPI 3.0 or 3.1 is needed"),
        (r#"{"openapi": "3.2.0", "paths": {}}"#.to_owned(), "is OpenAPI 3.2.0"),
        (r#"{"openapi": "3.0.0"}"#.to_owned(), "has no `paths`"),
        (with_paths(json!({})), "has no operation that can be a tool: it describes no operation"),
        (format!("{}{}", "[".repeat(5000), "]".repeat(5000)), "is no JSON: recursion limit"),
        (with_paths(json!({ "no-slash": { "get": {} } })), "its path must begin with `/`"),
        (with_paths(json!({ "/{a": { "get": {} } })), "`{` without `}`"),
        (with_paths(json!({ "/a": { "$ref": "#/paths/~1a" } })), "refers to itself"),
        (with_paths(json!({ "/a": { "$ref": "other.json#/a" } })), "leads to another document"),
    ] {
        let error = refused(&document, HOSTS);
        assert!(error.contains(says) && error.contains("openapi.json"), "{document:.80}: {error}");
    }
    let many: Map<String, Value> =
        (0..201).map(|n| (format!("/p{n}"), json!({ "get": { "operationId": format!("op{n}") } }))).collect();
    let many = with_paths(many.into());
    let error = refused(&many, HOSTS);
    assert!(error.contains("describes 201 operations") && error.contains("operations = [\"op0\", \"op1\""), "{error}");
    let some = open(&many, &format!("operations = [\"op7\", \"GET /p200\", \"get /p9\"]\n{HOSTS}")).unwrap();
    let names: Vec<_> = some.tools().iter().map(|tool| tool.spec().name.clone()).collect();
    assert_eq!(names, ["shop_op7", "shop_op9", "shop_op200"]);
    let error = refused(&many, &format!("operations = [\"op7\", \"opp8\"]\n{HOSTS}"));
    assert!(error.contains("has no operation `opp8`") && error.contains("\"op0\""), "{error}");
    let deprecated = open(SHOP, &format!("operations = [\"old\"]\n{HOSTS}{KEY}")).unwrap();
    assert_eq!(deprecated.tools()[0].spec().description, "GET /old");
}

#[test]
fn calls_go_where_the_manifest_says_and_nowhere_else() {
    let error = refused(SHOP, "[permissions]\nhosts = [\"us.shop.example\"]\n");
    assert!(
        error.contains("the server is eu.shop.example, and `permissions.hosts` of tool.toml allows only us."),
        "{error}"
    );
    for (server, says) in [
        ("http://eu.shop.example/", "the credential would be seen; use https"),
        ("http://127.0.0.1:80/", "allows only eu.shop.example"),
        ("/v1", "`/v1` is no whole address"),
        ("https://eu.shop.example/?key=1", "neither `?` nor `#`"),
        ("https://user:word@eu.shop.example/", "user name or a password"),
        ("file:///etc/passwd", "`file:` is not supported"),
    ] {
        let error = refused(SHOP, &format!("server = \"{server}\"\n{HOSTS}{KEY}"));
        assert!(error.contains(says), "{server}: {error}");
    }
    let error = refused(SHOP, "server = \"http://127.0.0.1:8075\"\n[permissions]\nhosts = [\"127.0.0.1:8075\"]\n");
    assert!(error.contains("loopback") && error.contains("permissions.private_hosts"), "{error}");
    // The second server of an operation is one that may be asked.
    let servers = json!([{ "url": "https://evil.example" }, { "url": "https://eu.shop.example/b" }]);
    assert_eq!(open(&with_paths(json!({ "/a": { "get": { "servers": servers } } })), HOSTS).unwrap().tools().len(), 1);
    assert_eq!(open(SHOP, &format!("server = \"https://eu.shop.example\"\n{HOSTS}")).unwrap().tools().len(), 10);
}

#[test]
fn manifests_are_checked() {
    for (rest, says) in [
        ("", "missing field `permissions`"),
        ("[permissions]\n", "`permissions.hosts` must name the host"),
        ("[permissions]\nhosts = [\"https://a.example/\"]", "not a host rule"),
        ("[permissions]\nhosts = [\"a.example\"]\ntime_s = 0", "time_s"),
        ("[permissions]\nhosts = [\"a.example\"]\ntime_s = nan", "time_s"),
        ("operations = []\n[permissions]\nhosts = [\"a.example\"]", "`operations` is empty"),
        ("colour = 5\n[permissions]\nhosts = [\"a.example\"]", "unknown field `colour`"),
        (
            "[permissions]\nhosts = [\"a.example\"]\n[[credentials]]\nheader = \"A b\"\nenv = \"X\"",
            "no name of a header",
        ),
        ("[permissions]\nhosts = [\"a.example\"]\n[[credentials]]\nheader = \"A\"", "either `env`"),
        (
            "[permissions]\nhosts = [\"a.example\"]\n[[credentials]]\nheader = \"A\"\nenv = \"X\"\nfile = \"/x\"",
            "either `env`",
        ),
        ("[permissions]\nhosts = [\"a.example\"]\n[[credentials]]\nheader = \"A\"\nfile = \"x\"", "an absolute path"),
    ] {
        let error = refused(SHOP, rest);
        assert!(error.contains(says) && error.contains("tool.toml"), "{rest}: {error}");
    }
    let place = folder(SHOP, "openapi.json", HOSTS);
    let manifest = fs::read_to_string(place.path().join("tool.toml")).unwrap();
    for (from, to, says) in [
        ("\"shop\"", "\"a b\"", "`name` is \"a b\""),
        ("\"openapi.json\"", "\"../openapi.json\"", "a file beside tool.toml"),
        (&sha256(SHOP.as_bytes())[..8], "xyz", "64 hex digits"),
        (&sha256(SHOP.as_bytes())[..8], "00000000", "the file was changed"),
    ] {
        fs::write(place.path().join("tool.toml"), manifest.replace(from, to)).unwrap();
        let error = OpenApiPlugin::open(place.path(), Arc::new(NoSecrets)).err().unwrap();
        assert!(error.to_string().contains(says), "{error}");
    }
    fs::write(place.path().join("tool.toml"), &manifest).unwrap();
    fs::write(place.path().join("openapi.json"), SHOP.replace("Corner", "Evil")).unwrap();
    let error = OpenApiPlugin::open(place.path(), Arc::new(NoSecrets)).err().unwrap();
    assert!(
        matches!(&error, OpenApiError::Changed { expected, .. } if *expected == sha256(SHOP.as_bytes())),
        "{error}"
    );
}

#[test]
fn the_two_kinds_of_folders_are_told_apart() {
    let place = folder(SHOP, "openapi.json", HOSTS);
    let manifest = place.path().join("tool.toml");
    assert!(is_plugin(place.path()));
    fs::write(&manifest, "name = \"x\"\ncomponent = \"x.wasm\"\n").unwrap();
    assert!(!is_plugin(place.path()), "a component may have such a file beside it");
    fs::write(&manifest, "openapi = 'x' broken").unwrap();
    assert!(!is_plugin(place.path()));
    fs::remove_file(&manifest).unwrap();
    assert!(is_plugin(place.path()));
    // The manifest that is offered is one that works.
    let error = OpenApiPlugin::open(place.path(), Arc::new(NoSecrets)).err().unwrap();
    let OpenApiError::NoManifest { draft, .. } = &error else { panic!("{error}") };
    assert!(error.to_string().contains("hosts = [\"eu.shop.example\"]"), "{error}");
    fs::write(&manifest, draft).unwrap();
    let plugin = OpenApiPlugin::open(place.path(), Arc::new(NoSecrets)).unwrap();
    assert_eq!(plugin.manifest().name, "the_corner_shop");
    assert_eq!(plugin.notes().last().unwrap(), "the document asks for credentials, and tool.toml names none");
    fs::remove_file(&manifest).unwrap();
    for (server, line) in [
        ("http://127.0.0.1:8075/v1", "\nprivate_hosts = [\"127.0.0.1:8075\"]"),
        ("http://[::1]:80", "\nprivate_hosts = [\"[::1]\"]"),
        ("http://localhost", "\nprivate_hosts = [\"localhost\"]"),
        ("https://8.8.8.8", "\nhosts = [\"8.8.8.8\"]"),
        ("/v1", "\nhosts = [\"api.example.com\"]"),
    ] {
        let document = json!({ "openapi": "3.1.0", "servers": [{ "url": server }], "paths": {} }).to_string();
        fs::write(place.path().join("openapi.json"), document).unwrap();
        let error = OpenApiPlugin::open(place.path(), Arc::new(NoSecrets)).err().unwrap().to_string();
        assert!(error.contains(line), "{error}");
    }
    fs::remove_file(place.path().join("openapi.json")).unwrap();
    assert!(!is_plugin(place.path()));
}

#[test]
fn a_large_schema_is_cut_until_it_fits() {
    let text = "words ".repeat(60);
    let leaf: Map<String, Value> =
        (0..12).map(|n| (format!("field{n}"), json!({ "type": "string", "description": text }))).collect();
    let nest = |inner: Value| -> Value {
        let properties: Map<String, Value> = (0..12).map(|n| (format!("part{n}"), inner.clone())).collect();
        json!({ "type": "object", "properties": properties })
    };
    let schema = nest(nest(json!({ "type": "object", "properties": leaf })));
    let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    let plugin = open(&with_paths(json!({ "/a": { "post": { "requestBody": body } } })), HOSTS).unwrap();
    let parameters = &plugin.tools()[0].spec().parameters;
    assert!(parameters.to_string().len() < 16 << 10);
    assert_eq!(parameters["properties"]["part7"]["type"], "object");

    let many: Map<String, Value> = (0..2000).map(|n| (format!("field{n}"), json!({ "type": "string" }))).collect();
    let body = json!({ "required": true, "content": { "application/json": { "schema": { "properties": many } } } });
    let error = refused(&with_paths(json!({ "/a": { "post": { "requestBody": body } } })), HOSTS);
    assert!(error.contains("left out POST /a: its arguments take"), "{error}");
}

/// JSON as it could stand anywhere in a document.
fn any_json() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "parameters",
        "requestBody",
        "content",
        "application/json",
        "schema",
        "get",
        "post",
        "servers",
        "url",
        "name",
        "in",
        "required",
        "properties",
        "type",
        "$ref",
        "operationId",
        "summary",
        "variables",
        "default",
        "style",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec![
            "object",
            "query",
            "path",
            "#/paths/~1a",
            "#",
            "https://eu.shop.example",
            "deepObject",
            "a"
        ])
        .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..5).prop_map(|entries| entries
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_document_is_a_panic(item in any_json(), operation in any_json(), method in "get|post|put") {
        let document = with_paths(json!({ "/a": item, "/b/{id}": { method: operation } }));
        if let Ok(plugin) = open(&document, HOSTS) {
            let mut registry = ToolRegistry::new();
            for tool in plugin.tools() {
                registry.register(Arc::clone(tool)).unwrap();
                prop_assert!(jsonschema::validator_for(&tool.spec().parameters).is_ok());
            }
        }
    }
}

#[test]
fn secrets_are_not_read_until_they_are_sent() {
    let place = folder(SHOP, "openapi.json", &format!("{HOSTS}{KEY}"));
    for secrets in [Arc::new(NoSecrets) as Arc<dyn toolwright_openapi::Secrets>, Arc::new(One("x"))] {
        assert!(OpenApiPlugin::open(place.path(), secrets).is_ok());
    }
}
