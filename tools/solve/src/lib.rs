//! Symbolic algebra: simplify, differentiate, solve.
