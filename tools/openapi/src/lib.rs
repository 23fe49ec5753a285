//! Tools out of an OpenAPI document.
