//! Python and JavaScript in the sandbox.
