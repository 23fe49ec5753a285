//! The index over real folders: incremental, interrupted, damaged, hostile.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
};

use tempfile::{TempDir, tempdir};
use toolwright_search::{AddReport, Index, Library, Progress, SearchError, Verdict};
use toolwright_tool::CancellationToken;

struct Place {
    _keep: TempDir,
    documents: PathBuf,
    index: PathBuf,
}

fn place() -> Place {
    let keep = tempdir().unwrap();
    let root = keep.path().canonicalize().unwrap();
    let (documents, index) = (root.join("documents"), root.join("index"));
    fs::create_dir(&documents).unwrap();
    Place { _keep: keep, documents, index }
}

impl Place {
    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.documents.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn add(&self) -> AddReport {
        add(&self.open(), &self.documents)
    }

    fn open(&self) -> Index {
        Index::open(&self.index).unwrap()
    }

    fn find(&self, query: &str) -> Vec<String> {
        find(self.open(), query)
    }
}

fn add(index: &Index, path: &Path) -> AddReport {
    index.add(&[path.to_owned()], &(), &CancellationToken::new()).unwrap()
}

/// The names of the files that a query finds.
fn find(index: Index, query: &str) -> Vec<String> {
    let found = Library::new(Some(index), false, None).search(query, 10, 500).unwrap();
    let name = |source: &str| Path::new(source).file_name().unwrap().to_str().unwrap().to_owned();
    found.hits.iter().map(|hit| name(&hit.passage.source)).collect()
}

fn counts(report: &AddReport) -> [u64; 4] {
    [report.added, report.unchanged, report.updated, report.removed]
}

#[test]
fn only_what_changed_is_read_again() {
    let place = place();
    let a = place.write("a.txt", "The quokka is a small wallaby.");
    place.write("sub/b.md", "# Birds\n\nThe kookaburra laughs.");
    place.write("sub/c.rs", "fn wombat() {}\n");
    place.write(".hidden", "A secret platypus.");
    place.write("skip.log", "An ignored platypus.");
    place.write(".gitignore", "*.log\n");
    assert_eq!(counts(&place.add()), [3, 0, 0, 0]);
    assert_eq!(counts(&place.add()), [0, 3, 0, 0]);
    assert!(place.find("platypus").is_empty());
    assert_eq!(place.find("wallabies"), ["a.txt"]);

    place.write("a.txt", "The numbat eats termites, and nothing else.");
    fs::rename(place.documents.join("sub/b.md"), place.documents.join("sub/birds.md")).unwrap();
    assert_eq!(counts(&place.add()), [1, 1, 1, 1]);
    assert!(place.find("quokka").is_empty());
    assert_eq!(place.find("termite"), ["a.txt"]);
    assert_eq!(place.find("kookaburra"), ["birds.md"]);

    // Touched, but the same.
    let file = fs::File::options().write(true).open(&a).unwrap();
    file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(5)).unwrap();
    assert_eq!(counts(&place.add()), [0, 3, 0, 0]);

    // A text that becomes binary goes; one that cannot be found any more too.
    place.write("a.txt", b"\0\0\0");
    fs::remove_dir_all(place.documents.join("sub")).unwrap();
    let report = place.add();
    assert_eq!(counts(&report), [0, 0, 0, 3]);
    assert_eq!(report.skipped.len(), 1);
    assert!(place.open().is_empty().unwrap() && place.open().list().unwrap().is_empty());
}

#[test]
fn what_is_taken_out_stays_out_until_it_is_added() {
    let place = place();
    let old = place.write("old/a.txt", "The quokka is a small wallaby.");
    place.write("new/b.txt", "The kookaburra laughs.");
    place.add();
    assert_eq!(place.open().remove(&[place.documents.join("old")]).unwrap(), 1);
    assert_eq!(counts(&place.add()), [0, 1, 0, 0]);
    let (index, report) = Index::rebuild(&place.index, &(), &CancellationToken::new()).unwrap();
    assert_eq!(counts(&report), [1, 0, 0, 0]);
    assert_eq!(counts(&add(&index, &old)), [1, 0, 0, 0]);
    assert_eq!(place.find("quokka"), ["a.txt"]);
    let typo = add(&index, &place.documents.join("nothing"));
    assert_eq!(typo.skipped, [(place.documents.join("nothing"), "no such file or folder".to_owned())]);
    fs::remove_file(&old).unwrap();
    assert_eq!(counts(&add(&index, &old)), [0, 0, 0, 1]);
}

/// Dies at a file, or cancels there.
struct Stop {
    at: u64,
    cancel: Option<CancellationToken>,
    done: AtomicU64,
}

impl Progress for Stop {
    fn found(&self, files: u64, bytes: u64) {
        assert!(files > 0 && bytes > 0);
    }

    fn done(&self, files: u64, _: u64, _: &Path) {
        self.done.store(files, Ordering::Relaxed);
        if files == self.at {
            match &self.cancel {
                Some(cancel) => cancel.cancel(),
                None => panic!("killed"),
            }
        }
    }
}

#[test]
fn an_adding_that_dies_or_is_cancelled_goes_on() {
    let place = place();
    for number in 0..40 {
        // Large enough that a commit falls in the middle.
        place
            .write(&format!("{number:02}.txt"), format!("Number{number} {}", "filler text of a file. ".repeat(30_000)));
    }
    let paths = [place.documents.clone()];
    let index = place.open();
    let dies = Stop { at: 35, cancel: None, done: AtomicU64::new(0) };
    catch_unwind(AssertUnwindSafe(|| index.add(&paths, &dies, &CancellationToken::new()))).unwrap_err();
    drop(index);
    let kept = place.open().list().unwrap().len();
    assert!((1..35).contains(&kept), "{kept}");
    let cancel = CancellationToken::new();
    let stops = Stop { at: 37, cancel: Some(cancel.clone()), done: AtomicU64::new(0) };
    let report = place.open().add(&paths, &stops, &cancel).unwrap();
    assert!(report.cancelled);
    assert_eq!(report.unchanged, kept as u64);
    assert_eq!(stops.done.into_inner(), 37);
    assert_eq!(counts(&place.add()), [3, 37, 0, 0]);
    assert_eq!(place.find("number39"), ["39.txt"]);
}

#[test]
fn a_second_writer_is_told_and_readers_go_on() {
    struct Look<'a>(&'a Place);
    impl Progress for Look<'_> {
        fn found(&self, _: u64, _: u64) {
            let error =
                self.0.open().add(std::slice::from_ref(&self.0.documents), &(), &CancellationToken::new()).unwrap_err();
            assert!(matches!(error, SearchError::Busy(_)), "{error}");
            assert_eq!(self.0.find("quokka"), ["a.txt"]);
        }
        fn done(&self, _: u64, _: u64, _: &Path) {}
    }
    let place = place();
    place.write("a.txt", "The quokka is a small wallaby.");
    place.add();
    place.write("b.txt", "Another one.");
    let reader = Library::new(Some(place.open()), false, None);
    place.open().add(std::slice::from_ref(&place.documents), &Look(&place), &CancellationToken::new()).unwrap();
    assert_eq!(reader.search("another", 3, 500).unwrap().hits.len(), 1, "a reader sees what others commit");
}

/// Copies a folder without folders in folders in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn damage_to_any_file_is_found_and_mended() {
    let place = place();
    for number in 0..6 {
        place.write(&format!("{number}.txt"), format!("Document{number} tells of the quokka and others."));
    }
    place.add();
    place.write("0.txt", "Document0 has changed, so that there are deletions.");
    place.add();
    let mut files = Vec::new();
    for folder in [place.index.clone(), place.index.join("engine")] {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.extend(entries.filter(|path| path.is_file() && fs::metadata(path).unwrap().len() > 0));
    }
    assert!(files.len() > 8, "{files:?}");
    let mut rebuilt = 0;
    for file in &files {
        for kind in ["empty", "half", "middle", "digit", "gone"] {
            let broken = place.index.with_file_name("broken");
            let _ = fs::remove_dir_all(&broken);
            copy(&place.index, &broken);
            let path = broken.join(file.strip_prefix(&place.index).unwrap());
            let mut bytes = fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            match kind {
                "empty" => bytes.clear(),
                "half" => bytes.truncate(middle),
                "middle" => bytes[middle] ^= 0x01,
                "digit" => {
                    let digit = bytes.iter().position(u8::is_ascii_digit).unwrap_or(0);
                    bytes[digit] ^= 0x01;
                }
                _ => {}
            }
            fs::write(&path, bytes).unwrap();
            if kind == "gone" {
                fs::remove_file(&path).unwrap();
            }
            let (index, notice) = Index::open_or_rebuild(&broken, &(), &CancellationToken::new())
                .unwrap_or_else(|error| panic!("{kind} {}: {error}", path.display()));
            rebuilt += usize::from(notice.is_some());
            // What names the sources may be lost, but not the documents that are there.
            drop(index);
            for number in [0, 5] {
                let found = find(Index::open(&broken).unwrap(), &format!("document{number}"));
                assert_eq!(found, [format!("{number}.txt")], "{kind} {}", path.display());
            }
        }
    }
    assert!(rebuilt > 3 * files.len(), "{rebuilt} of {} damages were seen", 5 * files.len());
}

#[test]
fn hostile_files_are_skipped_with_a_reason_or_searched() {
    let place = place();
    place.write("invalid.txt", b"The quokka \xff\xfe\x80 is here.");
    place.write("line.txt", "endless ".repeat(400_000));
    place.write("word.txt", "x".repeat(3_000_000));
    place.write("deep.html", format!("<html>{}<p>kangaroo", "<div>".repeat(100_000)));
    place.write("broken.pdf", "%PDF-1.7\n1 0 obj <</Length 99999999999>> stream\n");
    place.write("zip.txt", b"PK\x03\x04\x14\0\0\0\x08\0quokka");
    place.write("empty.txt", "");
    std::os::unix::fs::symlink(&place.documents, place.documents.join("loop")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", place.documents.join("link.txt")).unwrap();
    let has_pipe = Command::new("mkfifo").arg(place.documents.join("pipe.txt")).status().is_ok_and(|s| s.success());
    let sparse = fs::File::create(place.documents.join("huge.txt")).unwrap();
    sparse.set_len((64 << 20) + 1).unwrap();
    let report = place.add();
    let mut skipped: Vec<_> =
        report.skipped.iter().map(|(path, _)| path.file_name().unwrap().to_str().unwrap()).collect();
    skipped.sort_unstable();
    let mut expected = vec!["broken.pdf", "huge.txt", "link.txt", "loop", "zip.txt"];
    expected.extend(has_pipe.then_some("pipe.txt"));
    expected.sort_unstable();
    assert_eq!(skipped, expected, "{:?}", report.skipped);
    assert!(report.skipped.iter().all(|(_, why)| !why.is_empty()));
    assert_eq!(report.added, 5);
    assert_eq!(place.find("quokka"), ["invalid.txt"]);
    assert_eq!(place.find("kangaroo"), ["deep.html"]);
}

#[test]
fn no_sign_in_a_query_means_anything() {
    let place = place();
    place.write("a.txt", "In C++ a lambda is (unclosed, they say).");
    place.write("b.txt", "In C a function is a function.");
    place.add();
    assert_eq!(place.find("C++ \"unclosed ("), ["a.txt"]);
    let library = Library::new(Some(place.open()), true, None);
    for query in
        ["title:a", "-lambda", "+", "*", "\"", "a AND OR NOT", "[x TO y]", "~", "\\", "^5", "", "  ", "\0", "é"]
    {
        library.search(query, 3, 500).unwrap();
    }
    assert_eq!(place.find("-lambda"), ["a.txt"]);
    assert_eq!(place.find(&"lambda word ".repeat(100_000)), ["a.txt"]);
}

#[test]
fn texts_in_other_scripts_are_found() {
    let place = place();
    place.write("beijing.txt", "北京是中华人民共和国的首都，人口超过两千一百万。");
    place.write("shanghai.txt", "上海是中国人口最多的城市之一，位于长江入海口。");
    place.write("tokyo.txt", "東京は日本の首都である。人口は約一千四百万人。");
    place.write("seoul.txt", "서울은 대한민국의 수도이고 인구는 약 구백사십만 명이다.");
    place.write("moscow.txt", "Москва — столица России. Население Москвы — около тринадцати миллионов человек.");
    place.write("cairo.txt", "القاهرة هي عاصمة مصر وأكبر مدنها من حيث عدد السكان.");
    place.write("athens.txt", "Η Αθήνα είναι η πρωτεύουσα της Ελλάδας.");
    place.write("delhi.txt", "नई दिल्ली भारत की राजधानी है।");
    place.write("bangkok.txt", "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย");
    place.write("tel-aviv.txt", "ירושלים היא בירת ישראל, ותל אביב היא העיר השנייה בגודלה.");
    place.write("paris.txt", "Paris est la capitale de la France; le cafe\u{301} y est cher.");
    place.add();
    for (query, file) in [
        ("中国首都在哪里", "beijing.txt"),
        ("長江", "shanghai.txt"),
        ("长江入海口", "shanghai.txt"),
        ("日本の首都", "tokyo.txt"),
        ("서울 인구", "seoul.txt"),
        ("население столицы России", "moscow.txt"),
        ("МОСКВЕ", "moscow.txt"),
        ("عاصمة مصر", "cairo.txt"),
        ("ελλαδα πρωτευουσα", "athens.txt"),
        ("भारत राजधानी", "delhi.txt"),
        ("เมืองหลวง", "bangkok.txt"),
        ("בירת ישראל", "tel-aviv.txt"),
        ("café Paris", "paris.txt"),
    ] {
        assert_eq!(place.find(query).first().map(String::as_str), Some(file), "{query}");
    }
}

#[test]
fn a_citation_can_be_checked() {
    let place = place();
    let text = "\u{feff}# Marsupials\r\n\r\nThe quokka — a small wallaby — lives on Rottnest Island.\r\n";
    let path = place.write("a.md", text);
    place.add();
    let library = Library::new(Some(place.open()), true, None);
    let hit = library.search("where does the quokka live", 1, 500).unwrap().hits.remove(0).passage;
    let bytes = fs::read(&path).unwrap();
    let from = hit.in_file.unwrap();
    assert_eq!(&bytes[from..from + hit.text.len()], hit.text.as_bytes());
    assert_eq!(library.passage(&hit.id).unwrap().as_ref(), Some(&hit));
    let verify = |text: &str| library.verify(&hit.source, hit.start, hit.end, text).unwrap();
    assert_eq!(verify(&hit.text), Verdict::Stands);
    assert_eq!(verify("The quokka lives in Sydney."), Verdict::Changed);
    fs::write(&path, "# Marsupials\n\nSomething else.").unwrap();
    assert_eq!(verify(&hit.text), Verdict::Changed);
    fs::remove_file(&path).unwrap();
    let fact = library.search("atomic number of tungsten", 1, 500).unwrap().hits.remove(0).passage;
    assert!(fact.source.starts_with("almanac://"));
    assert_eq!(library.passage(&fact.id).unwrap().as_ref(), Some(&fact));
    assert_eq!(library.verify(&fact.source, fact.start, fact.end, &fact.text).unwrap(), Verdict::Stands);
    assert_eq!(library.verify("almanac://nothing", 0, 1, "x").unwrap(), Verdict::Gone);
    for (start, end) in [(9, 3), (0, usize::MAX), (usize::MAX, 0)] {
        assert_eq!(library.verify(&fact.source, start, end, &fact.text).unwrap(), Verdict::Changed);
        assert_ne!(library.verify(&hit.source, start, end, &hit.text).unwrap(), Verdict::Stands);
    }
}
