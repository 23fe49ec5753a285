//! Local documents, the almanac, and web search.
