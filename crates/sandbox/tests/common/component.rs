//! Small tools in WebAssembly text: components of the world in `sandbox/wit`.

use toolwright_sandbox::{ComponentOutcome, Grants, Limits, ToolComponent};

use super::Host;

/// What a component may import, by the part that needs it. `outer` stands in the component, `given` is what the inner
/// module is instantiated with, `inner` are its imports.
pub struct Imports {
    outer: &'static str,
    given: &'static str,
    inner: &'static str,
}

/// `$log` and `$fetch` of the host; strings are a pointer and a length, results go to a pointer.
pub const HOST: Imports = Imports {
    outer: r#"
        (import "toolwright:tool/host@0.1.0" (instance $host
            (export "log" (func (param "level" string) (param "message" string)))
            (type $error' (variant (case "denied" string) (case "failed" string)))
            (export "fetch-error" (type $error (eq $error')))
            (export "fetch" (func (param "url" string) (result (result (list u8) (error $error)))))))
        (core func $log (canon lower (func $host "log") (memory (core memory $libc "memory"))))
        (core func $fetch (canon lower (func $host "fetch") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
    given: r#"(export "log" (func $log)) (export "fetch" (func $fetch))"#,
    inner: r#"
        (import "given" "log" (func $log (param i32 i32 i32 i32)))
        (import "given" "fetch" (func $fetch (param i32 i32 i32)))"#,
};

/// `$random` of so many bytes, `$random64`, `$now`, and `$wait` for so many nanoseconds. `$timer` makes a timer that
/// nobody waits for.
pub const WORLD: Imports = Imports {
    outer: r#"
        (import "wasi:random/random@0.2.0" (instance $random
            (export "get-random-bytes" (func (param "len" u64) (result (list u8))))
            (export "get-random-u64" (func (result u64)))))
        (import "wasi:io/poll@0.2.0" (instance $poll
            (export "pollable" (type $pollable (sub resource)))
            (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
        (alias export $poll "pollable" (type $pollable))
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
            (alias outer 1 $pollable (type $outer))
            (export "pollable" (type $pollable (eq $outer)))
            (export "now" (func (result u64)))
            (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
        (core func $bytes
            (canon lower (func $random "get-random-bytes") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (core func $u64 (canon lower (func $random "get-random-u64")))
        (core func $block (canon lower (func $poll "[method]pollable.block")))
        (core func $now (canon lower (func $clock "now")))
        (core func $subscribe (canon lower (func $clock "subscribe-duration")))"#,
    given: r#"
        (export "bytes" (func $bytes)) (export "u64" (func $u64)) (export "block" (func $block))
        (export "now" (func $now)) (export "subscribe" (func $subscribe))"#,
    inner: r#"
        (import "given" "bytes" (func $random (param i64 i32)))
        (import "given" "u64" (func $random64 (result i64)))
        (import "given" "block" (func $block (param i32)))
        (import "given" "now" (func $now (result i64)))
        (import "given" "subscribe" (func $timer (param i64) (result i32)))"#,
};

/// `$folders` lists the preopened folders, and `$read` begins to read one of them.
pub const FOLDERS: Imports = Imports {
    outer: r#"
        (import "wasi:filesystem/types@0.2.0" (instance $types
            (export "descriptor" (type $descriptor (sub resource)))
            (export "directory-entry-stream" (type $stream (sub resource)))
            (type $code' (enum "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota" "exist"
                "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io" "is-directory" "loop"
                "too-many-links" "message-size" "name-too-long" "no-device" "no-entry" "no-lock" "insufficient-memory"
                "insufficient-space" "not-directory" "not-empty" "not-recoverable" "unsupported" "no-tty"
                "no-such-device" "overflow" "not-permitted" "pipe" "read-only" "invalid-seek" "text-file-busy"
                "cross-device"))
            (export "error-code" (type $code (eq $code')))
            (export "[method]descriptor.read-directory"
                (func (param "self" (borrow $descriptor)) (result (result (own $stream) (error $code)))))))
        (alias export $types "descriptor" (type $descriptor))
        (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
            (alias outer 1 $descriptor (type $outer))
            (export "descriptor" (type $descriptor (eq $outer)))
            (export "get-directories" (func (result (list (tuple (own $descriptor) string)))))))
        (core func $folders
            (canon lower (func $preopens "get-directories") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (core func $read (canon lower (func $types "[method]descriptor.read-directory") (memory (core memory $libc "memory"))))"#,
    given: r#"(export "folders" (func $folders)) (export "read" (func $read))"#,
    inner: r#"
        (import "given" "folders" (func $folders (param i32)))
        (import "given" "read" (func $read (param i32 i32)))"#,
};

/// Nothing but what a component can do by itself.
pub const NOTHING: Imports = Imports { outer: "", given: "", inner: "" };

/// A tool whose `call` has this body: it is given the arguments as `$at` and `$length` and ends with the place of its
/// result. `$ok` and `$err` make one of a text at a pointer, `$number` one of a number. Memory from 4096 to 8192 is free
/// for it, what it is given lies above.
pub fn tool(imports: &Imports, more: &str, body: &str) -> Vec<u8> {
    let Imports { outer, given, inner } = imports;
    wat::parse_str(format!(
        r#"(component
        (core module $libc
            (memory (export "memory") 2)
            (global $next (mut i32) (i32.const 8192))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                (global.set $next (i32.add (local.get $at) (local.get 3)))
                (block $fits
                    (br_if $fits (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
                    (drop (memory.grow (i32.const 64))))
                (local.get $at)))
        (core instance $libc (instantiate $libc))
        {outer}
        (core module $main
            (import "libc" "memory" (memory 1))
            {inner}
            (func $result (param i32 i32 i32) (result i32)
                (i32.store (i32.const 16) (local.get 0))
                (i32.store (i32.const 20) (local.get 1))
                (i32.store (i32.const 24) (local.get 2))
                (i32.const 16))
            (func $ok (param i32 i32) (result i32) (call $result (i32.const 0) (local.get 0) (local.get 1)))
            (func $err (param i32 i32) (result i32) (call $result (i32.const 1) (local.get 0) (local.get 1)))
            ;; Sixteen hexadecimal digits.
            (func $number (param $n i64) (result i32) (local $i i32) (local $digit i32)
                (loop $l
                    (local.set $digit (i32.wrap_i64 (i64.and (local.get $n) (i64.const 15))))
                    (i32.store8 (i32.sub (i32.const 79) (local.get $i)) (i32.add (local.get $digit)
                        (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
                    (local.set $n (i64.shr_u (local.get $n) (i64.const 4)))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $l (i32.lt_u (local.get $i) (i32.const 16))))
                (call $ok (i32.const 64) (i32.const 16)))
            {more}
            (data (i32.const 128) "{{\22name\22:\22small\22}}")
            (func (export "describe") (result i32)
                (i32.store (i32.const 16) (i32.const 128))
                (i32.store (i32.const 20) (i32.const 16))
                (i32.const 16))
            (func (export "call") (param $at i32) (param $length i32) (result i32) (local $i i32) {body}))
        (core instance $main (instantiate $main
            (with "libc" (instance $libc)) (with "given" (instance {given}))))
        (func (export "describe") (result string)
            (canon lift (core func $main "describe") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (func (export "call") (param "arguments" string) (result (result string (error string)))
            (canon lift (core func $main "call") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")))))"#
    ))
    .unwrap()
}

impl Host {
    pub async fn tool(&self, imports: &Imports, more: &str, body: &str) -> ToolComponent {
        self.sandbox.component(&tool(imports, more, body)).await.unwrap()
    }

    /// Compiles a tool and calls it once, with nothing granted.
    pub async fn call(&self, imports: &Imports, body: &str, limits: &Limits) -> ComponentOutcome {
        call(&self.tool(imports, "", body).await, "{}", limits, &Grants::default()).await
    }
}

pub async fn call(tool: &ToolComponent, arguments: &str, limits: &Limits, grants: &Grants) -> ComponentOutcome {
    tool.call(arguments, limits, grants, &tokio_util::sync::CancellationToken::new()).await.unwrap()
}
