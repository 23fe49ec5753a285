//! Two hundred runs at a time: each has its own output, its own files and its own limits.

use std::{fs, sync::Arc};

use serde_json::json;
use toolwright_code::CodeConfig;

use crate::{PLACES, call, data, hostile::peak_memory, javascript, python};

const RUNS: u32 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_runs_do_not_meet() {
    let config = CodeConfig { wall_seconds: 120, cpu_seconds: 1, memory_mib: 128, ..CodeConfig::default() };
    let (python, javascript) = (Arc::new(python(config.clone())), Arc::new(javascript(config)));
    let folder = tempfile::tempdir().unwrap();
    let mut runs = tokio::task::JoinSet::new();
    for n in 0..RUNS {
        let tool = Arc::clone(if n % 2 == 0 { &python } else { &javascript });
        let folder = folder.path().join(n.to_string());
        runs.spawn(async move {
            // One in ten ends badly, so that the others are seen not to mind.
            let code = match n % 20 {
                0 => format!("print({n}, flush=True)\nwhile True: pass"),
                1 => format!("console.log({n}); const data = []; for (;;) data.push(new Uint8Array(1e7));"),
                2 => format!("print({n})\nopen('own.txt', 'a').write('{n}')\nsum(range(10**5))"),
                n_ if n_ % 2 == 0 => format!(
                    "import os, builtins\nassert not os.listdir('.') and not hasattr(builtins, 'mark')\nbuiltins.mark = 1\n\
                     open('own.txt', 'a').write('{n}')\nprint(open('own.txt').read())"
                ),
                _ => format!(
                    "if (globalThis.mark || fs.readdirSync('.').length) throw new Error('met');\nglobalThis.mark = 1;\n\
                     fs.writeFileSync('own.txt', '{n}'); console.log(fs.readFileSync('own.txt', 'utf8'))"
                ),
            };
            (n, folder.clone(), call(&tool, n, &folder, json!({ "code": code })).await)
        });
    }
    let mut limits = 0;
    while let Some(run) = runs.join_next().await {
        let (n, folder, output) = run.unwrap();
        assert_eq!(output.text.lines().next(), Some(n.to_string().as_str()), "{}", output.text);
        match n % 20 {
            0 | 1 => {
                let limit = if n % 20 == 0 { "cpu" } else { "memory" };
                assert_eq!(data(&output)["limit"], limit, "{}", output.text);
                limits += 1;
            }
            _ => {
                assert!(!output.is_error, "{}", output.text);
                assert_eq!(fs::read_to_string(folder.join("workspace/own.txt")).unwrap(), n.to_string());
                let files = fs::read_dir(folder.join("workspace")).unwrap().count();
                assert_eq!(files, 1);
            }
        }
    }
    assert_eq!(limits, RUNS / 10);
    if let Some(peak) = peak_memory() {
        // What may run at a time, and the rest of this process: the compiled interpreters, perhaps their compilation.
        let most = (PLACES * 128 + 2048) << 20;
        assert!(peak < most, "{} MiB of memory", peak >> 20);
    }
}
