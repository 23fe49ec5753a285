//! HTTP with a policy: allowed hosts, no private addresses, bounded bodies.
