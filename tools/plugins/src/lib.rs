//! Tools by others: a manifest and a WASI component.
