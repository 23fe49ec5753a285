//! The tool against a local server: the table of `cases.jsonl`, parts of a long page, cancellation, and the wall.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{io, net::IpAddr, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use toolwright_fetch::{Fetch, FetchConfig};
use toolwright_http::Resolve;
use toolwright_protocol::CallId;
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

/// Every name is this machine.
struct Here;

#[async_trait]
impl Resolve for Here {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec!["127.0.0.1".parse().unwrap()])
    }
}

fn answer(path: &str) -> (u16, &'static str, Vec<u8>) {
    let html = |text: &str| (200, "text/html; charset=utf-8", text.as_bytes().to_vec());
    match path {
        "/article" => html(include_str!("pages/article.html")),
        "/frontpage" => html(include_str!("pages/frontpage.html")),
        "/latin1" => {
            let body = b"<meta charset=iso-8859-1><p>Sm\xf6rg\xe5sbord f\xfcr zw\xf6lf G\xe4ste".to_vec();
            (200, "text/html", body)
        }
        "/mislabelled" => (200, "text/html; charset=ISO-8859-1", "<p>naïve café".as_bytes().to_vec()),
        "/plain" => (200, "text/plain", b"just text\n\n\n\nwith <b>no</b> markup \x1b[31m\xe2\x80\xae".to_vec()),
        "/json" => (200, "application/json", br#"{"id":12345678901234567890123,"tags":[]}"#.to_vec()),
        "/broken-json" => (200, "application/json", br#"{"cut": [1, 2"#.to_vec()),
        "/xml" => (200, "application/rss+xml", b"<rss><item>one</item></rss>".to_vec()),
        "/empty" => html("<script>only()</script>"),
        "/moved" => (302, "/article", Vec::new()),
        "/inside" => (302, "http://127.0.0.1/", Vec::new()),
        "/pdf" => (200, "application/octet-stream", [b"%PDF-1.7".as_slice(), &[0; 1992]].concat()),
        "/image" => (200, "image/png", b"\x89PNG\0\0\0\0\0".to_vec()),
        "/bytes" => (200, "application/octet-stream", vec![0, 159, 146, 150]),
        "/long" => {
            let paragraphs: String =
                (0..400).map(|n| format!("<p>Paragraph {n} says éé what stands in it, and no more.")).collect();
            html(&paragraphs)
        }
        _ => (404, "text/html", b"<h1>There is no such page</h1>".to_vec()),
    }
}

/// A server, and the port it listens at.
async fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 8192];
                let length = stream.read(&mut request).await?;
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default();
                if path == "/silent" {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
                let (status, kind, body) = answer(path);
                let kind = if status == 302 { format!("location: {kind}") } else { format!("content-type: {kind}") };
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} X\r\n{kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                stream.write_all(&[head.as_bytes(), &body].concat()).await
            });
        }
    });
    port
}

fn fetch(port: u16) -> Fetch {
    let private_hosts = vec![format!("site.test:{port}")];
    Fetch::with_resolver(&FetchConfig { private_hosts, ..FetchConfig::default() }, Arc::new(Here)).unwrap()
}

async fn call(tool: &Fetch, arguments: Value) -> ToolOutput {
    tool.call(&arguments, &CallContext::new(CallId(1), Path::new("nowhere"))).await.unwrap()
}

#[tokio::test]
async fn every_case_shows_what_the_table_says() {
    let port = serve().await;
    let tool = fetch(port);
    // The table has one name for the server; its port is drawn anew each time.
    let host = format!("site.test:{port}");
    let texts = |value: &Value| -> Vec<String> {
        let texts = value.as_array().cloned().unwrap_or_default();
        texts.iter().map(|text| text.as_str().unwrap().replace("site.test", &host)).collect()
    };
    let cases = include_str!("../cases.jsonl").lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    for case in cases {
        let mut arguments = case.get("arguments").cloned().unwrap_or_else(|| json!({}));
        arguments["url"] = case
            .get("url")
            .cloned()
            .unwrap_or_else(|| json!(format!("http://{host}{}", case["path"].as_str().unwrap())));
        let got = call(&tool, arguments).await;
        assert_eq!(got.is_error, case.get("error").is_some(), "{case}: {}", got.text);
        if let Some(error) = case.get("error") {
            let error = error.as_str().unwrap();
            let text = got.text.replace(&host, "site.test");
            assert!(text.starts_with("error: ") && text.contains(error), "{case}: {}", got.text);
            continue;
        }
        for part in texts(&case["shows"]) {
            assert!(got.text.contains(&part), "{case}: `{part}` is not in\n{}", got.text);
        }
        for part in texts(&case["hides"]) {
            assert!(!got.text.contains(&part), "{case}: `{part}` is in\n{}", got.text);
        }
    }
}

#[tokio::test]
async fn a_long_page_comes_in_parts_that_join() {
    let port = serve().await;
    let tool = fetch(port);
    let url = format!("http://site.test:{port}/long");
    let (mut offset, mut whole, mut parts) = (0, String::new(), 0);
    loop {
        let output = call(&tool, json!({ "url": url, "offset": offset })).await;
        let data = output.data.unwrap();
        let (text, note) = output.text.split_once("\n\n[… next: ").unwrap_or((&output.text, ""));
        assert!(output.text.chars().count() < 8_200);
        whole.push_str(text);
        whole.push('\n');
        parts += 1;
        match data["next"].as_u64() {
            Some(next) => {
                assert_eq!(note, format!("offset {next} of {}]", data["characters"]));
                offset = next;
            }
            None => break,
        }
    }
    assert!(parts >= 3);
    let numbers: Vec<usize> = whole.lines().filter_map(|line| line.split(' ').nth(1)?.parse().ok()).collect();
    assert_eq!(numbers, (0..400).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cancelled_call_ends() {
    let port = serve().await;
    let tool = fetch(port);
    let context = CallContext::new(CallId(1), Path::new("nowhere"));
    let cancel = context.cancel.clone();
    let arguments = json!({ "url": format!("http://site.test:{port}/silent") });
    let (result, ()) = tokio::join!(tool.call(&arguments, &context), async { cancel.cancel() });
    assert_eq!(result, Err(ToolError::Respond("error: the call was cancelled".into())));
}

#[tokio::test]
async fn a_list_of_hosts_is_a_wall() {
    let port = serve().await;
    let config =
        json!({ "hosts": ["*.example.com"], "private_hosts": [format!("site.test:{port}")], "max_bytes": 500 });
    let config: FetchConfig = serde_json::from_value(config).unwrap();
    let tool = Fetch::with_resolver(&config, Arc::new(Here)).unwrap();
    let refused = call(&tool, json!({ "url": "https://example.org/" })).await;
    let allowed = format!("allowed: *.example.com, site.test:{port}");
    assert_eq!(refused.text, format!("error: the host example.org is not on the list of allowed hosts; {allowed}"));
    assert!(call(&tool, json!({ "url": "https://a.example.com/" })).await.text.contains("a loopback address"));
    let cut = call(&tool, json!({ "url": format!("http://site.test:{port}/long") })).await;
    assert!(
        cut.text.ends_with("[… the page is longer; the rest cannot be read]") && cut.text.len() < 700,
        "{}",
        cut.text
    );
    assert!(Fetch::new(&FetchConfig { hosts: vec!["http://x".into()], ..FetchConfig::default() }).is_err());
}
