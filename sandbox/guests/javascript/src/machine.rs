//! What only the machine can do, as functions for the runner.

use std::{
    cell::Cell,
    io::Write as _,
    process,
    time::{Duration, Instant},
};

use rquickjs::{Ctx, Error, FromJs as _, Function, Object, Promise, Proxy, Result, Value, promise::PromiseState, qjs};

use crate::{evaluate, files};

#[link(wasm_import_module = "toolwright")]
unsafe extern "C" {
    /// Hands the host what the program has come to, beside its output.
    fn report(address: *const u8, length: usize);
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn random_get(address: *mut u8, length: usize) -> u16;
}

thread_local! {
    /// The state of `Math.random`, seeded by the host when it is first asked for.
    static STATE: Cell<Option<[u64; 4]>> = const { Cell::new(None) };
    /// Where `now` counts from.
    static ORIGIN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The functions. Those that make objects make them in the realm that calls.
pub fn define<'js>(outer: &Ctx<'js>, inner: &Ctx<'js>) -> Result<Object<'js>> {
    let machine = Object::new(outer.clone())?;
    let define = |name: &str, function: Result<Function<'js>>| machine.set(name, function?);
    define("write", Function::new(outer.clone(), write))?;
    define("exit", Function::new(outer.clone(), |code: i32| -> () { process::exit(code) }))?;
    define("now", Function::new(outer.clone(), now))?;
    define(
        "sleep",
        Function::new(outer.clone(), |millis: f64| {
            std::thread::sleep(Duration::try_from_secs_f64(millis / 1e3).unwrap_or_default())
        }),
    )?;
    define("random", Function::new(outer.clone(), random))?;
    define(
        "report",
        Function::new(outer.clone(), |outcome: String| {
            // SAFETY: the host reads `length` bytes at `address` and keeps nothing.
            unsafe { report(outcome.as_ptr(), outcome.len()) }
        }),
    )?;
    // Works off what promises have to do.
    define("drain", Function::new(outer.clone(), |ctx: Ctx<'js>| while ctx.execute_pending_job() {}))?;
    define("promiseState", Function::new(outer.clone(), promise_state))?;
    define("kind", Function::new(outer.clone(), kind))?;
    define("proxyTarget", Function::new(outer.clone(), proxy_target))?;
    define("collect", Function::new(outer.clone(), |ctx: Ctx<'js>| ctx.run_gc()))?;
    // A function gets the realm that calls it, and this one has to do with the realm of programs.
    let realm = inner.as_raw();
    define(
        "evaluate",
        Function::new(outer.clone(), move |source: String, name: String, kind: String| {
            // SAFETY: the realm lives as long as the runtime, by `Started`.
            evaluate::program(unsafe { Ctx::from_raw(realm) }, source, name, kind)
        }),
    )?;
    define("mathRandom", Function::new(inner.clone(), math_random)?.with_name("random"))?;
    files::define(inner, &machine)?;
    Ok(machine)
}

/// To standard output (1) or error (2). What cannot be written is lost, as for any program whose reader is gone.
fn write(stream: u32, text: String) {
    let _ = match stream {
        1 => std::io::stdout().write_all(text.as_bytes()),
        _ => std::io::stderr().write_all(text.as_bytes()),
    };
    let _ = std::io::stdout().flush();
}

/// Milliseconds since the first call of a run.
fn now() -> f64 {
    let origin = ORIGIN.get().unwrap_or_else(|| {
        let origin = Instant::now();
        ORIGIN.set(Some(origin));
        origin
    });
    origin.elapsed().as_secs_f64() * 1e3
}

/// `["pending"]`, or `["fulfilled", value]`, or `["rejected", reason]`.
fn promise_state<'js>(ctx: Ctx<'js>, promise: Promise<'js>) -> Result<Vec<Value<'js>>> {
    let word = |text: &str| rquickjs::String::from_str(ctx.clone(), text).map(rquickjs::String::into_value);
    Ok(match (promise.state(), promise.result::<Value>()) {
        (PromiseState::Pending, _) => vec![word("pending")?],
        (PromiseState::Resolved, Some(Ok(value))) => vec![word("fulfilled")?, value],
        (PromiseState::Rejected, Some(Err(_))) => vec![word("rejected")?, promise.ctx().catch()],
        (PromiseState::Resolved, _) => vec![word("fulfilled")?],
        (PromiseState::Rejected, _) => vec![word("rejected")?],
    })
}

/// QuickJS's number for what kind of object it is; 0 for what is none.
fn kind(value: Value) -> u32 {
    if !value.is_object() {
        return 0;
    }
    // SAFETY: looks at the header of an object that `value` holds.
    unsafe { qjs::JS_GetClassID(value.as_raw()) }
}

/// What a proxy stands for: null where it was revoked, undefined for what is no proxy.
fn proxy_target<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<Value<'js>> {
    let Ok(proxy) = Proxy::from_js(&ctx, value) else { return Ok(Value::new_undefined(ctx)) };
    match proxy.target() {
        Ok(target) => Ok(target.into_value()),
        Err(Error::Exception) => {
            ctx.catch();
            Ok(Value::new_null(ctx))
        }
        Err(error) => Err(error),
    }
}

/// `count` random bytes from the host.
fn random(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    fill(&mut bytes);
    bytes
}

fn fill(bytes: &mut [u8]) {
    // SAFETY: the import writes `len` bytes, which `bytes` has.
    unsafe { random_get(bytes.as_mut_ptr(), bytes.len()) };
}

/// xoshiro256++ (Blackman and Vigna, 2019), of which the upper 53 bits make a number in [0, 1).
fn math_random() -> f64 {
    let mut s = STATE.get().unwrap_or_else(|| {
        let mut seed = [0; 32];
        fill(&mut seed);
        let mut words = [1; 4];
        for (word, bytes) in words.iter_mut().zip(seed.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        words
    });
    let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
    let t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3].rotate_left(45);
    STATE.set(Some(s));
    (result >> 11) as f64 / (1_u64 << 53) as f64
}
