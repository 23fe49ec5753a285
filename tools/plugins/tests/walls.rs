//! What a component can and cannot do, through the real tool and the real sandbox.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{fs, path::Path};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use toolwright_plugins::{Manifest, PluginError, PluginTool, ToolStore};
use toolwright_protocol::{CallId, Effect};
use toolwright_sandbox::{Sandbox, SandboxConfig};
use toolwright_tool::{CallContext, Tool as _, ToolError};

struct Place {
    folder: TempDir,
    sandbox: Sandbox,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::new(SandboxConfig { cache: folder.path().join("cache"), max_concurrent: 4 }).unwrap();
        Self { folder, sandbox }
    }

    fn prober(&self) -> PluginTool {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prober");
        PluginTool::open(&folder, self.sandbox.clone(), false).unwrap()
    }

    async fn call(&self, tool: &PluginTool, arguments: Value) -> Result<(bool, String), ToolError> {
        let context = CallContext::new(CallId(1), self.folder.path());
        tool.call(&arguments, &context).await.map(|output| (output.is_error, output.text))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_counts_words_and_is_what_its_manifest_says() {
    let place = Place::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tools/word_count");
    let tool = PluginTool::open(&folder, place.sandbox.clone(), false).unwrap();
    assert_eq!(tool.check().await.unwrap().differences, Vec::<String>::new());
    let said = place.call(&tool, json!({ "text": "To be or not to be", "most_frequent": 2 })).await;
    assert_eq!(said, Ok((false, "6 words\n2 be\n2 to".into())));
    fs::create_dir_all(place.folder.path().join("workspace")).unwrap();
    fs::write(place.folder.path().join("workspace/a.txt"), "one two").unwrap();
    assert_eq!(place.call(&tool, json!({ "path": "a.txt" })).await, Ok((false, "2 words".into())));
    let (is_error, text) = place.call(&tool, json!({ "path": "../secret" })).await.unwrap();
    assert!(is_error && text.starts_with("error: "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_sees_its_folders_and_nothing_else() {
    let place = Place::new();
    fs::write(place.folder.path().join("secret"), "s3cret").unwrap();
    fs::create_dir_all(place.folder.path().join("workspace")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret", place.folder.path().join("workspace/link")).unwrap();
    let tool = place.prober();
    let written = place.call(&tool, json!({ "do": "write", "path": "/work/a.txt", "text": "hi" })).await;
    assert_eq!(written, Ok((false, "written".into())));
    assert_eq!(fs::read_to_string(place.folder.path().join("workspace/a.txt")).unwrap(), "hi");
    let own = place.folder.path().join("secret");
    for path in ["/etc/passwd", "/work/../secret", "/work/link", "/proc/self/environ", own.to_str().unwrap(), "secret"]
    {
        let (is_error, text) = place.call(&tool, json!({ "do": "read", "path": path })).await.unwrap();
        assert!(is_error && !text.contains("s3cret"), "{path}: {text}");
    }
    let (is_error, text) =
        place.call(&tool, json!({ "do": "write", "path": "/work/../b", "text": "x" })).await.unwrap();
    assert!(is_error && !place.folder.path().join("b").exists(), "{text}");
    let (_, text) = place.call(&tool, json!({ "do": "environment" })).await.unwrap();
    assert!(!text.contains("PATH") && !text.contains("HOME"), "{text}");
    for arguments in [
        json!({ "do": "fetch", "url": "http://127.0.0.1:1/" }),
        json!({ "do": "connect", "address": "127.0.0.1:80" }),
        json!({ "do": "list", "path": "/" }),
    ] {
        let (is_error, text) = place.call(&tool, arguments.clone()).await.unwrap();
        assert!(is_error || text == "work", "{arguments}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_asks_the_hosts_of_its_manifest_and_no_private_address_under_their_names() {
    let place = Place::new();
    let (from, folder) =
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prober"), place.folder.path().join("networked"));
    fs::create_dir(&folder).unwrap();
    fs::copy(from.join("prober.wasm"), folder.join("prober.wasm")).unwrap();
    let hosts = "[permissions]\nhosts = [\"localhost\", \"*.example.com\"]";
    fs::write(folder.join("tool.toml"), good().replacen("[permissions]", hosts, 1)).unwrap();
    let tool = PluginTool::open(&folder, place.sandbox.clone(), false).unwrap();
    assert_eq!(tool.spec().effects, [Effect::Network]);
    for (url, says) in [
        ("http://evil.example/", "FetchError::Denied(\"the host evil.example is not on the list"),
        ("http://example.com.evil.example/", "FetchError::Denied(\"the host"),
        ("http://localhost:8080/", "FetchError::Denied(\"the host localhost:8080 is not on the list"),
        ("http://127.0.0.1/", "FetchError::Denied(\"the host 127.0.0.1 is not on the list"),
        ("file:///etc/passwd", "FetchError::Denied(\"`file:` is not supported"),
        ("http://user:secret@localhost/", "FetchError::Denied(\"the URL holds a user name"),
        ("http://localhost/", "FetchError::Failed(\"localhost resolves to a loopback address"),
    ] {
        let (is_error, text) = place.call(&tool, json!({ "do": "fetch", "url": url })).await.unwrap();
        assert!(is_error && text.contains(says), "{url}: {text}");
    }
    // And no socket of its own.
    let (is_error, text) = place.call(&tool, json!({ "do": "connect", "address": "127.0.0.1:80" })).await.unwrap();
    assert!(is_error, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_it_does_a_component_ends_with_one_line_and_the_next_call_works() {
    let place = Place::new();
    let tool = place.prober();
    for (what, says) in [
        ("spin", "ran longer than 1 s"),
        ("sleep", "ran longer than 1 s"),
        ("eat", "more than 16 MiB of memory"),
        ("fill", "more than 1 MiB"),
        ("flood", "prober"),
        ("panic", "crashed"),
    ] {
        let error = place.call(&tool, json!({ "do": what, "path": "/work/full" })).await.unwrap_err();
        let ToolError::Respond(text) = error else { panic!("{what}: {error:?}") };
        assert!(
            text.starts_with("error: prober ") && text.contains(says) && text.lines().count() == 1,
            "{what}: {text}"
        );
        assert_eq!(place.call(&tool, json!({ "do": "remember" })).await, Ok((false, "false".into())), "after {what}");
    }
    let written = fs::metadata(place.folder.path().join("workspace/full")).unwrap().len();
    assert!(written <= 1 << 20, "{written} bytes");
}

#[test]
fn a_changed_component_is_refused_and_a_replaced_one_is_whole() {
    let place = Place::new();
    let store = ToolStore::new(place.folder.path().join("tools"));
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prober");
    let files = ["tool.toml".to_owned(), "prober.wasm".to_owned()];
    let added = store.add("prober", &from, &files, false).unwrap();
    assert!(matches!(store.add("prober", &from, &files, false), Err(PluginError::Exists(_))));
    store.add("prober", &from, &files, true).unwrap();
    assert_eq!(store.list().len(), 1);
    let manifest = Manifest::read(&added).unwrap();
    assert!(manifest.component(&added).is_ok());
    let mut bytes = fs::read(added.join("prober.wasm")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(added.join("prober.wasm"), bytes).unwrap();
    assert!(matches!(manifest.component(&added), Err(PluginError::Changed { .. })));

    // What cannot be copied whole leaves what was there.
    let missing = ["tool.toml".to_owned(), "nothing.wasm".to_owned()];
    assert!(store.add("prober", &from, &missing, true).is_err());
    assert!(added.join("prober.wasm").exists());
    for bad in ["..", ".", "../tools", "a/b", "", "/", "./prober", "prober/"] {
        assert!(matches!(store.remove(bad), Err(PluginError::Unknown(_))), "{bad}");
        assert!(matches!(store.add(bad, &from, &files, true), Err(PluginError::BadName(_))), "{bad}");
        let hostile = ["tool.toml".to_owned(), bad.to_owned()];
        assert!(matches!(store.add("other", &from, &hostile, true), Err(PluginError::BadName(_))), "{bad}");
    }
    assert!(matches!(store.add(".hidden", &from, &files, true), Err(PluginError::BadName(_))));
    store.remove("prober").unwrap();
    assert!(store.list().is_empty());
    let left: Vec<_> = fs::read_dir(place.folder.path().join("tools")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// A manifest's text, read from a folder of its own.
fn read(text: &str) -> Result<Manifest, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tool.toml"), text).unwrap();
    Manifest::read(folder.path()).map_err(|error| error.to_string())
}

fn good() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prober/tool.toml")).unwrap()
}

#[test]
fn a_manifest_says_too_much_or_too_little() {
    let good = good();
    let manifest = read(&good).unwrap();
    assert!(manifest.spec(false).effects.is_empty(), "the run's own folder is nobody else's");
    assert_eq!(manifest.spec(true).effects, [Effect::Reads, Effect::Writes]);
    let long = format!("description = \"{}\"", "x".repeat(2001));
    let fat = format!("[parameters]\ndescription = \"{}\"", "x".repeat(17 << 10));
    let crowd = format!("[permissions]\nhosts = [{}]", "\"a.example\",".repeat(17));
    for (from, to, says) in [
        ("name = \"prober\"", "name = \"pro ber\"", "`name`"),
        ("name = \"prober\"", "name = \"../prober\"", "`name`"),
        ("name = \"prober\"", "name = \"</tool_call>\"", "`name`"),
        ("name = \"prober\"", "name = \"prоber\"", "`name`"), // a Cyrillic letter
        ("name = \"prober\"", "", "missing field `name`"),
        ("name = \"prober\"", "name = [1]", "invalid type"),
        ("name = \"prober\"", "name = \"a\"\nname = \"b\"", "duplicate key"),
        ("name = \"prober\"", "name = \"prober", "tool.toml"),
        ("name = \"prober\"", "name = \"prober\"\nversion = \"1\\n2\"", "`version`"),
        ("description = \"Tries what it is told to.\"", "description = \" \"", "`description`"),
        ("description = \"Tries what it is told to.\"", &long, "`description`"),
        (
            "description = \"Tries what it is told to.\"",
            "description = \"Harmless.\\u200b\"",
            "`description` holds U+200B",
        ),
        ("description = \"Tries what it is told to.\"", "description = \"a\\u202eb\"", "`description` holds U+202E"),
        (
            "description = \"Tries what it is told to.\"",
            "description = \"a\\U000E0041\"",
            "`description` holds U+E0041",
        ),
        ("description = \"Tries what it is told to.\"", "description = \"\\u001b[2J\"", "`description` holds U+001B"),
        ("component = \"prober.wasm\"", "component = \"../prober.wasm\"", "`component`"),
        ("component = \"prober.wasm\"", "component = \"/etc/passwd\"", "`component`"),
        ("component = \"prober.wasm\"", "component = \"a/prober.wasm\"", "`component`"),
        ("component = \"prober.wasm\"", "component = \"..\"", "`component`"),
        ("component = \"prober.wasm\"", "component = \"\"", "`component`"),
        ("sha256 = \"", "sha256 = \"0", "`sha256`"),
        ("sha256 = \"9", "sha256 = \"g", "`sha256`"),
        ("type = \"object\"", "type = \"array\"", "`parameters`"),
        ("type = \"object\"", "type = \"object\"\nrequired = \"path\"", "no valid JSON Schema"),
        ("type = \"object\"", "type = \"object\"\nproperties.a.pattern = \"(\"", "no valid JSON Schema"),
        ("type = \"object\"", "type = \"object\"\nproperties.a.\"$ref\" = \"#/$defs/none\"", "no valid JSON Schema"),
        (
            "type = \"object\"",
            "type = \"object\"\nproperties.a.\"$ref\" = \"http://127.0.0.1/x.json\"",
            "no valid JSON Schema",
        ),
        (
            "type = \"object\"",
            "type = \"object\"\nproperties.a.\"$ref\" = \"file:///etc/passwd\"",
            "no valid JSON Schema",
        ),
        ("type = \"object\"", "type = \"object\"\nproperties.a.title = \"\\u2066x\"", "`parameters` hold U+2066"),
        ("[parameters]", &fat, "16384 are the limit"),
        ("memory_mib = 16", "memory_mib = 100000", "memory_mib"),
        ("memory_mib = 16", "memory_mib = 0", "memory_mib"),
        ("memory_mib = 16", "memory_mib = -1", "memory_mib"),
        ("time_s = 1", "time_s = -1", "time_s"),
        ("time_s = 1", "time_s = nan", "time_s"),
        ("time_s = 1", "time_s = inf", "time_s"),
        ("disk_mib = 1", "disk_mib = 2000", "disk_mib"),
        ("host = \"workspace\"", "host = \"../..\"", "`host`"),
        ("host = \"workspace\"", "host = \"/srv/../etc\"", "`host`"),
        ("host = \"workspace\"", "host = \"~\"", "`host`"),
        ("guest = \"/work\"", "guest = \"/work/../..\"", "`guest`"),
        ("guest = \"/work\"", "guest = \"work\"", "`guest`"),
        ("access = \"rw\"", "access = \"root\"", "unknown variant"),
        (
            "access = \"rw\"",
            "access = \"rw\"\n[[permissions.folders]]\nhost = \"/srv\"\nguest = \"/work\"",
            "two folders",
        ),
        ("[permissions]", "[permissions]\nroot = true", "unknown field"),
        ("[permissions]", "[permissions]\nhosts = [\"http://x/\"]", "`hosts`: `http://x/` is not a host rule"),
        ("[permissions]", "[permissions]\nhosts = [\"*\"]", "`hosts`"),
        ("[permissions]", "[permissions]\nhosts = [\"*.com\"]", "`hosts`"),
        ("[permissions]", "[permissions]\nhosts = [\"\"]", "`hosts`"),
        ("[permissions]", &crowd, "at most 16"),
    ] {
        assert!(good.contains(from), "{from}");
        let error = read(&good.replacen(from, to, 1)).expect_err(to);
        assert!(error.contains(says) && error.contains("tool.toml"), "{to}: {error}");
        assert!(!error.contains(['\u{1b}', '\u{202e}']), "{to}: {error}");
    }
    // Schemas that are costly to follow are not followed without end.
    let doubling: String = (0..60)
        .map(|n| format!("[[parameters.\"$defs\".d{n}.allOf]]\n\"$ref\" = \"#/$defs/d{m}\"\n", m = n + 1).repeat(2))
        .collect();
    let doubled = good.replacen("[permissions]", &format!("{doubling}[parameters.\"$defs\".d60]\n[permissions]"), 1);
    let doubled = doubled.replacen("type = \"object\"", "type = \"object\"\n\"$ref\" = \"#/$defs/d0\"", 1);
    assert!(read(&doubled).is_ok(), "{:?}", read(&doubled));
    let deep = format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(&format!("{deep}\n{good}")).is_err());
}

#[test]
fn a_folder_holds_no_more_than_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("tool.toml");
    let said = |folder: &Path| Manifest::read(folder).unwrap_err().to_string();
    assert!(said(folder.path()).contains("tool.toml"));
    fs::write(&manifest, "#".repeat(257 << 10)).unwrap();
    assert!(said(folder.path()).contains("262144 are the limit"), "{}", said(folder.path()));
    fs::write(&manifest, [0xff, 0xfe]).unwrap();
    assert!(said(folder.path()).contains("is not UTF-8"));
    fs::remove_file(&manifest).unwrap();
    fs::create_dir(&manifest).unwrap();
    assert!(said(folder.path()).contains("no plain file"));

    // A component of any size is a file with a hole here; it is refused before it is read.
    let good = read(&good()).unwrap();
    let component = folder.path().join("prober.wasm");
    fs::File::create(&component).unwrap().set_len(65 << 20).unwrap();
    let error = good.component(folder.path()).unwrap_err().to_string();
    assert!(error.contains("68157440 bytes, and 67108864 are the limit"), "{error}");
    #[cfg(unix)]
    for target in ["/dev/zero", "/dev/stdin", "/nowhere", "."] {
        fs::remove_file(&component).unwrap();
        std::os::unix::fs::symlink(target, &component).unwrap();
        let error = good.component(folder.path()).unwrap_err().to_string();
        assert!(error.contains("prober.wasm"), "{target}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_component_of_ours_is_refused_even_with_the_right_hash() {
    let place = Place::new();
    for (bytes, says) in [
        (b"".as_slice(), "not a component"),
        (b"#!/bin/sh\necho hello", "not a component"),
        (b"\0asm\x01\0\0\0", "not a component"),
        (b"\0asm\x0d\0\x01\0", "not a component"),
    ] {
        let folder = place.folder.path().join("bad");
        fs::create_dir_all(&folder).unwrap();
        let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let manifest: Vec<_> = good()
            .lines()
            .map(|line| if line.starts_with("sha256") { format!("sha256 = \"{hash}\"") } else { line.to_owned() })
            .collect();
        fs::write(folder.join("tool.toml"), manifest.join("\n")).unwrap();
        fs::write(folder.join("prober.wasm"), bytes).unwrap();
        let tool = PluginTool::open(&folder, place.sandbox.clone(), false).unwrap();
        let error = tool.check().await.unwrap_err();
        assert!(error.to_string().contains(says) && error.to_string().contains("prober.wasm"), "{error}");
        assert!(matches!(place.call(&tool, json!({})).await, Err(ToolError::Fatal(_))));
    }
}

/// The file is looked at when the tool is first used, not when it was added.
#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_was_changed_after_it_was_added_does_not_run() {
    let place = Place::new();
    let store = ToolStore::new(place.folder.path().join("tools"));
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prober");
    let added = store.add("prober", &from, &["tool.toml".into(), "prober.wasm".into()], false).unwrap();
    let tool = PluginTool::open(&added, place.sandbox.clone(), false).unwrap();
    let other = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tools/word_count/word_count.wasm");
    fs::copy(other, added.join("prober.wasm")).unwrap();
    assert!(matches!(tool.prepare().await, Err(ToolError::Fatal(_))));
    let Err(ToolError::Fatal(why)) = place.call(&tool, json!({ "do": "remember" })).await else { panic!("it ran") };
    assert!(why.contains("has sha256 de8dedd8") && why.contains("the manifest says 99cc2c43"), "{why}");
    // Exchanged while the program runs, it stays what it was: the bytes that were checked are those that were compiled.
    fs::copy(from.join("prober.wasm"), added.join("prober.wasm")).unwrap();
    assert_eq!(tool.prepare().await, Ok(()));
    assert_eq!(place.call(&tool, json!({ "do": "remember" })).await, Ok((false, "false".into())));
    fs::write(added.join("prober.wasm"), "something else").unwrap();
    assert_eq!(place.call(&tool, json!({ "do": "remember" })).await, Ok((false, "false".into())));
}
