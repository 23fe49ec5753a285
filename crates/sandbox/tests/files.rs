//! The folder of a run: what may be written, what is seen of it outside, and that there is no way out.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

mod common;

use std::fs;

use common::{Host, guest, limits, mount, run};
use toolwright_sandbox::{Exit, LimitKind, Limits, Mount, Outcome, Policy, SandboxError};

/// Bytes in the folder.
fn size(host: &Host) -> u64 {
    fs::read_dir(host.work()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

/// Ends with the error number of this expression.
fn ends_with(expression: &str) -> String {
    format!("(call $exit {expression})")
}

const MEBIBYTE: &str = "(call $say (local.get $fd) (i32.const 4096) (i32.const 1048576))";
const DATA: &str = r#"(memory (export "memory") 20) (data (i32.const 2000) "file")"#;

/// A guest that opens `file` for writing, empty, as `$fd`.
fn writes(body: &str) -> String {
    format!(
        "(local $fd i32) (local $i i32)
         (local.set $fd (call $open (i32.const 2000) (i32.const 4) (i32.const 9))) {body}"
    )
}

#[tokio::test]
async fn what_is_written_is_there_and_counted() {
    let host = Host::new(1);
    let outcome = host.run(DATA, &writes(&format!("(drop {MEBIBYTE}) (drop {MEBIBYTE})")), &limits()).await;
    assert_eq!(outcome.exit, Exit::Code(0));
    assert_eq!((outcome.usage.disk, size(&host)), (2 << 20, 2 << 20));
    assert_eq!(outcome.written, ["file"]);
    // The next run finds it, and pays only for growth: overwriting is free.
    let over = "(drop (call $say (local.get $fd) (i32.const 4096) (i32.const 4096)))";
    let again = writes(over).replace("(i32.const 9)", "(i32.const 0)");
    let outcome = host.run(DATA, &again, &limits()).await;
    assert_eq!((outcome.exit, outcome.usage.disk, size(&host)), (Exit::Code(0), 0, 2 << 20));
    assert_eq!(outcome.written, ["file"]);
}

/// Every way to make a file large ends at the limit, and the folder holds no more than that.
#[tokio::test]
async fn disk_bombs_end() {
    let limit = Limits { disk: 8 << 20, ..limits() };
    let forever = |step: &str| format!("(loop $l {step} (br $l))");
    let bombs = [
        ("300 MB of writes", forever(&format!("(drop {MEBIBYTE})"))),
        ("a sparse file", "(drop (call $fd_set_size (local.get $fd) (i64.const 5000000000)))".to_owned()),
        (
            "a write far out",
            "(drop (call $fd_seek (local.get $fd) (i64.const 5000000000) (i32.const 0) (i32.const 1016)))
             (drop (call $say (local.get $fd) (i32.const 4096) (i32.const 1)))"
                .to_owned(),
        ),
        (
            "pwrite far out",
            "(i32.store (i32.const 1000) (i32.const 4096)) (i32.store (i32.const 1004) (i32.const 1))
             (drop (call $fd_pwrite (local.get $fd) (i32.const 1000) (i32.const 1) (i64.const 5000000000)
                (i32.const 1008)))"
                .to_owned(),
        ),
        (
            "appending with the position at the start",
            format!(
                "(drop (call $fd_set_flags (local.get $fd) (i32.const 1)))
                 (i32.store (i32.const 1000) (i32.const 4096)) (i32.store (i32.const 1004) (i32.const 1048576)) {}",
                forever(
                    "(drop (call $fd_pwrite (local.get $fd) (i32.const 1000) (i32.const 1) (i64.const 0)
                        (i32.const 1008)))"
                )
            ),
        ),
        (
            "as standard output",
            format!(
                "(drop (call $fd_renumber (local.get $fd) (i32.const 1))) {}",
                forever("(drop (call $say (i32.const 1) (i32.const 4096) (i32.const 1048576)))")
            ),
        ),
        (
            "behind an empty part",
            format!(
                "(i32.store (i32.const 1000) (i32.const 4096)) (i32.store (i32.const 1004) (i32.const 0))
                 (i32.store (i32.const 1008) (i32.const 4096)) (i32.store (i32.const 1012) (i32.const 1048576)) {}",
                forever("(drop (call $fd_write (local.get $fd) (i32.const 1000) (i32.const 2) (i32.const 1016)))")
            ),
        ),
        (
            "small again and again",
            forever(&format!("(drop (call $fd_set_size (local.get $fd) (i64.const 0))) (drop {MEBIBYTE})")),
        ),
    ];
    for (what, body) in bombs {
        let host = Host::new(1);
        let outcome = host.run(DATA, &writes(&body), &limit).await;
        if what == "small again and again" {
            // The file never holds more than a mebibyte, so nothing says that it must end but the position.
            assert!(matches!(outcome.exit, Exit::Limit(LimitKind::Disk | LimitKind::Cpu)), "{what}: {outcome:?}");
        } else {
            assert_eq!(outcome.exit, Exit::Limit(LimitKind::Disk), "{what}");
        }
        assert!(size(&host) <= limit.disk && outcome.usage.disk <= limit.disk, "{what}: {}", size(&host));
    }
}

#[tokio::test]
async fn allocation_in_advance_is_not_there() {
    let host = Host::new(1);
    let body = writes("(call $exit (call $fd_allocate (local.get $fd) (i64.const 0) (i64.const 5000000000)))");
    let outcome = host.run(DATA, &body, &limits()).await;
    assert_eq!((outcome.exit, size(&host)), (Exit::Code(58), 0)); // ENOTSUP
}

#[tokio::test]
async fn a_flood_of_files_folders_or_links_ends() {
    // Names are two letters at 2000, counted up.
    let next = "(i32.store16 (i32.const 2000) (i32.add (i32.load16_u (i32.const 2000)) (i32.const 1)))";
    let open = "(local.set $fd (call $open (i32.const 2000) (i32.const 2) (i32.const 1)))";
    for (what, step, kept) in [
        ("files", format!("{open} (drop (call $fd_close (local.get $fd)))"), 50),
        ("folders", "(drop (call $mkdir (i32.const 3) (i32.const 2000) (i32.const 2)))".to_owned(), 50),
        (
            "links",
            "(drop (call $symlink (i32.const 2100) (i32.const 1) (i32.const 3) (i32.const 2000) (i32.const 2)))"
                .to_owned(),
            50,
        ),
        (
            "files that are removed",
            format!(
                "{open} (drop (call $fd_close (local.get $fd)))
                 (drop (call $unlink (i32.const 3) (i32.const 2000) (i32.const 2)))"
            ),
            0,
        ),
    ] {
        let host = Host::new(1);
        let limit = Limits { files: 50, ..limits() };
        let data = r#"(data (i32.const 2000) "AA") (data (i32.const 2100) "x")"#;
        let body = format!("(local $fd i32) (loop $l {next} {step} (br $l))");
        let outcome = host.run(data, &body, &limit).await;
        assert_eq!(outcome.exit, Exit::Limit(LimitKind::Files), "{what}");
        assert_eq!(fs::read_dir(host.work()).unwrap().count(), kept, "{what}");
    }
}

#[tokio::test]
async fn open_files_are_bounded_so_that_the_host_keeps_some() {
    let host = Host::new(1);
    let body = r#"(local $count i32) (local $fd i32)
        (loop $l
            (local.set $fd (call $open (i32.const 2000) (i32.const 4) (i32.const 1)))
            (if (i32.lt_s (local.get $fd) (i32.const 0))
                (then (call $exit (i32.sub (i32.const 0) (local.get $fd)))))
            (br $l))"#;
    assert_eq!(host.run(DATA, body, &limits()).await.exit, Exit::Code(33)); // EMFILE
}

/// Paths that lead out, on their own and through links that lie in the folder already.
#[tokio::test]
async fn no_path_leads_out() {
    let host = Host::new(1);
    let work = host.work();
    fs::create_dir_all(work.join("sub")).unwrap();
    let secret = host.folder.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(&secret, work.join("link")).unwrap();
        symlink("..", work.join("up")).unwrap();
        symlink("/", work.join("root")).unwrap();
        symlink("../../secret", work.join("sub/relative")).unwrap();
    }
    for path in [
        "/etc/passwd",
        "../secret",
        "sub/../../secret",
        "./../secret",
        "link",
        "up/secret",
        "root/etc/passwd",
        "sub/relative",
        "/proc/self/environ",
        "../../../../../../../../proc/self/mem",
        "..",
        "/",
    ] {
        for flags in [0, 1, 9] {
            // Open, create, create and empty.
            let data = format!(r#"(data (i32.const 2000) "{path}")"#);
            let body = ends_with(&format!(
                "(i32.sub (i32.const 0) (call $open (i32.const 2000) (i32.const {}) (i32.const {flags})))",
                path.len()
            ));
            let Exit::Code(error) = host.run(&data, &body, &limits()).await.exit else { panic!("{path}") };
            assert!(error > 0, "{path} opened with {flags}");
        }
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
}

/// A guest cannot leave a link behind that leads out for whoever reads the folder next.
#[tokio::test]
async fn links_that_lead_out_are_not_made() {
    let host = Host::new(1);
    fs::create_dir_all(host.work()).unwrap();
    fs::write(host.work().join("inside"), "").unwrap();
    fs::write(host.folder.path().join("secret"), "secret").unwrap();
    for (target, allowed) in [
        ("/etc/passwd", false),
        ("../secret", false),
        ("a/../../secret", false),
        ("..", false),
        ("", false),
        ("inside", true),
        ("./a/b", true),
    ] {
        let data = format!(r#"(data (i32.const 2000) "{target}") (data (i32.const 2100) "link")"#);
        let make = format!(
            "(call $symlink (i32.const 2000) (i32.const {}) (i32.const 3) (i32.const 2100) (i32.const 4))",
            target.len()
        );
        let outcome = host.run(&data, &ends_with(&make), &limits()).await;
        assert_eq!(outcome.exit == Exit::Code(0), allowed, "{target}: {:?}", outcome.exit);
        assert_eq!(fs::remove_file(host.work().join("link")).is_ok(), allowed, "{target}");
    }
    // Hard links to what is outside, or to a link.
    for (old, allowed) in [("../secret", false), ("/etc/passwd", false), ("inside", true)] {
        let data = format!(r#"(data (i32.const 2000) "{old}") (data (i32.const 2100) "hard")"#);
        let make = format!(
            "(call $link (i32.const 3) (i32.const 0) (i32.const 2000) (i32.const {}) (i32.const 3) (i32.const 2100)
                (i32.const 4))",
            old.len()
        );
        let outcome = host.run(&data, &ends_with(&make), &limits()).await;
        assert_eq!(outcome.exit == Exit::Code(0), allowed, "{old}: {:?}", outcome.exit);
    }
}

#[tokio::test]
async fn a_folder_to_read_stays_as_it_is() {
    let host = Host::new(1);
    fs::create_dir_all(host.work()).unwrap();
    fs::write(host.work().join("file"), "before").unwrap();
    let folder = Some(Mount { writable: false, ..mount(&host.work()) });
    let policy = Policy { folder, ..Policy::default() };
    let fd = "(call $open (i32.const 2000) (i32.const 4) (i32.const FLAGS))";
    for flags in ["1", "8", "9"] {
        let body = ends_with(&format!("(i32.lt_s {} (i32.const 0))", fd.replace("FLAGS", flags)));
        let outcome = run(&host.program(guest(DATA, &body)).await, &limits(), &policy).await;
        assert_eq!(outcome.exit, Exit::Code(1), "{flags}");
    }
    let mkdir = ends_with("(call $mkdir (i32.const 3) (i32.const 2001) (i32.const 3))");
    let outcome = run(&host.program(guest(DATA, &mkdir)).await, &limits(), &policy).await;
    assert!(matches!(outcome.exit, Exit::Code(error) if error != 0));
    assert!(outcome.written.is_empty());
    assert_eq!(fs::read_to_string(host.work().join("file")).unwrap(), "before");
    // And one that is not there is not made.
    let missing = host.folder.path().join("missing");
    let policy = Policy { folder: Some(Mount { writable: false, ..mount(&missing) }), ..Policy::default() };
    let program = host.program(guest("", "")).await;
    let error = program
        .run(
            &toolwright_sandbox::Invocation::default(),
            &limits(),
            &policy,
            &tokio_util::sync::CancellationToken::new(),
        )
        .await
        .unwrap_err();
    assert!(matches!(error, SandboxError::Folder { .. }), "{error}");
}

#[tokio::test]
async fn without_a_folder_there_is_none() {
    let host = Host::new(1);
    let body = ends_with("(i32.sub (i32.const 0) (call $open (i32.const 2000) (i32.const 4) (i32.const 1)))");
    let outcome = run(&host.program(guest(DATA, &body)).await, &limits(), &Policy::default()).await;
    assert_eq!(outcome.exit, Exit::Code(8)); // EBADF
}

#[tokio::test]
async fn names_of_written_files_follow_what_happens_to_them() {
    let host = Host::new(1);
    let data = r#"(data (i32.const 2000) "dirabcold")
                  (data (i32.const 2100) "dir/new") (data (i32.const 2200) "moved") (data (i32.const 2300) "moved/new")"#;
    let body = r#"
        (drop (call $mkdir (i32.const 3) (i32.const 2000) (i32.const 3)))
        (drop (call $open (i32.const 2003) (i32.const 1) (i32.const 1)))   ;; a
        (drop (call $open (i32.const 2004) (i32.const 1) (i32.const 1)))   ;; b
        (drop (call $open (i32.const 2006) (i32.const 3) (i32.const 1)))   ;; old
        (drop (call $unlink (i32.const 3) (i32.const 2004) (i32.const 1)))
        (drop (call $rename (i32.const 3) (i32.const 2006) (i32.const 3) (i32.const 3) (i32.const 2100) (i32.const 7)))
        (drop (call $rename (i32.const 3) (i32.const 2000) (i32.const 3) (i32.const 3) (i32.const 2200) (i32.const 5)))"#;
    let outcome: Outcome = host.run(data, body, &limits()).await;
    assert_eq!(outcome.exit, Exit::Code(0));
    assert_eq!(outcome.written, ["a", "moved/new"]);
    for name in &outcome.written {
        assert!(host.work().join(name).is_file(), "{name}");
    }
    // What was only read is not named.
    let read = "(drop (call $open (i32.const 2003) (i32.const 1) (i32.const 0)))";
    assert!(host.run(data, read, &limits()).await.written.is_empty());
}
