//! Paths that lead out of the workspace, names that make trouble, things that are no files: none of them reaches what
//! lies outside, each is answered in one clear line, and the next call works.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

mod common;

use std::fs;

use common::Place;
use serde_json::{Value, json};

const SECRET: &str = "s3cret";

/// A workspace with a file, beside a secret.
fn place() -> Place {
    let place = Place::of_the_examples();
    fs::write(place.outside().join("secret"), SECRET).unwrap();
    place
}

/// The calls that use `path`.
fn calls(path: &str) -> [(&'static str, Value); 5] {
    [
        ("list_files", json!({ "path": path })),
        ("list_files", json!({ "path": path, "recursive": true, "search": "cret" })),
        ("read_file", json!({ "path": path })),
        ("write_file", json!({ "path": path, "content": "overwritten" })),
        ("patch_file", json!({ "path": path, "old": SECRET, "new": "overwritten" })),
    ]
}

/// Nothing outside was changed, and nothing but what a test put into the workspace is in it.
fn check_untouched(place: &Place, after: &str) {
    assert_eq!(fs::read_to_string(place.outside().join("secret")).unwrap(), SECRET, "{after}");
    let mut around: Vec<_> = fs::read_dir(place.outside()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    around.sort();
    assert_eq!(around, ["secret", "workspace"], "{after}");
    assert_eq!(place.says("read_file", &json!({ "path": "notes.txt", "limit": 1 })).lines().next(), Some("call Ada"));
}

#[test]
fn paths_that_lead_out_are_refused_before_anything_is_touched() {
    let place = place();
    let own = place.outside().join("secret").display().to_string();
    let climbing = [
        "..",
        "../",
        "../secret",
        "data/../../secret",
        "./../secret",
        "data/../../../etc/passwd",
        "a/b/c/../../../../secret",
        "..//secret",
        "data/..",
    ];
    let absolute = [
        "/",
        "/etc/passwd",
        "//etc/passwd",
        "/proc/self/environ",
        "/dev/zero",
        "~",
        "~/.ssh/id_rsa",
        "~root/x",
        "\\\\server\\share\\x",
        "\\windows\\win.ini",
        "C:",
        "C:\\windows\\win.ini",
        "c:/windows/win.ini",
        own.as_str(),
    ];
    let nul = ["notes.txt\0", "\0", "notes.txt\0/../../secret"];
    let long = ["x/".repeat(600), "x".repeat(5_000), "../".repeat(2_000)];
    let all = climbing.iter().map(|path| (*path, "leads out of the workspace"));
    let all =
        all.chain(absolute.iter().map(|path| (*path, "is an absolute path; paths are relative to the workspace")));
    let all = all.chain(nul.iter().map(|path| (*path, "it holds a NUL character")));
    let all = all.chain(long.iter().map(|path| (path.as_str(), "it is too long")));
    for (path, says) in all {
        for (tool, arguments) in calls(path) {
            let error = place.call(tool, &arguments).expect_err(path);
            assert!(error.starts_with("error: `") && error.contains(says), "{tool} {path:?}: {error}");
            assert!(
                error.lines().count() == 1 && error.len() < 400 && !error.contains('\0'),
                "{tool} {path:?}: {error}"
            );
        }
    }
    check_untouched(&place, "paths");
}

#[test]
fn names_that_make_trouble_elsewhere_are_not_given_to_new_files() {
    let place = place();
    for (path, says) in [
        ("data\\x.txt", "write folders as `folder/file`"),
        ("..\\secret", "write folders as `folder/file`"),
        ("a\nb.txt", "control characters"),
        ("\u{1b}[31mred.txt", "control characters"),
        ("con", "Windows reserves"),
        ("data/NUL.txt", "Windows reserves"),
        ("aux.c/x", "Windows reserves"),
        ("LPT1 .txt", "Windows reserves"),
        ("com¹", "Windows reserves"),
        ("notes.txt.", "ends in a dot or a blank"),
        ("notes.txt ", "ends in a dot or a blank"),
        ("data ./x", "ends in a dot or a blank"),
    ] {
        let error = place.call("write_file", &json!({ "path": path, "content": "x" })).expect_err(path);
        assert!(error.contains(says) && error.lines().count() == 1 && !error.contains('\u{1b}'), "{path:?}: {error}");
    }
    let name = "n".repeat(256);
    for tool in ["read_file", "write_file", "patch_file", "list_files"] {
        let arguments = json!({ "path": name, "content": "", "old": "a", "new": "b" });
        let error = place.call(tool, &arguments).unwrap_err();
        assert!(error.contains("is not a usable path: a name in it is"), "{tool}: {error}");
    }
    // What only looks like trouble is a name like any other.
    for path in [
        "..txt",
        "...x",
        "console.txt",
        "comm",
        "com10",
        "ünï 漢.txt",
        "a:b",
        "-rf",
        "$(x)",
        "%2e%2e",
        "{}",
        &"n".repeat(255),
    ] {
        let said = place.says("write_file", &json!({ "path": path, "content": "x" }));
        assert_eq!(said, format!("wrote 1 bytes to {path} (created)"));
        assert_eq!(place.says("read_file", &json!({ "path": path })), "x");
    }
    check_untouched(&place, "names");
}

#[cfg(unix)]
mod unix {
    use std::{
        os::unix::{
            fs::{PermissionsExt as _, symlink},
            net::UnixListener,
        },
        path::Path,
        sync::atomic::{AtomicBool, Ordering},
    };

    use super::*;

    /// Links of every sort that lead out, as someone else may have left them in the workspace.
    #[test]
    fn links_that_lead_out_are_no_way_out() {
        let place = place();
        let own = place.outside();
        for (name, target) in [
            ("link", Path::new("../secret")),
            ("deep/link", Path::new("../../secret")),
            ("absolute", &own.join("secret")),
            ("up", Path::new("..")),
            ("root", Path::new("/")),
            ("self", Path::new("/proc/self/root")),
            ("chain", Path::new("link")),
            ("inside-and-out", Path::new("data/../../secret")),
            // It leads back in, but through the outside.
            ("round", &own.join("workspace/notes.txt")),
        ] {
            fs::create_dir_all(place.file("deep")).unwrap();
            symlink(target, place.file(name)).unwrap();
        }
        let paths = [
            "link",
            "deep/link",
            "absolute",
            "chain",
            "inside-and-out",
            "up",
            "up/secret",
            "up/workspace/notes.txt",
            "root",
            "root/etc/passwd",
            "self/etc/passwd",
            "round",
        ];
        for path in paths {
            for (tool, arguments) in calls(path) {
                let said = place.call(tool, &arguments);
                let error = said.as_ref().expect_err(path);
                assert!(error.contains("leads out of the workspace"), "{tool} {path}: {error}");
                assert!(!error.contains(SECRET), "{tool} {path}: {error}");
            }
            let error =
                place.call("write_file", &json!({ "path": format!("{path}/new/x"), "content": "x" })).expect_err(path);
            assert!(error.contains("leads out of the workspace"), "{path}: {error}");
        }
        // They are shown as what they are, and neither entered nor searched.
        let shown = place.says("list_files", &json!({ "recursive": true }));
        assert!(
            shown.contains("link  (link)") && shown.contains("root  (link)") && shown.ends_with("[13 entries]"),
            "{shown}"
        );
        let found = place.says("list_files", &json!({ "search": SECRET }));
        assert_eq!(found, "[0 lines in 2 text files]");
        check_untouched(&place, "links");
    }

    #[test]
    fn links_that_stay_inside_are_followed_and_stay_links() {
        let place = place();
        symlink("data/prices.csv", place.file("prices")).unwrap();
        symlink("data", place.file("folder")).unwrap();
        symlink("nowhere", place.file("dangling")).unwrap();
        symlink("loop", place.file("loop")).unwrap();
        assert_eq!(
            place.says("read_file", &json!({ "path": "prices", "limit": 1 })),
            "item,price\n[line 1 of 3; next: offset 2]"
        );
        assert_eq!(place.says("list_files", &json!({ "path": "folder" })), "prices.csv  30 bytes\n[1 entry]");
        place.call("patch_file", &json!({ "path": "prices", "old": "tea", "new": "coffee" })).unwrap();
        place.call("write_file", &json!({ "path": "folder/more.csv", "content": "x" })).unwrap();
        assert!(place.file("prices").is_symlink() && place.file("data/more.csv").is_file());
        assert!(fs::read_to_string(place.file("data/prices.csv")).unwrap().contains("coffee,3.40"));
        for path in ["dangling", "loop"] {
            assert!(place.call("read_file", &json!({ "path": path })).is_err(), "{path}");
        }
        check_untouched(&place, "links inside");
    }

    /// A file of outside that has a second name in the workspace keeps its content: a new file takes the name's place.
    #[test]
    fn a_hard_link_to_outside_is_replaced_not_written_through() {
        let place = place();
        fs::hard_link(place.outside().join("secret"), place.file("hard")).unwrap();
        place.call("patch_file", &json!({ "path": "hard", "old": SECRET, "new": "overwritten" })).unwrap();
        assert_eq!(fs::read_to_string(place.file("hard")).unwrap(), "overwritten");
        check_untouched(&place, "hard link");
    }

    #[test]
    fn what_is_no_file_is_told_of_and_left_alone() {
        let place = place();
        let made = std::process::Command::new("mkfifo").arg(place.file("pipe")).status().unwrap();
        assert!(made.success());
        let _socket = UnixListener::bind(place.file("socket")).unwrap();
        for (path, says) in [("pipe", "`pipe` is a pipe, not a file"), ("socket", "`socket` is a socket, not a file")] {
            // None of these waits for someone at the other end.
            for (tool, arguments) in calls(path).into_iter().skip(2) {
                let error = place.call(tool, &arguments).expect_err(path);
                assert!(error.contains(says), "{tool} {path}: {error}");
            }
        }
        let shown = place.says("list_files", &json!({}));
        assert!(shown.contains("pipe  (pipe)\nsocket  (socket)"), "{shown}");
        assert_eq!(place.says("list_files", &json!({ "search": "milk" })).lines().count(), 3);
    }

    #[test]
    fn names_that_are_no_text_and_files_that_are_read_only() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

        let place = place();
        fs::write(place.file("data").join(OsStr::from_bytes(b"bad\xff\nname")), "x").unwrap();
        let shown = place.says("list_files", &json!({ "path": "data" }));
        assert_eq!(shown, "bad\u{fffd}\\nname  1 bytes\nprices.csv  30 bytes\n[2 entries]");
        fs::set_permissions(place.file("notes.txt"), fs::Permissions::from_mode(0o444)).unwrap();
        for (tool, arguments) in calls("notes.txt").into_iter().skip(3) {
            let arguments = json!({ "path": "notes.txt", "content": "x", "old": "Ada", "new": arguments["new"].as_str().unwrap_or("x") });
            let error = place.call(tool, &arguments).unwrap_err();
            assert!(error.contains("`notes.txt` is read-only"), "{tool}: {error}");
        }
        // A program stays one.
        place.put("run.sh", "echo one\n");
        fs::set_permissions(place.file("run.sh"), fs::Permissions::from_mode(0o750)).unwrap();
        place.call("patch_file", &json!({ "path": "run.sh", "old": "one", "new": "two" })).unwrap();
        assert_eq!(fs::metadata(place.file("run.sh")).unwrap().permissions().mode() & 0o777, 0o750);
    }

    /// A folder that becomes a link to the outside and back while it is used: whatever the moment, it is the folder's own
    /// file, or an error.
    #[test]
    fn a_folder_that_is_exchanged_meanwhile_is_no_way_out() {
        let place = place();
        fs::create_dir(place.outside().join("other")).unwrap();
        fs::write(place.outside().join("other/file"), SECRET).unwrap();
        place.put("real/file", "mine");
        let (turning, real, link) = (place.file("turning"), place.file("real"), place.file("link"));
        symlink(place.outside().join("other"), &link).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    for from in [&real, &link] {
                        // A write may have made a folder of that name while there was none.
                        match fs::rename(from, &turning) {
                            Ok(()) => fs::rename(&turning, from).unwrap(),
                            Err(_) => drop(fs::remove_dir_all(&turning)),
                        }
                    }
                }
            });
            for turn in 0..1_500 {
                let said = place.says("read_file", &json!({ "path": "turning/file" }));
                assert!(said == "mine" || said.starts_with("error: "), "{said}");
                assert!(!place.says("list_files", &json!({ "search": SECRET })).contains("file:1"));
                if turn % 10 == 0 {
                    place.says("patch_file", &json!({ "path": "turning/file", "old": SECRET, "new": "overwritten" }));
                    place.says("write_file", &json!({ "path": "turning/file", "content": "mine" }));
                }
            }
            done.store(true, Ordering::Relaxed);
        });
        assert_eq!(fs::read_to_string(place.outside().join("other/file")).unwrap(), SECRET);
        assert_eq!(fs::read_dir(place.outside().join("other")).unwrap().count(), 1);
    }

    #[test]
    fn a_workspace_that_is_not_there_is_made_by_the_first_file() {
        let place = place();
        fs::remove_dir_all(place.file("")).unwrap();
        assert_eq!(place.says("list_files", &json!({})), "[the workspace is empty]");
        assert_eq!(place.says("read_file", &json!({ "path": "a" })), "error: there is no `a`: the workspace is empty");
        assert_eq!(place.says("write_file", &json!({ "path": "a", "content": "1" })), "wrote 1 bytes to a (created)");
    }
}

#[test]
fn a_crowd_of_files_is_cut_and_sorted() {
    let place = place();
    for n in 0..450 {
        place.put(&format!("many/{n:03}/x.txt"), "milk");
    }
    let shown = place.says("list_files", &json!({ "path": "many", "recursive": true }));
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!((lines[0], lines[1], lines.len()), ("000/", "000/x.txt  4 bytes", 201));
    assert_eq!(lines[200], "[200 of 900 entries shown; list a folder of them to see the rest]");
    let found = place.says("list_files", &json!({ "path": "many", "search": "milk" }));
    assert_eq!(found.lines().count(), 201);
    assert!(found.ends_with("[450 lines in 450 text files; 200 shown]"), "{found}");
    // A folder that no one writes text into is named and not entered.
    place.put(".git/objects/ab", "milk");
    assert!(place.says("list_files", &json!({ "recursive": true })).starts_with(".git/\ndata/\n"));
}

#[test]
fn a_call_that_is_over_changes_nothing() {
    let place = place();
    let context = place.context();
    context.cancel.cancel();
    for (tool, arguments) in [
        ("write_file", json!({ "path": "notes.txt", "content": "x" })),
        ("patch_file", json!({ "path": "notes.txt", "old": "Ada", "new": "x" })),
        ("read_file", json!({ "path": "notes.txt" })),
        ("list_files", json!({ "search": "milk" })),
    ] {
        let error = place.call_in(&context, tool, &arguments).unwrap_err();
        assert_eq!(error, "error: stopped before it was done", "{tool}");
    }
    assert_eq!(fs::read_dir(place.file("")).unwrap().count(), 2, "nothing is left beside");
    check_untouched(&place, "a cancelled call");
}
