//! Sentence embeddings from a BERT model.
