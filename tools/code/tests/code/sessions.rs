//! What stays between calls, what does not, and what is the same when a run is repeated.

use std::fs;

use serde_json::{Value, json};
use toolwright_code::{CodeConfig, CodeTool};
use toolwright_protocol::{CallId, Effect};
use toolwright_tool::{CallContext, Tool as _};

use crate::{call, data, javascript, python};

#[tokio::test]
async fn files_stay_in_a_workspace_and_names_do_not() {
    let programs = [
        (
            python(CodeConfig::default()),
            [
                "import os\nos.mkdir('d')\nopen('d/a.txt', 'w').write('kept')\nname = 1",
                "print(open('d/a.txt').read())",
                "name",
            ],
        ),
        (
            javascript(CodeConfig::default()),
            [
                "fs.mkdirSync('d'); fs.writeFileSync('d/a.txt', 'kept'); var name = 1",
                "console.log(fs.readFileSync('d/a.txt', 'utf8'))",
                "name",
            ],
        ),
    ];
    for (tool, [write, read, name]) in programs {
        let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = call(&tool, 1, here.path(), json!({ "code": write })).await;
        assert!(!first.is_error && first.text.ends_with("wrote: d/a.txt"), "{}", first.text);
        assert_eq!(data(&first)["written"], json!(["d/a.txt"]));
        assert_eq!(fs::read_to_string(here.path().join("workspace/d/a.txt")).unwrap(), "kept");
        assert_eq!(call(&tool, 2, here.path(), json!({ "code": read })).await.text, "kept");
        assert!(call(&tool, 1, elsewhere.path(), json!({ "code": read })).await.is_error);
        let name = call(&tool, 3, here.path(), json!({ "code": name })).await;
        assert_eq!(
            data(&name)["error"]["type"],
            if tool.spec().name == "run_python" { "NameError" } else { "ReferenceError" }
        );
    }
}

#[tokio::test]
async fn python_imports_what_an_earlier_call_wrote() {
    let (tool, folder) = (python(CodeConfig::default()), tempfile::tempdir().unwrap());
    call(&tool, 1, folder.path(), json!({ "code": "open('mine.py', 'w').write('def f(n):\\n    return n * 2\\n')" }))
        .await;
    assert_eq!(call(&tool, 2, folder.path(), json!({ "code": "from mine import f\nf(21)" })).await.text, "42");
}

async fn with_seed(tool: &CodeTool, seed: u64, number: u32, code: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let context = CallContext { seed, ..CallContext::new(CallId(number), folder.path()) };
    tool.call(&json!({ "code": code }), &context).await.unwrap().text
}

#[tokio::test]
async fn a_run_that_is_repeated_draws_the_same_numbers_and_reads_the_same_time() {
    let fixed = CodeConfig { deterministic: true, ..CodeConfig::default() };
    let draws = "import random, os, uuid\nprint(random.random(), os.urandom(8).hex(), uuid.uuid4(), hash('x'))";
    let times = "import time, datetime\nprint(time.time(), time.monotonic(), datetime.datetime.now())";
    let js_times = "console.log(Date.now(), new Date().toISOString())";
    let programs = [
        (python(fixed.clone()), draws, true),
        (javascript(fixed.clone()), "console.log(Math.random(), Math.random())", true),
        (python(fixed.clone()), times, false),
        (javascript(fixed), js_times, false),
    ];
    for (tool, code, random) in programs {
        let first = with_seed(&tool, 7, 1, code).await;
        assert_eq!(with_seed(&tool, 7, 1, code).await, first);
        if random {
            assert_ne!(with_seed(&tool, 8, 1, code).await, first);
            assert_ne!(with_seed(&tool, 7, 2, code).await, first);
        } else {
            assert!(first.contains("2026-01-01"), "{first}");
        }
    }
}

#[tokio::test]
async fn without_a_fixed_clock_the_time_is_the_hosts() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    for (tool, code) in [
        (python(CodeConfig::default()), "import time\nprint(time.time())"),
        (javascript(CodeConfig::default()), "console.log(Date.now() / 1000)"),
    ] {
        let told: f64 = with_seed(&tool, 1, 1, code).await.parse().unwrap();
        assert!((told - now).abs() < 600.0, "{told} is far from {now}");
    }
}

#[tokio::test]
async fn long_outputs_lose_their_middle_and_are_whole_in_the_outputs() {
    let (tool, folder) = (python(CodeConfig::default()), tempfile::tempdir().unwrap());
    let code = "for n in range(5000):\n    print('line', n)\nraise ValueError('after all')";
    let output = call(&tool, 4, folder.path(), json!({ "code": code })).await;
    assert!(output.text.len() <= 8 << 10, "{} bytes", output.text.len());
    assert!(output.text.starts_with("line 0\nline 1\n") && output.text.contains("\nline 4999\n"));
    assert!(output.text.contains("bytes left out; the whole is in outputs/call-4.txt]"), "{}", output.text);
    assert!(output.text.ends_with("ValueError: after all"), "{}", output.text);
    let whole = fs::read_to_string(folder.path().join("outputs/call-4.txt")).unwrap();
    assert_eq!(whole.lines().count(), 5000);

    let output =
        call(&tool, 5, folder.path(), json!({ "code": "for n in range(100000):\n    print('line', n)" })).await;
    assert!(output.text.len() <= 8 << 10 && !output.is_error);
    assert!(output.text.contains("[only the first 256 KiB of what was printed were kept]"), "{}", output.text);
}

#[tokio::test]
async fn writing_to_a_folder_of_the_users_is_an_effect() {
    let effects = |config: CodeConfig| python(config).spec().effects.clone();
    assert_eq!(effects(CodeConfig::default()), []);
    assert_eq!(effects(CodeConfig { writes_user_folder: true, ..CodeConfig::default() }), [Effect::Writes]);
    let config: CodeConfig = serde_json::from_value(json!({ "memory_mib": 128, "deterministic": true })).unwrap();
    assert_eq!(config, CodeConfig { memory_mib: 128, deterministic: true, ..CodeConfig::default() });
    assert!(serde_json::from_value::<CodeConfig>(json!({ "memory": 128 })).is_err());
    assert!(
        serde_json::from_value::<CodeConfig>(json!({ "writes_user_folder": false })).is_err(),
        "not the user's to say"
    );
}

#[tokio::test]
async fn a_run_can_be_cancelled() {
    let (tool, folder) = (python(CodeConfig::default()), tempfile::tempdir().unwrap());
    let context = CallContext::new(CallId(1), folder.path());
    let cancel = context.cancel.clone();
    let arguments: Value = json!({ "code": "open('started', 'w').close()\nimport time\ntime.sleep(3600)" });
    let run = tool.call(&arguments, &context);
    let stop = async {
        while !folder.path().join("workspace/started").exists() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        cancel.cancel();
    };
    let (output, ()) = tokio::join!(run, stop);
    let output = output.unwrap();
    assert!(output.is_error && output.text.starts_with("error: stopped: it was cancelled"), "{}", output.text);
}
