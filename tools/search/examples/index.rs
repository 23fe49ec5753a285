//! Adds files to an index and searches it: `index FOLDER PATH… [-- QUERY…]`.

use std::{
    error::Error,
    io::Write as _,
    path::{Path, PathBuf},
    time::Instant,
};

use toolwright_search::{Index, Library, Progress};
use toolwright_tool::CancellationToken;

struct Line;

#[allow(clippy::print_stderr, reason = "a program")]
impl Progress for Line {
    fn found(&self, files: u64, bytes: u64) {
        eprintln!("{files} files, {} MiB", bytes >> 20);
    }

    fn done(&self, files: u64, bytes: u64, _: &Path) {
        eprint!("\r{files} files, {} MiB", bytes >> 20);
        let _ = std::io::stderr().flush();
    }
}

#[allow(clippy::print_stdout, reason = "a program")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: index FOLDER PATH… [-- QUERY…]")?);
    let paths: Vec<PathBuf> = arguments.by_ref().take_while(|argument| argument != "--").map(PathBuf::from).collect();
    let query = arguments.collect::<Vec<_>>().join(" ");
    let cancel = CancellationToken::new();
    let start = Instant::now();
    let (index, notice) = Index::open_or_rebuild(&folder, &Line, &cancel)?;
    println!("{}", notice.unwrap_or_default());
    let report = index.add(&paths, &Line, &cancel)?;
    println!("\n{} ({:.1} s)", report.summary(), start.elapsed().as_secs_f64());
    for (path, reason) in &report.skipped {
        println!("skipped {}: {reason}", path.display());
    }
    for hit in Library::new(Some(index), false, None).search(&query, 3, 300)?.hits {
        println!("\n{} ({})\n{}", hit.passage.title, hit.passage.id, &hit.passage.text[hit.excerpt]);
    }
    Ok(())
}
