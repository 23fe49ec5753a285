//! A web page as clean text.
