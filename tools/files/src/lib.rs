//! Files inside the workspace of a run.
