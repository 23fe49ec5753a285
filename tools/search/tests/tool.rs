//! What the model sees: the table of `cases.jsonl`, the examples of `tool.md`, and what happens around an index.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{fs, path::Path, sync::Arc};

use serde_json::{Value, json};
use tempfile::tempdir;
use toolwright_protocol::{CallId, Effect};
use toolwright_search::{Embedder, Index, Library, SearchConfig, SearchTool};
use toolwright_tool::{CallContext, CancellationToken, Tool as _, ToolError, ToolOutput};

fn tool(index: &Path) -> SearchTool {
    SearchTool::new(&SearchConfig::default(), index, &index.with_file_name("web"), None).unwrap()
}

async fn call(tool: &SearchTool, arguments: Value) -> Result<ToolOutput, ToolError> {
    tool.call(&arguments, &CallContext::new(CallId(1), Path::new("nowhere"))).await
}

fn title(output: &ToolOutput, number: usize) -> Option<String> {
    let title = output.data.as_ref().unwrap().pointer(&format!("/results/{number}/title"))?;
    Some(title.as_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_case_gives_what_the_table_says() {
    let tool = tool(Path::new("no-index"));
    let mut wrong = Vec::new();
    for line in include_str!("../cases.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let output = call(&tool, json!({ "query": case["query"] })).await.unwrap();
        let first = output.text.split("\n\n[2]").next().unwrap();
        let is_right = title(&output, 0).as_deref() == case["first"].as_str();
        if !is_right || !first.contains(case["holds"].as_str().unwrap()) {
            wrong.push(format!("{line}\n{first}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(!Path::new("no-index").exists(), "searching makes no index");
}

#[tokio::test]
async fn the_examples_of_the_description_are_true() {
    let tool = tool(Path::new("no-index"));
    let examples: Vec<_> =
        include_str!("../tool.md").lines().filter_map(|line| line.split_once(" -> ")).skip(1).collect();
    assert!(examples.len() >= 3);
    for (query, first) in examples {
        assert_eq!(title(&call(&tool, json!({ "query": query })).await.unwrap(), 0).as_deref(), Some(first), "{query}");
    }
    assert_eq!(tool.spec().effects, [Effect::Reads]);
    assert!(
        matches!(call(&tool, json!({ "query": " " })).await, Err(ToolError::Respond(text)) if text.starts_with("error: "))
    );
}

#[tokio::test]
async fn the_users_documents_come_first_and_long_passages_are_cut_around_what_fits() {
    let folder = tempdir().unwrap();
    let (documents, index) = (folder.path().join("documents"), folder.path().join("index"));
    fs::create_dir(&documents).unwrap();
    let tool = tool(&index);
    assert!(title(&call(&tool, json!({ "query": "tungsten" })).await.unwrap(), 0).unwrap().contains("Tungsten"));
    let filler = "Nothing of interest is told in this sentence. ".repeat(20);
    fs::write(documents.join("lab.txt"), format!("Lab book\n\n{filler}Tungsten melts at noon here. {filler}")).unwrap();
    let paths = [documents.clone()];
    Index::open(&index).unwrap().add(&paths, &(), &CancellationToken::new()).unwrap();
    // The index was made after the tool.
    let output = call(&tool, json!({ "query": "lab book: tungsten melts at noon here", "limit": 10 })).await.unwrap();
    assert_eq!(title(&output, 0).unwrap(), "Lab book");
    let first = output.text.split("\n\n[2]").next().unwrap();
    assert!(first.starts_with("[1] Lab book (") && first.contains("… ") && first.contains("melts at noon"), "{first}");
    assert!(first.len() < 700);
    let result = &output.data.as_ref().unwrap()["results"][0];
    let text = fs::read_to_string(documents.join("lab.txt")).unwrap();
    let range = result["start"].as_u64().unwrap() as usize..result["end"].as_u64().unwrap() as usize;
    assert_eq!(&text[range], result["text"].as_str().unwrap());
    let at = |end: &str| result["shown"][end].as_u64().unwrap() as usize;
    assert!(first.ends_with(&format!("… {} …", &text[at("start")..at("end")])), "{first}");

    // Damage after the tool has opened the index, and before.
    let engine = index.join("engine");
    for entry in fs::read_dir(&engine).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "store" || ending == "term") {
            fs::write(path, b"garbage").unwrap();
        }
    }
    let fresh = self::tool(&index);
    let output = call(&fresh, json!({ "query": "lab book: tungsten melts at noon here" })).await.unwrap();
    assert_eq!(title(&output, 0).unwrap(), "Lab book");
    assert!(output.text.contains("Note: the index was damaged"), "{}", output.text);
    assert_eq!(
        title(&call(&tool, json!({ "query": "lab book melt at noon here" })).await.unwrap(), 0).unwrap(),
        "Lab book"
    );
}

#[tokio::test]
async fn any_query_gets_a_bounded_answer() {
    let tool = tool(Path::new("no-index"));
    for query in [
        "tungsten ".repeat(12_000),
        "x".repeat(100_000),
        "東京".repeat(20_000),
        "title:gold AND (NOT \"x\" OR [a TO b]~2 ^5 *".into(),
        "how many".into(),
        "?!… — \u{202e}\u{0}".into(),
    ] {
        let output = call(&tool, json!({ "query": query, "limit": 10 })).await.unwrap();
        assert!(!output.text.is_empty() && output.text.len() < 8000, "{}", output.text.len());
        let shown: String = query.chars().take(20).collect();
        let found = output.data.as_ref().unwrap()["results"].as_array().unwrap().len();
        assert!(found > 0 || output.text.starts_with("No results for: "), "{shown}: {}", output.text);
    }
    let output = call(&tool, json!({ "query": "\u{202e}" })).await.unwrap();
    assert!(output.text.contains("Try other words"), "{}", output.text);
}

/// Counts letters: enough to see that vectors are kept and used.
struct Letters(&'static str);

impl Embedder for Letters {
    fn name(&self) -> &str {
        self.0
    }

    fn dimensions(&self) -> usize {
        26
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, String> {
        let vector = |text: &&str| {
            let mut counts = [0.0_f32; 26];
            for letter in text.bytes().map(|b| b.to_ascii_lowercase()).filter(u8::is_ascii_lowercase) {
                counts[usize::from(letter - b'a')] += 1.0;
            }
            let length = counts.iter().map(|n| n * n).sum::<f32>().sqrt().max(1.0);
            counts.iter().map(|n| n / length).collect()
        };
        Ok(texts.iter().map(vector).collect())
    }
}

#[test]
fn passages_are_found_by_meaning_once_they_are_embedded() {
    let folder = tempdir().unwrap();
    let documents = [("a", "zzz zzzz zz"), ("b", "qqq qqqq qq"), ("c", "common words of a text")];
    let documents = documents.map(|(source, text)| (source.to_owned(), source.to_owned(), text.to_owned()));
    let open = |name| {
        let index = Index::open(folder.path()).unwrap();
        Library::new(Some(index), false, Some(Arc::new(Letters(name)) as Arc<dyn Embedder>))
    };
    let embed = |library: &Library| library.embed(&|_, _| (), &CancellationToken::new()).unwrap();
    Index::open(folder.path()).unwrap().insert(documents.clone()).unwrap();
    let library = open("letters");
    assert!(library.search("qzqqqqqqqqq", 3, 100).unwrap().hits.is_empty());
    assert_eq!(embed(&library), 3);
    assert_eq!(library.search("qzqqqqqqqqq", 3, 100).unwrap().hits[0].passage.source, "b");
    // Kept, and not made again for what is known.
    let changed = ("d".to_owned(), "d".to_owned(), "kkk".to_owned());
    Index::open(folder.path()).unwrap().insert([documents[0].clone(), changed]).unwrap();
    let library = open("letters");
    assert_eq!(embed(&library), 1);
    assert_eq!(library.search("kkkkkk", 1, 100).unwrap().hits[0].passage.source, "d");
    // Words and meaning together.
    assert_eq!(library.search("common zz", 3, 100).unwrap().hits.len(), 3);
    assert_eq!(embed(&open("another model")), 4);
    // A record cut short, a file of garbage.
    let file = folder.path().join("vectors");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 5]).unwrap();
    assert_eq!(embed(&open("another model")), 1);
    fs::write(&file, "garbage").unwrap();
    assert_eq!(embed(&open("another model")), 4);
}
