//! Ranking by meaning from the configuration to the answer, with the tiny random BERT of crates/embed.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::json;
use tempfile::tempdir;
use toolwright_protocol::CallId;
use toolwright_search::Index;
use toolwright_tool::{CallContext, CancellationToken, Tool as _};
use toolwright_toolbox::{CONFIG, Settings, Silent, Toolbox, Workspace};

fn model(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../embed/tests/fixtures").join(name)
}

fn toolbox(data: &Path, model: Option<&Path>) -> Toolbox {
    let embedding = model.map(|model| format!("[embedding]\nmodel = {:?}\n", model.display().to_string()));
    fs::write(data.join(CONFIG), format!("[search]\nalmanac = false\n{}", embedding.unwrap_or_default())).unwrap();
    let settings = Settings {
        data_dir: data.to_owned(),
        cache_dir: data.join("cache"),
        workspace: Workspace::OfTheRun,
        progress: Arc::new(Silent),
    };
    Toolbox::open(settings).unwrap()
}

/// The new vectors that are made.
fn embed(toolbox: &Toolbox) -> u64 {
    let cancel = CancellationToken::new();
    let (index, notice) = Index::open_or_rebuild(&toolbox.index_folder(), &(), &cancel).unwrap();
    assert_eq!(notice, None);
    toolbox.library(index).unwrap().embed(&|_, _| (), &cancel).unwrap()
}

async fn search(toolbox: &Toolbox, query: &str) -> (Vec<String>, String) {
    let tool = toolbox.search().unwrap();
    let context = CallContext::new(CallId(1), Path::new("nowhere"));
    let output = tool.call(&json!({ "query": query }), &context).await.unwrap();
    let results = output.data.unwrap()["results"].as_array().unwrap().clone();
    (results.iter().map(|result| result["title"].as_str().unwrap().to_owned()).collect(), output.text)
}

#[tokio::test]
async fn a_configured_model_ranks_by_meaning_and_another_one_starts_anew() {
    let data = tempdir().unwrap();
    let documents = tempdir().unwrap();
    for (name, text) in [("mat", "the cat sat on the mat"), ("dog", "a dog; two dogs!"), ("cats", "two cats")] {
        fs::write(documents.path().join(name).with_extension("txt"), text).unwrap();
    }
    let by_words = toolbox(data.path(), None);
    let (index, _) = Index::open_or_rebuild(&by_words.index_folder(), &(), &CancellationToken::new()).unwrap();
    index.add(&[documents.path().to_owned()], &(), &CancellationToken::new()).unwrap();
    drop(index);
    assert_eq!(embed(&by_words), 0);
    // No document holds a word of it.
    assert!(search(&by_words, "c m t ;").await.0.is_empty());

    let mean = toolbox(data.path(), Some(&model("mean")));
    let (_, text) = search(&mean, "the dog").await;
    assert!(text.contains("3 passages have no vectors yet"), "{text}");
    assert_eq!(embed(&mean), 3);
    assert_eq!(embed(&mean), 0);
    let (titles, text) = search(&mean, "c m t ;").await;
    assert_eq!(titles.len(), 3, "every passage has a place by meaning");
    assert!(!text.contains("Note:"), "{text}");
    // The words of a document find it, and its meaning agrees.
    let (titles, _) = search(&mean, "the cat sat on the mat").await;
    assert_eq!(titles[0], "mat");

    // Kept beside the index, through a building anew.
    let (index, _) = Index::rebuild(&mean.index_folder(), &(), &CancellationToken::new()).unwrap();
    assert_eq!(mean.library(index).unwrap().embed(&|_, _| (), &CancellationToken::new()).unwrap(), 0);

    let first = toolbox(data.path(), Some(&model("first")));
    let (_, text) = search(&first, "the dog").await;
    assert!(text.contains("3 passages have no vectors yet"), "{text}");
    assert_eq!(embed(&first), 3);
    assert!(!search(&first, "the dog").await.1.contains("Note:"));

    let none = toolbox(data.path(), Some(&documents.path().join("nothing")));
    let error = none.search().err().unwrap().to_string();
    assert!(error.contains("config.json"), "{error}");
}
