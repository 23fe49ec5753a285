//! Exchanges with local servers that speak raw HTTP, most of them badly.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    io::{self, Write},
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use toolwright_http::{Client, HostRules, HttpError, HttpPolicy, Method, Request, Resolve, Retries, StatusCode};

/// A server on a port of its own: what it was asked, and what it answers to the path of a request.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

/// The whole answer, and whether more of its last 64 KiB comes without end.
type Answer = (Vec<u8>, bool);

impl Server {
    async fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&answer)));
            }
        });
        Self { address, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    log: Arc<Mutex<Vec<String>>>,
    answer: Arc<impl Fn(&str) -> Answer + Send + Sync>,
) -> io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        match request.windows(4).position(|window| window == b"\r\n\r\n") {
            Some(end) => break end + 4,
            None => match stream.read(&mut buffer).await? {
                0 => return Ok(()),
                n => request.extend_from_slice(&buffer[..n]),
            },
        }
    };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok()).unwrap_or(0);
    while request.len() < end + length {
        let n = stream.read(&mut buffer).await?;
        request.extend_from_slice(&buffer[..n]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap().to_owned();
    log.lock().unwrap().push(request);
    let (bytes, endless) = answer(&path);
    stream.write_all(&bytes).await?;
    if endless {
        loop {
            stream.write_all(&bytes[bytes.len().saturating_sub(65_536)..]).await?;
            tokio::task::yield_now().await;
        }
    }
    stream.shutdown().await
}

fn ok(body: &str) -> Answer {
    (
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes(),
        false,
    )
}

fn redirect(status: u16, to: &str) -> Answer {
    (
        format!("HTTP/1.1 {status} Moved\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .into_bytes(),
        false,
    )
}

fn with_headers(headers: &str, body: &[u8]) -> Answer {
    ([format!("HTTP/1.1 200 OK\r\n{headers}connection: close\r\n\r\n").as_bytes(), body].concat(), false)
}

/// Any host, and of the private ones those given.
fn policy(private: &[&Server]) -> HttpPolicy {
    let private_hosts = HostRules::parse(private.iter().map(|server| server.address.to_string())).unwrap();
    HttpPolicy { hosts: HostRules::Any, private_hosts, max_body: 100_000, ..HttpPolicy::default() }
}

fn client(private: &[&Server]) -> Client {
    Client::new(policy(private)).unwrap()
}

async fn words(client: &Client, url: &str) -> String {
    client.get(url, &[]).await.map(|r| r.text()).unwrap_or_else(|error| error.to_string())
}

#[tokio::test]
async fn every_hop_is_judged_like_the_first() {
    let inner = Server::start(|_| ok("secret")).await;
    let to_inner = inner.url("/");
    let port = inner.address.port();
    let outer = Server::start(move |path| match path {
        "/inner" => redirect(302, &to_inner),
        "/name" => redirect(302, &format!("http://localhost:{port}/")),
        "/octal" => redirect(301, &format!("http://0177.1:{port}/")),
        "/mapped" => redirect(307, &format!("//[::ffff:127.0.0.1]:{port}/")),
        "/metadata" => redirect(308, "http://169.254.169.254/latest/meta-data/"),
        "/file" => redirect(302, "file:///etc/passwd"),
        "/userinfo" => redirect(302, "http://a:b@example.com/"),
        "/relative" => redirect(303, "../there?x=1"),
        _ => ok("the page"),
    })
    .await;
    let client = client(&[&outer]);
    for (path, part) in [
        ("/inner", format!("redirects to where this must not go: 127.0.0.1:{port} is a loopback address")),
        ("/name", format!("{} redirects to where this must not go: localhost resolves to a loopback", outer.address)),
        ("/octal", "is a loopback address".to_owned()),
        ("/mapped", "is a loopback address".to_owned()),
        ("/metadata", "169.254.169.254 is a link-local address, which is refused".to_owned()),
        ("/file", "`file:` is not supported".to_owned()),
        ("/userinfo", "a user name or a password".to_owned()),
    ] {
        let got = words(&client, &outer.url(path)).await;
        assert!(got.contains(&part), "{path}: {got}");
    }
    assert!(inner.asked().is_empty());
    let page = client.get(&outer.url("/a/relative"), &[]).await.unwrap();
    assert_eq!((page.text().as_str(), page.final_url.path()), ("the page", "/a/relative"));
    let page = client.get(&outer.url("/relative"), &[]).await.unwrap();
    assert_eq!(page.final_url.as_str(), outer.url("/there?x=1"));
}

#[tokio::test]
async fn a_redirect_to_a_host_that_no_rule_names_is_refused() {
    let server = Server::start(|_| redirect(302, "http://evil.example/")).await;
    let hosts = HostRules::parse([server.address.to_string()]).unwrap();
    let client = Client::new(HttpPolicy { private_hosts: hosts.clone(), hosts, ..HttpPolicy::default() }).unwrap();
    let got = words(&client, &server.url("/")).await;
    assert_eq!(
        got,
        format!(
            "{0} redirects to where this must not go: the host evil.example is not on the list of allowed hosts; \
             allowed: {0}",
            server.address
        )
    );
}

#[tokio::test]
async fn a_loop_of_redirects_ends() {
    let server = Server::start(|_| redirect(302, "/again")).await;
    let got = words(&client(&[&server]), &server.url("/")).await;
    assert!(got.ends_with("redirects more than 5 times"), "{got}");
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn secrets_stay_with_their_origin_and_a_post_becomes_a_get() {
    let other = Server::start(|_| ok("there")).await;
    let to_other = other.url("/landed");
    let server = Server::start(move |path| match path {
        "/away" => redirect(302, &to_other),
        "/keep" => redirect(307, "/kept"),
        _ => ok("here"),
    })
    .await;
    let client = client(&[&server, &other]);
    let ask = async |path: &str| {
        let request = Request::new(Method::POST, server.url(path))
            .header("authorization", "Bearer a-secret")
            .secret_header("x-token", "b-secret")
            .header("x-plain", "c-plain")
            .body("d-body");
        client.request(request).await.unwrap()
    };
    ask("/keep").await;
    let kept = server.asked()[1].clone();
    assert!(kept.starts_with("POST /kept"));
    assert!(["a-secret", "b-secret", "c-plain", "d-body"].iter().all(|part| kept.contains(part)), "{kept}");
    ask("/away").await;
    let landed = other.asked()[0].clone();
    assert!(landed.starts_with("GET /landed") && landed.contains("c-plain"));
    assert!(["a-secret", "b-secret", "d-body"].iter().all(|part| !landed.contains(part)), "{landed}");
}

#[tokio::test]
async fn bodies_without_end_and_bombs_are_cut() {
    let zeros = vec![0; 30 << 20];
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&zeros).unwrap();
    let gzip = encoder.finish().unwrap();
    let mut brotli = Vec::new();
    brotli::BrotliCompress(
        &mut zeros.as_slice(),
        &mut brotli,
        &brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() },
    )
    .unwrap();
    assert!(gzip.len() < 40_000 && brotli.len() < 40_000);
    let server = Server::start(move |path| match path {
        "/gzip" => with_headers("content-encoding: gzip\r\n", &gzip),
        "/brotli" => with_headers("content-encoding: br\r\n", &brotli),
        "/exact" => with_headers("content-length: 100000\r\n", &[b'x'; 100_000]),
        _ => ([b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &[b'x'; 65_536]].concat(), true),
    })
    .await;
    let client = client(&[&server]);
    for (path, truncated) in [("/gzip", true), ("/brotli", true), ("/endless", true), ("/exact", false)] {
        let page = client.get(&server.url(path), &[]).await.unwrap();
        assert_eq!((page.body.len(), page.truncated), (100_000, truncated), "{path}");
        assert!(page.json::<serde_json::Value>().is_err());
    }
}

#[tokio::test]
async fn slow_servers_meet_the_deadline() {
    let server = Server::start(|path| match path {
        // The end never comes, neither of the headers nor of the body.
        "/headers" => (b"HTTP/1.1 200 OK\r\nx: y\r\n".to_vec(), true),
        _ => (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n".to_vec(), false),
    })
    .await;
    // A server that says nothing at all.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let private_hosts = HostRules::parse([address.to_string(), server.address.to_string()]).unwrap();
    let limits = HttpPolicy { timeout: Duration::from_millis(300), private_hosts, ..policy(&[]) };
    let client = Client::new(limits).unwrap();
    let got = client.get(&format!("http://{address}/"), &[]).await.unwrap_err();
    assert_eq!(got, HttpError::Timeout { host: address.to_string(), limit: Duration::from_millis(300) });
    assert!(matches!(
        client.get(&server.url("/headers"), &[]).await,
        Err(HttpError::Answer { .. } | HttpError::Timeout { .. })
    ));
    drop(silent);
}

#[tokio::test]
async fn broken_answers_are_errors_in_words() {
    let server = Server::start(|path| match path {
        "/short" => with_headers("content-length: 99\r\n", b"abc"),
        "/long" => with_headers("content-length: 3\r\n", b"abcdef"),
        "/gzip" => with_headers("content-encoding: gzip\r\n", b"no gzip at all"),
        "/garbage" => (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), false),
        "/many" => with_headers(&"x: y\r\n".repeat(200), b""),
        "/wide" => with_headers(&format!("x: {}\r\n", "y".repeat(2 << 20)), b""),
        "/closed" => (Vec::new(), false),
        _ => with_headers("location: \u{1}\r\n", b""),
    })
    .await;
    let client = client(&[&server]);
    for path in ["/short", "/gzip", "/garbage", "/many", "/wide", "/closed"] {
        let got = client.get(&server.url(path), &[]).await;
        assert!(matches!(&got, Err(HttpError::Answer { .. })), "{path}: {got:?}");
        assert!(got.unwrap_err().to_string().contains("did not answer properly"));
    }
    assert_eq!(words(&client, &server.url("/long")).await, "abc");
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await?;
        stream.write_all(b"no TLS is spoken here\r\n").await
    });
    let private_hosts = HostRules::parse([address.to_string()]).unwrap();
    let got = Client::new(HttpPolicy { private_hosts, ..policy(&[]) }).unwrap();
    let got = words(&got, &format!("https://{address}/")).await;
    assert!(got.starts_with(&format!("no connection to {address}")) || got.contains("ca-certificates"), "{got}");
}

/// Names for tests, on the addresses given.
struct Names(Vec<(&'static str, Vec<IpAddr>)>);

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = self.0.iter().find(|(name, _)| *name == host);
        found.map(|(_, ips)| ips.clone()).ok_or_else(|| io::Error::other("no such name"))
    }
}

#[tokio::test]
async fn names_are_judged_by_what_they_resolve_to() {
    let server = Server::start(|_| ok("found")).await;
    let port = server.address.port();
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    let names = Names(vec![
        ("inside.test", vec![ip("127.0.0.1")]),
        ("mixed.test", vec![ip("169.254.169.254"), ip("127.0.0.1")]),
        ("metadata.test", vec![ip("169.254.169.254")]),
    ]);
    let rules = ["inside.test", "mixed.test", "metadata.test"].map(|name| format!("{name}:{port}"));
    let private_hosts = HostRules::parse(rules).unwrap();
    let with_private = HttpPolicy { private_hosts, ..policy(&[]) };
    let names = Arc::new(names);
    let public = Client::with_resolver(policy(&[]), Arc::clone(&names) as Arc<dyn Resolve>).unwrap();
    let private = Client::with_resolver(with_private, names).unwrap();
    let url = |name: &str| format!("http://{name}:{port}/");
    // Once a connection is open in one client, the other's rules still hold, and those for another port too.
    assert_eq!(words(&private, &url("inside.test")).await, "found");
    assert_eq!(words(&private, &url("mixed.test")).await, "found");
    assert!(words(&private, &url("metadata.test")).await.contains("metadata.test resolves to a link-local address"));
    assert!(words(&private, "http://inside.test/").await.contains("inside.test resolves to a loopback address"));
    for name in ["inside.test", "mixed.test", "metadata.test"] {
        let got = words(&public, &url(name)).await;
        assert!(got.starts_with(&format!("{name} resolves to a ")) && got.ends_with("which is refused"), "{got}");
    }
    assert_eq!(words(&public, &url("gone.test")).await, "gone.test cannot be found: no such name");
    assert_eq!(server.asked().len(), 2);
    assert!(server.asked()[0].to_lowercase().contains(&format!("host: inside.test:{port}\r\n")));
}

#[tokio::test]
async fn headers_that_could_smuggle_a_request_are_refused() {
    let server = Server::start(|_| ok("")).await;
    let client = client(&[&server]);
    for (name, value) in
        [("Host", "evil"), ("Transfer-Encoding", "chunked"), ("x", "a\r\nb: c"), ("a b", "c"), ("", "x")]
    {
        let got = client.get(&server.url("/"), &[(name, value)]).await;
        assert!(matches!(got, Err(HttpError::Header { .. })), "{name}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_get_is_sent_again_and_nothing_else() {
    let count = Arc::new(Mutex::new(0));
    let server = Server::start(move |path| {
        *count.lock().unwrap() += 1;
        let n = *count.lock().unwrap();
        let status = |line: &str| {
            (format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes(), false)
        };
        match path {
            "/long" => status("429 Slow\r\nretry-after: 3600"),
            "/gone" => status("404 Gone"),
            _ if n % 3 == 1 => status("429 Slow\r\nretry-after: 0"),
            _ if n % 3 == 2 => (Vec::new(), false),
            _ => ok("third"),
        }
    })
    .await;
    let client = client(&[&server]);
    let retries = Retries { wait: Duration::from_millis(1), ..Retries::default() };
    let ask = async |request| {
        let before = server.asked().len();
        let answer = client.with_retries(request, &retries).await.unwrap();
        (answer.status, server.asked().len() - before)
    };
    assert_eq!(ask(Request::get(server.url("/"))).await, (StatusCode::OK, 3));
    assert_eq!(ask(Request::new(Method::POST, server.url("/"))).await, (StatusCode::TOO_MANY_REQUESTS, 1));
    assert_eq!(ask(Request::get(server.url("/long"))).await, (StatusCode::TOO_MANY_REQUESTS, 1));
    assert_eq!(ask(Request::get(server.url("/gone"))).await, (StatusCode::NOT_FOUND, 1));
}
