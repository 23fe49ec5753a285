//! Files for the runner's `fs`. What fails comes back as `{code: "ENOENT", why: "no such file or directory"}`, which the
//! runner throws as an error like Node's.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, Write as _},
    path::Path,
    time::UNIX_EPOCH,
};

use rquickjs::{ArrayBuffer, Ctx, Function, IntoJs, Object, Result, TypedArray, Value};

/// The outcome of an operation on files.
struct Outcome<T>(io::Result<T>);

impl<'js, T: IntoJs<'js>> IntoJs<'js> for Outcome<T> {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        let outcome = Object::new(ctx.clone())?;
        match self.0 {
            Ok(value) => outcome.set("value", value)?,
            Err(error) => {
                let (code, why) = described(&error);
                outcome.set("code", code)?;
                outcome.set("why", why)?;
            }
        }
        Ok(outcome.into_value())
    }
}

/// Bytes as an ArrayBuffer.
struct Bytes(Vec<u8>);

impl<'js> IntoJs<'js> for Bytes {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        Ok(ArrayBuffer::new_copy(ctx.clone(), self.0)?.into_value())
    }
}

/// Adds the functions to `machine`.
pub fn define<'js>(ctx: &Ctx<'js>, machine: &Object<'js>) -> Result<()> {
    let define = |name: &str, function: Result<Function<'js>>| machine.set(name, function?);
    let ctx = || ctx.clone();
    define("read", Function::new(ctx(), |path: String| Outcome(read(&path).map(Bytes))))?;
    define(
        "readText",
        Function::new(ctx(), |path: String| {
            Outcome(read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
        }),
    )?;
    define(
        "save",
        Function::new(ctx(), |path: String, data: Value<'js>, how: String| {
            with_bytes(&data, |bytes| Outcome(save(&path, bytes, &how)))
        }),
    )?;
    define("copy", Function::new(ctx(), |from: String, to: String| Outcome(copy(&from, &to))))?;
    define(
        "truncate",
        Function::new(ctx(), |path: String, length: f64| {
            Outcome(OpenOptions::new().write(true).open(path).and_then(|file| file.set_len(length as u64)))
        }),
    )?;
    define("exists", Function::new(ctx(), |path: String| Path::new(&path).exists()))?;
    define("list", Function::new(ctx(), |path: String| Outcome(list(&path))))?;
    define(
        "makeFolder",
        Function::new(ctx(), |path: String, deep: bool| {
            Outcome(if deep { fs::create_dir_all(path) } else { fs::create_dir(path) })
        }),
    )?;
    define("remove", Function::new(ctx(), |path: String| Outcome(fs::remove_file(path))))?;
    define(
        "removeFolder",
        Function::new(ctx(), |path: String, deep: bool| {
            Outcome(if deep { fs::remove_dir_all(path) } else { fs::remove_dir(path) })
        }),
    )?;
    define("rename", Function::new(ctx(), |from: String, to: String| Outcome(fs::rename(from, to))))?;
    define("look", Function::new(ctx(), |path: String| Outcome(look(&path))))?;
    define(
        "decode",
        Function::new(ctx(), |data: Value<'js>| {
            with_bytes(&data, |bytes| std::str::from_utf8(bytes).ok().map(str::to_owned))
        }),
    )?;
    define(
        "decodeLossy",
        Function::new(ctx(), |data: Value<'js>| with_bytes(&data, |bytes| String::from_utf8_lossy(bytes).into_owned())),
    )?;
    define("encode", Function::new(ctx(), |text: String| Bytes(text.into_bytes())))?;
    Ok(())
}

/// Calls with the bytes of a text or of a Uint8Array.
fn with_bytes<T>(data: &Value, then: impl FnOnce(&[u8]) -> T) -> T {
    if let Some(text) = data.as_string() {
        return then(text.to_string().unwrap_or_default().as_bytes());
    }
    let array = data.as_object().and_then(|object| TypedArray::<u8>::from_object(object.clone()).ok());
    // SAFETY: nothing of JavaScript runs while the slice is alive.
    match array.as_ref().and_then(|array| unsafe { array.as_bytes() }) {
        Some(bytes) => then(bytes),
        None => then(&[]),
    }
}

/// The bytes of a file; of standard input for `/dev/stdin`.
fn read(path: &str) -> io::Result<Vec<u8>> {
    if path != "/dev/stdin" {
        return fs::read(path);
    }
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file: `how` is Node's flag, `w`, `a`, `wx`, `ax` or `r+`.
fn save(path: &str, bytes: &[u8], how: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    match how {
        "a" => options.append(true).create(true),
        "ax" => options.append(true).create_new(true),
        "wx" => options.write(true).create_new(true),
        "r+" => options.write(true),
        _ => options.write(true).create(true).truncate(true),
    };
    options.open(path)?.write_all(bytes)
}

/// `fs::copy` asks for permissions, which WASI has not.
fn copy(from: &str, to: &str) -> io::Result<()> {
    let mut from = File::open(from)?;
    let mut to = File::create(to)?;
    from.rewind()?;
    io::copy(&mut from, &mut to).map(|_| ())
}

/// Sorted names, those of folders with a slash behind them.
fn list(path: &str) -> io::Result<Vec<String>> {
    let mut names = fs::read_dir(path)?
        .map(|entry| {
            let entry = entry?;
            let slash = if entry.file_type().is_ok_and(|kind| kind.is_dir()) { "/" } else { "" };
            Ok(format!("{}{slash}", entry.file_name().to_string_lossy()))
        })
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// Length, whether it is a folder, and when it was changed, in milliseconds since 1970.
fn look(path: &str) -> io::Result<Vec<f64>> {
    let found = fs::metadata(path)?;
    let changed = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Ok(vec![found.len() as f64, f64::from(u8::from(found.is_dir())), changed.as_secs_f64() * 1e3])
}

/// The code of the system, and Node's words for it.
fn described(error: &io::Error) -> (&'static str, String) {
    // The numbers are those of WASI preview 1; the standard library knows but some of them.
    let (code, why) = match error.raw_os_error() {
        Some(2) => ("EACCES", "permission denied"),
        Some(19) => ("EDQUOT", "disk quota exceeded"),
        Some(20) => ("EEXIST", "file already exists"),
        Some(28) => ("EINVAL", "invalid argument"),
        Some(31) => ("EISDIR", "illegal operation on a directory"),
        Some(32) => ("ELOOP", "too many symbolic links encountered"),
        Some(37) => ("ENAMETOOLONG", "name too long"),
        Some(44) => ("ENOENT", "no such file or directory"),
        Some(51) => ("ENOSPC", "no space left on device"),
        Some(54) => ("ENOTDIR", "not a directory"),
        Some(55) => ("ENOTEMPTY", "directory not empty"),
        Some(63) => ("EPERM", "operation not permitted"),
        Some(69) => ("EROFS", "read-only file system"),
        Some(76) => ("EACCES", "permission denied: there is nothing but the current folder"),
        _ => {
            let text = error.to_string();
            return ("EIO", text.split(" (os error").next().unwrap_or(&text).to_lowercase());
        }
    };
    (code, why.to_owned())
}
