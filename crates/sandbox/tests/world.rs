//! What a guest knows of the world: nothing, or the same thing every time.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

mod common;

use std::time::{Duration, SystemTime};

use common::{guest, limits, run, shared};
use toolwright_sandbox::{Clock, Exit, Policy, Randomness, SandboxError, Silent};

/// Reports 32 bytes: the wall clock, the monotonic clock, and 16 random bytes.
const WORLD: &str = "
    (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 3000)))
    (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 3008)))
    (drop (call $random (i32.const 3016) (i32.const 16)))
    (call $report (i32.const 3000) (i32.const 32))";

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().unwrap())
}

#[tokio::test]
async fn a_run_that_is_repeated_sees_the_same_world() {
    let program = shared().program(guest("", WORLD)).await;
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let policy =
        |seed| Policy { clock: Clock::Fixed(start), randomness: Randomness::Seeded(seed), ..Policy::default() };
    let first = run(&program, &limits(), &policy(1)).await.report.unwrap();
    assert_eq!(run(&program, &limits(), &policy(1)).await.report.unwrap(), first);
    assert_eq!(number(&first[..8]) / 1_000_000_000, 1_700_000_000);
    let other = run(&program, &limits(), &policy(2)).await.report.unwrap();
    assert_eq!(other[..16], first[..16]);
    assert_ne!(other[16..], first[16..]);

    let real = run(&program, &limits(), &Policy::default()).await.report.unwrap();
    let again = run(&program, &limits(), &Policy::default()).await.report.unwrap();
    assert_ne!(real, again);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert!(now.abs_diff(Duration::from_nanos(number(&real[..8]))) < Duration::from_secs(60));
}

/// A loop that waits until a time has come ends under a clock that stands still otherwise, asleep and awake.
#[tokio::test]
async fn a_fixed_clock_moves_with_sleeps_and_readings() {
    for (wait, least) in [("(drop (call $sleep (i64.const 20000000)))", 100_000_000), ("", 100_000_000)] {
        let body = format!(
            "(loop $l {wait}
                (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 3000)))
                (br_if $l (i64.lt_u (i64.load (i32.const 3000)) (i64.const {least}))))
             (call $report (i32.const 3000) (i32.const 8))"
        );
        let program = shared().program(guest("", &body)).await;
        let policy = Policy { clock: Clock::Fixed(SystemTime::UNIX_EPOCH), ..Policy::default() };
        let outcome = run(&program, &limits(), &policy).await;
        assert_eq!(outcome.exit, Exit::Code(0));
        let time = number(&outcome.report.unwrap());
        assert!((least..least + 25_000_000).contains(&time), "{time}");
    }
}

#[tokio::test]
async fn nothing_of_the_host_is_there() {
    // No variables of the environment, no arguments but the given, no sockets.
    let body = "
        (drop (call $environ (i32.const 3000) (i32.const 3004)))
        (drop (call $args_sizes (i32.const 3008) (i32.const 3012)))
        (i32.store (i32.const 3016) (call $accept (i32.const 3) (i32.const 0) (i32.const 3020)))
        (call $report (i32.const 3000) (i32.const 20))";
    let outcome = shared().run("", body, &limits()).await;
    let report = outcome.report.unwrap();
    let words: Vec<u32> = report.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
    assert_eq!(words[..4], [0, 0, 0, 0]);
    assert_ne!(words[4], 0);
}

#[tokio::test]
async fn a_report_is_the_last_one_and_bounded() {
    let data = r#"(memory (export "memory") 8) (data (i32.const 2000) "firstlast")"#;
    let twice = "(call $report (i32.const 2000) (i32.const 5)) (call $report (i32.const 2005) (i32.const 4))";
    assert_eq!(shared().run(data, twice, &limits()).await.report.as_deref(), Some(b"last".as_slice()));
    let most = "(call $report (i32.const 2000) (i32.const 262144))";
    assert_eq!(shared().run(data, most, &limits()).await.report.map(|report| report.len()), Some(256 << 10));
    let more = "(call $report (i32.const 2000) (i32.const 262145))";
    assert!(matches!(shared().run(data, more, &limits()).await.exit, Exit::Trap(_)));
    assert_eq!(shared().run(data, "", &limits()).await.report, None);
}

#[tokio::test]
async fn what_is_no_program_is_refused_with_a_reason() {
    for (text, expected) in [
        ("(module)", "_start"),
        (r#"(module (func (export "_start") (param i32)))"#, "_start"),
        (r#"(module (import "env" "system" (func)) (func (export "_start")))"#, "env"),
        (r#"(module (memory i64 1) (func (export "_start")))"#, "memory64"),
        (r#"(module (memory 1) (memory 1) (func (export "_start")))"#, "memor"),
        (r#"(module (table 100000 funcref) (func (export "_start")))"#, "table"),
        ("(component)", ""),
    ] {
        let wasm = wat::parse_str(text).unwrap();
        let hash = blake3::hash(&wasm).to_hex().to_string();
        let Err(error) = shared().sandbox.program(&hash, move || Ok(wasm), &Silent).await else { panic!("{text}") };
        assert!(matches!(error, SandboxError::Interface(_) | SandboxError::Compile(_)), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    let refuse = || Err(SandboxError::Guest("it is away".to_owned()));
    let missing = shared().sandbox.program(&"0".repeat(64), refuse, &Silent).await;
    assert!(matches!(missing, Err(SandboxError::Guest(_))));
    // A hash that is none could be a path, and bytes that do not have the hash could be anything.
    for hash in ["../../etc", &"g".repeat(64), &"0".repeat(64)] {
        let outcome = shared().sandbox.program(hash, || Ok(guest("", "")), &Silent).await;
        assert!(matches!(outcome, Err(SandboxError::Guest(_))), "{hash}");
    }
}
