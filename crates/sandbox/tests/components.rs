//! Tools by others: what they can ask of the host, and that they end with the same limits as programs.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

mod common;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use common::{
    component::{FOLDERS, HOST, NOTHING, WORLD, call, tool},
    limits, mount, shared,
};
use tokio_util::sync::CancellationToken;
use toolwright_sandbox::{Clock, Exit, Fetch, FetchError, Grants, LimitKind, Limits, Randomness, SandboxError};

const ECHO: &str = "(call $ok (local.get $at) (local.get $length))";

#[tokio::test]
async fn a_call_answers_with_a_text_or_an_error_and_leaves_nothing_behind() {
    let host = shared();
    let echo = host.tool(&NOTHING, "", ECHO).await;
    let said = call(&echo, r#"{"ä":1}"#, &limits(), &Grants::default()).await;
    assert_eq!((said.result.as_deref(), said.exit), (Ok(r#"{"ä":1}"#), Exit::Code(0)));
    let error = host.call(&NOTHING, "(call $err (local.get $at) (local.get $length))", &limits()).await;
    assert_eq!((error.result, error.exit), (Err("{}".into()), Exit::Code(0)));
    assert_eq!(echo.describe(&limits()).await.unwrap(), r#"{"name":"small"}"#);
    // What one call kept, in its memory or a global, the next does not find.
    let count = "(i64.store (i32.const 4096) (i64.add (i64.load (i32.const 4096)) (i64.const 1)))
        (global.set $g (i64.add (global.get $g) (i64.const 16)))
        (call $number (i64.add (global.get $g) (i64.load (i32.const 4096))))";
    let counter = host.tool(&NOTHING, "(global $g (mut i64) (i64.const 0))", count).await;
    for _ in 0..3 {
        let said = call(&counter, "", &limits(), &Grants::default()).await;
        assert_eq!(said.result.as_deref(), Ok("0000000000000011"));
    }
}

#[tokio::test]
async fn every_limit_ends_a_call_and_says_which() {
    let host = shared();
    let short = Limits { cpu: Duration::from_millis(50), wall: Duration::from_millis(300), ..limits() };
    let slow = Limits { cpu: Duration::from_secs(60), ..short.clone() };
    let small = Limits { memory: 1 << 20, ..limits() };
    let fuel = Limits { fuel: Some(10_000), ..limits() };
    let tiny = Limits { output: 100, ..limits() };
    let forever = "(loop $l (br $l)) unreachable";
    let sleep = "(call $block (call $timer (i64.const 3600000000000))) unreachable";
    let grow = "(loop $l (br_if $l (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0)))) unreachable";
    let flood =
        "(memory.fill (i32.const 8192) (i32.const 97) (i32.const 2000)) (call $ok (i32.const 8192) (i32.const 2000))";
    for (imports, body, limits, kind) in [
        (&NOTHING, forever, &short, LimitKind::Cpu),
        (&WORLD, sleep, &slow, LimitKind::Wall),
        (&NOTHING, grow, &small, LimitKind::Memory),
        (&NOTHING, forever, &fuel, LimitKind::Fuel),
        (&NOTHING, flood, &tiny, LimitKind::Output),
    ] {
        let outcome = host.call(imports, body, limits).await;
        assert_eq!(outcome.exit, Exit::Limit(kind), "{body}");
        assert_eq!(outcome.result, Err(format!("the tool was ended because it used up its {kind}")));
        let next = host.call(&NOTHING, ECHO, &self::limits()).await;
        assert_eq!(next.result.as_deref(), Ok("{}"), "after {kind}");
    }
    let deep = "(func $deep (param i64) (result i64)
        (i64.add (i64.const 1) (call $deep (i64.add (local.get 0) (i64.const 1)))))";
    let deep = host.tool(&NOTHING, deep, "(call $number (call $deep (i64.const 0)))").await;
    assert_eq!(call(&deep, "", &limits(), &Grants::default()).await.exit, Exit::Limit(LimitKind::Stack));
}

#[tokio::test]
async fn a_tool_that_does_not_even_describe_itself_is_ended_too() {
    let host = shared();
    let wat = tool(&NOTHING, "(func $init (loop $l (br $l))) (start $init)", ECHO);
    let endless = host.sandbox.component(&wat).await.unwrap();
    let short = Limits { cpu: Duration::from_millis(50), ..limits() };
    let error = endless.describe(&short).await.unwrap_err().to_string();
    assert!(error.contains("used up its processor time"), "{error}");
}

/// The host's own memory is not the guest's to fill, through whatever call.
#[tokio::test]
async fn the_hosts_memory_is_bounded_too() {
    let host = shared();
    for (what, imports, body) in [
        ("random bytes without end", &WORLD, "(call $random (i64.const 0x7fffffffffff) (i32.const 4096)) unreachable"),
        (
            "more random bytes than anyone needs",
            &WORLD,
            "(call $random (i64.const 0x2000000) (i32.const 4096)) unreachable",
        ),
        ("timers without end", &WORLD, "(loop $l (drop (call $timer (i64.const 1))) (br $l)) unreachable"),
        (
            "a log line as long as all memory",
            &HOST,
            "(drop (memory.grow (i32.const 1000)))
             (call $log (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 60000000)) unreachable",
        ),
        ("a result out of its memory", &NOTHING, "(call $ok (i32.const 4096) (i32.const 0x7fffffff))"),
        (
            "a result that is no text",
            &NOTHING,
            "(i32.store (i32.const 4096) (i32.const -1)) (call $ok (i32.const 4096) (i32.const 4))",
        ),
        ("a place of the result out of its memory", &NOTHING, "(i32.const 0x7ffffff0)"),
    ] {
        let outcome = host.call(imports, body, &limits()).await;
        assert!(matches!(outcome.exit, Exit::Trap(_)), "{what}: {:?}", outcome.exit);
        assert!(outcome.result.unwrap_err().starts_with("the tool broke: "), "{what}");
        assert!(outcome.usage.cpu < Duration::from_secs(5), "{what}: {:?}", outcome.usage);
    }
    // A line of the log is cut, and so is the log.
    let many = "(loop $l
            (call $log (i32.const 8192) (i32.const 4000) (i32.const 8192) (i32.const 60000))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get $i) (i32.const 500))))
        (call $ok (i32.const 0) (i32.const 0))";
    let outcome = host
        .call(&HOST, &format!("(memory.fill (i32.const 8192) (i32.const 97) (i32.const 60000)) {many}"), &limits())
        .await;
    assert_eq!((outcome.exit, outcome.log.len()), (Exit::Code(0), 100));
    assert!(outcome.log.iter().all(|(level, line)| (level.len(), line.len()) == (1000, 1000)));
}

/// A folder with many files is read into the host's memory as a whole, so that it is not begun to be read too often.
#[tokio::test]
async fn folders_that_are_read_at_the_same_time_are_counted_like_open_files() {
    let host = shared();
    std::fs::create_dir_all(host.work()).unwrap();
    // Until it is refused; says how often it was not, and with which error it was.
    let body = "(call $folders (i32.const 4096))
        (loop $l
            (call $read (i32.load (i32.load (i32.const 4096))) (i32.const 4112))
            (if (i32.eqz (i32.load8_u (i32.const 4112))) (then
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $l (i32.lt_u (local.get $i) (i32.const 100000))))))
        (call $number (i64.extend_i32_u (i32.add (i32.mul (local.get $i) (i32.const 256)) (i32.load8_u (i32.const 4116)))))";
    let reader = host.tool(&FOLDERS, "", body).await;
    let grants = Grants { folders: vec![mount(&host.work())], ..Grants::default() };
    let said = call(&reader, "", &limits(), &grants).await;
    assert_eq!(said.result.as_deref(), Ok("0000000000004004"), "64 times, then `busy`: {said:?}");
}

/// Answers some addresses, and never comes back from others.
struct Pages;

#[async_trait::async_trait]
impl Fetch for Pages {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        match url {
            "slow" => std::future::pending().await,
            "denied" => Err(FetchError::Denied("not that one".into())),
            "page" => Ok(b"the body".to_vec()),
            _ => Err(FetchError::Failed("no such page".into())),
        }
    }
}

/// Fetches the address that the arguments are; a body is the result, and so are the words of a refusal.
const FETCH: &str = "(call $fetch (local.get $at) (local.get $length) (i32.const 4096))
    (if (result i32) (i32.load8_u (i32.const 4096))
        (then (call $err (i32.load (i32.const 4104)) (i32.load (i32.const 4108))))
        (else (call $ok (i32.load (i32.const 4100)) (i32.load (i32.const 4104)))))";

#[tokio::test]
async fn pages_come_from_who_was_granted_and_a_hanging_one_is_cancelled() {
    let host = shared();
    let fetching = host.tool(&HOST, "", FETCH).await;
    let granted = Grants { fetcher: Some(Arc::new(Pages)), ..Grants::default() };
    for (url, expected) in [
        ("page", Ok("the body")),
        ("denied", Err("not that one")),
        ("other", Err("no such page")),
        (&*"x".repeat(9000), Err("an address of 9000 bytes is too long")),
    ] {
        let said = call(&fetching, url, &limits(), &granted).await;
        assert_eq!(said.result.as_deref().map_err(String::as_str), expected, "{url}");
    }
    let nothing = call(&fetching, "page", &limits(), &Grants::default()).await;
    assert_eq!(nothing.result, Err("this tool has no network in its manifest".into()));

    let short = Limits { wall: Duration::from_millis(200), ..limits() };
    let hanging = call(&fetching, "slow", &short, &granted).await;
    assert_eq!(hanging.exit, Exit::Limit(LimitKind::Wall));
    let cancel = CancellationToken::new();
    let long = limits();
    let running = fetching.call("slow", &long, &granted, &cancel);
    let stop = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(running, stop);
    assert_eq!(outcome.unwrap().exit, Exit::Cancelled);
    assert_eq!(fetching.call("page", &long, &granted, &cancel).await.unwrap().exit, Exit::Cancelled);
}

#[tokio::test]
async fn a_call_that_is_repeated_sees_the_same_world() {
    let host = shared();
    let world = "(call $number (i64.add (call $random64) (i64.mul (call $now) (i64.const 1000000007))))";
    let asking = host.tool(&WORLD, "", world).await;
    let grants = |seed| Grants {
        clock: Clock::Fixed(SystemTime::UNIX_EPOCH),
        randomness: Randomness::Seeded(seed),
        ..Grants::default()
    };
    let first = call(&asking, "", &limits(), &grants(1)).await.result;
    assert_eq!(call(&asking, "", &limits(), &grants(1)).await.result, first);
    assert_ne!(call(&asking, "", &limits(), &grants(2)).await.result, first);
    assert_ne!(call(&asking, "", &limits(), &Grants::default()).await.result, first);
}

#[tokio::test]
async fn what_is_no_tool_is_refused_with_a_reason() {
    for (text, expected) in [
        ("(module)".to_owned(), ""),
        ("(component)".to_owned(), "call"),
        (r#"(component (import "wasi:http/outgoing-handler@0.2.0" (instance (export "handle" (func)))))"#.to_owned(), "wasi:http"),
        (r#"(component (import "other:host/run@1.0.0" (func)))"#.to_owned(), "other:host"),
        // More parts than there is room for; such a one would take the room of others.
        ("(component (core module $m (memory 1)) (core instance (instantiate $m)) (core instance (instantiate $m)) (core instance (instantiate $m)))".to_owned(), "memories"),
        (format!("(component (core module $m) {})", "(core instance (instantiate $m))".repeat(40)), "instances"),
    ] {
        let wasm = wat::parse_str(&text).unwrap();
        let Err(error) = shared().sandbox.component(&wasm).await else { panic!("{text}") };
        assert!(matches!(error, SandboxError::Interface(_) | SandboxError::Compile(_)), "{text}: {error:?}");
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
    for bytes in [b"".as_slice(), b"\0asm", b"\0asm\x0d\0\x01\0\xff\xff", b"MZ"] {
        assert!(matches!(shared().sandbox.component(bytes).await, Err(SandboxError::Compile(_))), "{bytes:?}");
    }
}
