//! What a component can and cannot do, through the real tool and the real sandbox.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{fs, path::Path};

use serde_json::{Value, json};
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
    for path in ["/etc/passwd", "/work/../secret", "/work/link", "/proc/self/environ", own.to_str().unwrap(), "secret"] {
        let (is_error, text) = place.call(&tool, json!({ "do": "read", "path": path })).await.unwrap();
        assert!(is_error && !text.contains("s3cret"), "{path}: {text}");
    }
    let (is_error, text) = place.call(&tool, json!({ "do": "write", "path": "/work/../b", "text": "x" })).await.unwrap();
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
        assert!(text.starts_with("error: prober ") && text.contains(says) && text.lines().count() == 1, "{what}: {text}");
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
    for bad in ["..", ".", "../tools", "a/b", ""] {
        assert!(matches!(store.remove(bad), Err(PluginError::Unknown(_))), "{bad}");
    }
    store.remove("prober").unwrap();
    assert!(store.list().is_empty());
    let left: Vec<_> = fs::read_dir(place.folder.path().join("tools")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_manifest_says_too_much_or_too_little() {
    let good = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prober/tool.toml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str| {
        fs::write(folder.path().join("tool.toml"), text).unwrap();
        Manifest::read(folder.path()).map_err(|error| error.to_string())
    };
    let manifest = read(&good).unwrap();
    assert!(manifest.spec(false).effects.is_empty(), "the run's own folder is nobody else's");
    assert_eq!(manifest.spec(true).effects, [Effect::Reads, Effect::Writes]);
    for (from, to, says) in [
        ("name = \"prober\"", "name = \"pro ber\"", "`name`"),
        ("component = \"prober.wasm\"", "component = \"../prober.wasm\"", "`component`"),
        ("component = \"prober.wasm\"", "component = \"/etc/passwd\"", "`component`"),
        ("sha256 = \"", "sha256 = \"0", "`sha256`"),
        ("type = \"object\"", "type = \"array\"", "`parameters`"),
        ("memory_mib = 16", "memory_mib = 100000", "memory_mib"),
        ("time_s = 1", "time_s = -1", "time_s"),
        ("time_s = 1", "time_s = nan", "time_s"),
        ("host = \"workspace\"", "host = \"../..\"", "`host`"),
        ("guest = \"/work\"", "guest = \"/work/../..\"", "`guest`"),
        ("[permissions]", "[permissions]\nroot = true", "unknown field"),
        ("[permissions]", "[permissions]\nhosts = [\"http://x/\"]", "host `http://x/`"),
    ] {
        assert!(good.contains(from), "{from}");
        let error = read(&good.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(says) && error.contains("tool.toml"), "{to}: {error}");
    }
}
