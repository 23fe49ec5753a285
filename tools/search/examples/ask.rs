//! Searches as a model does: `ask QUERY… [--index FOLDER]`.

use std::{error::Error, path::PathBuf};

use serde_json::json;
use toolwright_protocol::CallId;
use toolwright_search::{SearchConfig, SearchTool};
use toolwright_tool::{CallContext, Tool as _};

#[allow(clippy::print_stdout, reason = "a program")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let mut folder = PathBuf::from("no-index");
    if let Some(at) = words.iter().position(|word| word == "--index") {
        words.remove(at);
        folder = words.remove(at).into();
    }
    let tool = SearchTool::new(&SearchConfig::default(), &folder, &folder.join("web"), None)?;
    let context = CallContext::new(CallId(1), &folder);
    for _ in 0..2 {
        let start = std::time::Instant::now();
        let output = tool.call(&json!({ "query": words.join(" ") }), &context).await?;
        println!("{}\n({:.1} ms)\n", output.text, start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}
