//! Every limit ends the run that meets it, says which it was, and leaves the next run alone.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

mod common;

use std::time::Duration;

use common::{Host, guest, limits, run, shared};
use tokio_util::sync::CancellationToken;
use toolwright_sandbox::{Exit, Invocation, LimitKind, Limits, Policy};

/// Says "ok" and ends.
const FINE: &str = r#"(drop (call $say (i32.const 1) (i32.const 2000) (i32.const 3)))"#;
const OK: &str = r#"(data (i32.const 2000) "ok\n")"#;

/// Runs a guest against the limits, then another one without trouble in the same sandbox.
async fn exit(more: &str, body: &str, limits: &Limits) -> Exit {
    let host = shared();
    let outcome = run(&host.program(guest(more, body)).await, limits, &Policy::default()).await;
    let next = host.run(OK, FINE, &self::limits()).await;
    assert_eq!((next.exit, next.stdout.as_slice()), (Exit::Code(0), b"ok\n".as_slice()));
    outcome.exit
}

#[tokio::test]
async fn a_run_ends_with_its_code_and_output() {
    let host = shared();
    let body = r#"
        (drop (call $say (i32.const 1) (i32.const 2000) (i32.const 3)))
        (drop (call $say (i32.const 2) (i32.const 2003) (i32.const 4)))
        (call $exit (i32.const 7))"#;
    let outcome = host.run(r#"(data (i32.const 2000) "ok\nbad\n")"#, body, &limits()).await;
    assert_eq!(outcome.exit, Exit::Code(7));
    assert_eq!((outcome.stdout.as_slice(), outcome.stderr.as_slice()), (b"ok\n".as_slice(), b"bad\n".as_slice()));
    assert!(!outcome.stdout_cut && !outcome.stderr_cut);
    assert_eq!(outcome.usage.memory, 2 << 16);
}

#[tokio::test]
async fn an_endless_loop_ends_by_processor_time() {
    let short = Limits { cpu: Duration::from_millis(50), ..limits() };
    assert_eq!(exit("", "(loop $l (br $l))", &short).await, Exit::Limit(LimitKind::Cpu));
}

#[tokio::test]
async fn a_sleep_ends_by_wall_time_and_costs_no_processor_time() {
    let short = Limits { wall: Duration::from_millis(300), ..limits() };
    let program = shared().program(guest("", "(drop (call $sleep (i64.const 3600000000000)))")).await;
    let outcome = run(&program, &short, &Policy::default()).await;
    assert_eq!(outcome.exit, Exit::Limit(LimitKind::Wall));
    assert!(outcome.usage.wall >= short.wall && outcome.usage.cpu < short.wall / 2, "{:?}", outcome.usage);
    // A loop of short sleeps is no way around it.
    let many = "(loop $l (drop (call $sleep (i64.const 1000000))) (br $l))";
    assert_eq!(exit("", many, &short).await, Exit::Limit(LimitKind::Wall));
}

#[tokio::test]
async fn a_loop_of_host_calls_ends() {
    let short = Limits { cpu: Duration::from_millis(50), ..limits() };
    let body = "(loop $l (drop (call $random (i32.const 4000) (i32.const 60000))) (br $l))";
    assert_eq!(exit("", body, &short).await, Exit::Limit(LimitKind::Cpu));
}

#[tokio::test]
async fn an_endless_start_function_ends() {
    let short = Limits { cpu: Duration::from_millis(50), ..limits() };
    let more = "(func $init (loop $l (br $l))) (start $init)";
    assert_eq!(exit(more, "", &short).await, Exit::Limit(LimitKind::Cpu));
}

#[tokio::test]
async fn fuel_ends_a_run_at_the_same_step_each_time() {
    let counting = r#"(loop $l
        (i32.store (i32.const 2000) (i32.add (i32.load (i32.const 2000)) (i32.const 1)))
        (call $report (i32.const 2000) (i32.const 4))
        (br $l))"#;
    let program = shared().program(guest("", counting)).await;
    let fuel = Limits { fuel: Some(100_000), ..limits() };
    let first = run(&program, &fuel, &Policy::default()).await;
    let second = run(&program, &fuel, &Policy::default()).await;
    assert_eq!(first.exit, Exit::Limit(LimitKind::Fuel));
    assert_eq!(first.usage.fuel, Some(100_000));
    assert!(first.report.is_some());
    assert_eq!(first.report, second.report);

    let fine = run(&shared().program(guest(OK, FINE)).await, &fuel, &Policy::default()).await;
    assert_eq!(fine.exit, Exit::Code(0));
    assert!(fine.usage.fuel.is_some_and(|fuel| fuel > 0 && fuel < 1000), "{:?}", fine.usage);
}

#[tokio::test]
async fn memory_is_refused_and_what_follows_is_its_fault() {
    let small = Limits { memory: 1 << 20, ..limits() };
    let grow = "(loop $l (br_if $l (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0))))";
    // An allocator that aborts.
    assert_eq!(exit("", &format!("{grow} unreachable"), &small).await, Exit::Limit(LimitKind::Memory));
    // A guest that handles it ends as it likes, and it can be seen that it was refused.
    let program = shared().program(guest("", &format!("{grow} (call $exit (i32.const 3))"))).await;
    let outcome = run(&program, &small, &Policy::default()).await;
    assert_eq!(outcome.exit, Exit::Code(3));
    assert!(outcome.usage.memory_refused);
    assert_eq!(outcome.usage.memory, 1 << 20);
    // More at the start than allowed, and more in a table.
    let large = r#"(memory (export "memory") 100)"#;
    assert_eq!(exit(large, "", &small).await, Exit::Limit(LimitKind::Memory));
    let table = "(table $t 1 funcref)";
    let body = "(if (i32.lt_s (table.grow $t (ref.null func) (i32.const 60000)) (i32.const 0)) (then unreachable))";
    let tiny = Limits { memory: 3 << 16, ..limits() };
    assert_eq!(exit(table, body, &tiny).await, Exit::Limit(LimitKind::Memory));
    assert_eq!(exit(table, body, &limits()).await, Exit::Code(0));
}

#[tokio::test]
async fn endless_recursion_ends_at_the_stack() {
    let deep = "(func $deep (param i64) (result i64)
        (i64.add (i64.const 1) (call $deep (i64.add (local.get 0) (i64.const 1)))))";
    assert_eq!(exit(deep, "(drop (call $deep (i64.const 0)))", &limits()).await, Exit::Limit(LimitKind::Stack));
}

#[tokio::test]
async fn other_traps_are_told() {
    let divide = "(drop (i32.div_s (i32.const 1) (i32.const 0)))";
    let Exit::Trap(text) = exit("", divide, &limits()).await else { panic!("it did not trap") };
    assert!(text.contains("divide by zero"), "{text}");
    assert!(matches!(exit("", "unreachable", &limits()).await, Exit::Trap(_)));
    // Pointers out of its memory.
    assert!(matches!(exit("", "(call $report (i32.const -8) (i32.const 64))", &limits()).await, Exit::Trap(_)));
}

#[tokio::test]
async fn output_is_cut_and_a_flood_ends_the_run() {
    let cap = Limits { output: 1000, ..limits() };
    let say = "(call $say (i32.const 1) (i32.const 2000) (i32.const 600))";
    let host = shared();
    let twice = host.run("", &format!("(drop {say}) (drop {say})"), &cap).await;
    assert_eq!((twice.exit, twice.stdout.len(), twice.stdout_cut), (Exit::Code(0), 1000, true));
    assert!(!twice.stderr_cut);
    // Renumbering the descriptor is no way around it, and neither is it being called a file.
    for flood in [format!("(loop $l (drop {say}) (br $l))"), {
        let moved = say.replace("(i32.const 1)", "(i32.const 0)");
        format!("(drop (call $fd_renumber (i32.const 1) (i32.const 0))) (loop $l (drop {moved}) (br $l))")
    }] {
        let outcome = host.run("", &flood, &cap).await;
        assert_eq!(outcome.exit, Exit::Limit(LimitKind::Output));
        assert_eq!((outcome.stdout.len(), outcome.stdout_cut), (1000, true));
    }
}

#[tokio::test]
async fn a_run_can_be_cancelled_asleep_and_awake_and_before_it_begins() {
    for body in ["(drop (call $sleep (i64.const 3600000000000)))", "(loop $l (br $l))"] {
        let program = shared().program(guest("", body)).await;
        let cancel = CancellationToken::new();
        let (limits, policy, invocation) = (limits(), Policy::default(), Invocation::default());
        let running = program.run(&invocation, &limits, &policy, &cancel);
        let stop = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            cancel.cancel();
        };
        let (outcome, ()) = tokio::join!(running, stop);
        assert_eq!(outcome.unwrap().exit, Exit::Cancelled);
        let never = program.run(&invocation, &limits, &policy, &cancel).await.unwrap();
        assert_eq!((never.exit, never.usage.wall), (Exit::Cancelled, Duration::ZERO));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_runs_at_once_keep_to_themselves() {
    let host = Host::new(8);
    // Writes the number that it is given to its own file, sleeps, reads it back, and says it.
    let body = r#"
        (local $fd i32)
        (drop (call $args (i32.const 3000) (i32.const 3100)))
        (local.set $fd (call $open (i32.const 2000) (i32.const 4) (i32.const 1)))
        (drop (call $say (local.get $fd) (i32.load (i32.const 3000)) (i32.const 3)))
        (drop (call $sleep (i64.const 2000000)))
        (drop (call $fd_seek (local.get $fd) (i64.const 0) (i32.const 0) (i32.const 1016)))
        (i32.store (i32.const 1000) (i32.const 4000))
        (i32.store (i32.const 1004) (i32.const 3))
        (drop (call $fd_read (local.get $fd) (i32.const 1000) (i32.const 1) (i32.const 1008)))
        (drop (call $say (i32.const 1) (i32.const 4000) (i32.const 3)))
        (if (i32.eq (i32.load8_u (i32.const 4002)) (i32.const 55)) (then (loop $l (br $l))))
        (if (i32.eq (i32.load8_u (i32.const 4002)) (i32.const 56))
            (then (loop $l (br_if $l (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0)))) unreachable))
        (if (i32.eq (i32.load8_u (i32.const 4002)) (i32.const 57))
            (then (drop (call $sleep (i64.const 3600000000000)))))"#;
    let program = host.program(guest(r#"(data (i32.const 2000) "file")"#, body)).await;
    let runs: Vec<_> = (100..300)
        .map(|number: u32| {
            let (program, work) = (program.clone(), host.folder.path().join(number.to_string()));
            tokio::spawn(async move {
                let limits = Limits {
                    cpu: Duration::from_millis(100),
                    // The last digit says what happens: 7 computes, 8 takes memory, 9 sleeps.
                    wall: Duration::from_millis(if number % 10 == 9 { 300 } else { 60_000 }),
                    memory: 1 << 20,
                    ..Limits::default()
                };
                let policy = Policy { folder: Some(common::mount(&work)), ..Policy::default() };
                let invocation = Invocation { arguments: vec![number.to_string()], ..Invocation::default() };
                (number, program.run(&invocation, &limits, &policy, &CancellationToken::new()).await.unwrap())
            })
        })
        .collect();
    for run in runs {
        let (number, outcome) = run.await.unwrap();
        let expected = match number % 10 {
            7 => Exit::Limit(LimitKind::Cpu),
            8 => Exit::Limit(LimitKind::Memory),
            9 => Exit::Limit(LimitKind::Wall),
            _ => Exit::Code(0),
        };
        assert_eq!(outcome.exit, expected, "{number}");
        if number % 10 != 9 {
            assert_eq!(outcome.stdout, number.to_string().into_bytes());
            assert_eq!(outcome.written, ["file"]);
        }
        assert!(outcome.usage.memory <= 1 << 20);
    }
}
