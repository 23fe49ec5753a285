//! The wasmtime host: what untrusted code may do, and for how long.
