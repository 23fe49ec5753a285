//! Facts that are kept across runs.
