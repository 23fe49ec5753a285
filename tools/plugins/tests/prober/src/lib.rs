//! A component that tries what its arguments say, for the tests of the wall around components.

use std::{
    fs,
    io::Write as _,
    sync::atomic::{AtomicBool, Ordering},
};

wit_bindgen::generate!({ world: "tool", path: "../../../../sandbox/wit" });

struct Prober;

impl Guest for Prober {
    fn describe() -> String {
        r#"{"name":"prober","parameters":{"type":"object"}}"#.into()
    }

    fn call(arguments: String) -> Result<String, String> {
        let arguments: serde_json::Value = serde_json::from_str(&arguments).map_err(|error| error.to_string())?;
        let text = |key: &str| arguments[key].as_str().unwrap_or_default().to_owned();
        let path = text("path");
        let told = |error: std::io::Error| format!("{path}: {error}");
        match text("do").as_str() {
            "read" => fs::read_to_string(&path).map_err(told),
            "write" => fs::write(&path, text("text")).map(|()| "written".into()).map_err(told),
            "list" => {
                let entries = fs::read_dir(&path).map_err(told)?.flatten();
                Ok(entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>().join(" "))
            }
            "fetch" => match toolwright::tool::host::fetch(&text("url")) {
                Ok(body) => Ok(String::from_utf8_lossy(&body).into_owned()),
                Err(error) => Err(format!("{error:?}")),
            },
            "connect" => std::net::TcpStream::connect(text("address")).map(|_| "connected".into()).map_err(told),
            "environment" => Ok(format!("{:?} {:?}", std::env::vars().collect::<Vec<_>>(), std::env::args().collect::<Vec<_>>())),
            "spin" => loop {
                std::hint::spin_loop();
            },
            "sleep" => {
                std::thread::sleep(std::time::Duration::from_secs(3600));
                Ok("slept".into())
            }
            "eat" => {
                let mut eaten = Vec::new();
                loop {
                    eaten.push(vec![1_u8; 1 << 20]);
                }
            }
            "fill" => {
                let mut file = fs::File::create(&path).map_err(told)?;
                loop {
                    file.write_all(&[1; 1 << 16]).map_err(told)?;
                }
            }
            "flood" => loop {
                toolwright::tool::host::log("info", &"x".repeat(1 << 16));
            },
            "remember" => {
                // A second call that finds this true would share memory with the first.
                static SEEN: AtomicBool = AtomicBool::new(false);
                Ok(SEEN.swap(true, Ordering::Relaxed).to_string())
            }
            "panic" => panic!("told to"),
            other => Err(format!("cannot do `{other}`")),
        }
    }
}

export!(Prober);
