//! Tools by others as the toolbox puts them together: components and OpenAPI documents, told apart by their manifests.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
};

use serde_json::json;
use toolwright_protocol::{CallId, Effect};
use toolwright_tool::CallContext;
use toolwright_toolbox::{SecretSource, Secrets, Settings, Silent, Toolbox, Workspace};

struct Card;

impl Secrets for Card {
    fn read(&self, source: &SecretSource) -> Result<String, String> {
        assert_eq!(*source, SecretSource::Env("LIBRARY_CARD".into()));
        Ok("card-123".into())
    }
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tools")
}

/// Copies the files of an example, with changes to its manifest, to the added tools.
fn add(data: &Path, example: &str, files: &[&str], change: impl Fn(String) -> String) {
    let place = data.join("tools").join(example);
    fs::create_dir_all(&place).unwrap();
    for file in files {
        fs::copy(examples().join(example).join(file), place.join(file)).unwrap();
    }
    let manifest = fs::read_to_string(examples().join(example).join("tool.toml")).unwrap();
    fs::write(place.join("tool.toml"), change(manifest)).unwrap();
}

fn toolbox(data: &Path) -> Toolbox {
    let settings = Settings {
        data_dir: data.to_owned(),
        cache_dir: data.join("cache"),
        workspace: Workspace::OfTheRun,
        progress: Arc::new(Silent),
    };
    Toolbox::open_with(settings, Arc::new(Card)).unwrap()
}

/// Answers one request with this JSON; what it was asked comes back from the thread.
fn answer_once(listener: TcpListener, body: &'static str) -> JoinHandle<Vec<String>> {
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
        let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
        let length = body.len();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
            .unwrap();
        head
    })
}

#[tokio::test]
async fn the_examples_of_both_kinds_are_tools_and_the_library_is_asked() {
    let data = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    add(data.path(), "word_count", &["word_count.wasm"], |manifest| manifest);
    add(data.path(), "library", &["openapi.yaml"], |manifest| {
        let here = manifest.replace("127.0.0.1:8075", &address.to_string());
        here.replace("[permissions]", &format!("server = \"http://{address}\"\n\n[permissions]"))
    });
    let toolbox = toolbox(data.path());
    assert_eq!(toolbox.problems(), Vec::<String>::new().as_slice());
    let names = ["library_find_books", "library_get_book", "library_borrow_book", "word_count"];
    assert!(names.iter().all(|name| toolbox.names().iter().any(|known| known == name)), "{:?}", toolbox.names());
    let registry = toolbox.named(&["library_find_books", "library_borrow_book"]).unwrap();
    let effects: Vec<_> = registry.specs().into_iter().map(|spec| spec.effects).collect();
    assert_eq!(effects, [vec![Effect::Network], vec![Effect::Network, Effect::Writes]]);

    let server = answer_once(listener, "[ { \"id\": 1 } ]");
    let find = registry.get("library_find_books").unwrap();
    let arguments = json!({ "words": "Ada & co", "on_shelf": true });
    let found = find.call(&arguments, &CallContext::new(CallId(1), data.path())).await.unwrap();
    assert_eq!(found.text, "[{\"id\":1}]");
    let asked = server.join().unwrap();
    assert_eq!(asked[0], "GET /books?words=Ada%20%26%20co&on_shelf=true HTTP/1.1");
    assert!(asked.contains(&"x-library-card: card-123".to_owned()), "{asked:?}");
}

#[test]
fn the_example_is_right_as_it_is() {
    let data = tempfile::tempdir().unwrap();
    add(data.path(), "library", &["openapi.yaml"], |manifest| manifest);
    assert_eq!(toolbox(data.path()).problems(), Vec::<String>::new().as_slice());
}

#[test]
fn what_is_not_in_order_is_left_out_and_told() {
    let data = tempfile::tempdir().unwrap();
    add(data.path(), "library", &["openapi.yaml"], |manifest| manifest);
    fs::write(data.path().join("tools/library/openapi.yaml"), "openapi: 3.1.0").unwrap();
    // A document alone: the problem holds a manifest to begin with.
    let bare = data.path().join("tools/bare");
    fs::create_dir(&bare).unwrap();
    fs::copy(examples().join("library/openapi.yaml"), bare.join("openapi.yaml")).unwrap();
    // A plugin whose operation would be one of the built-in tools.
    let document = r#"{"openapi": "3.1.0", "servers": [{"url": "https://a.example"}],
                       "paths": {"/": {"get": {"operationId": "python"}, "post": {"operationId": "go"}}}}"#;
    let run = data.path().join("tools/run");
    fs::create_dir(&run).unwrap();
    fs::write(run.join("openapi.json"), document).unwrap();
    let draft = toolbox(data.path()).problems().iter().find(|problem| problem.contains("/run holds")).cloned().unwrap();
    let draft = draft.split_once("\n\n").unwrap().1.replace("name = \"service\"", "name = \"run\"");
    fs::write(run.join("tool.toml"), draft).unwrap();

    let toolbox = toolbox(data.path());
    let problems = toolbox.problems();
    for says in ["the file was changed", "begin with this one", "there is already a tool `run_python`"] {
        assert!(problems.iter().any(|problem| problem.contains(says)), "{says}: {problems:?}");
    }
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(toolbox.names().contains(&"run_go".to_owned()));
}
