"""One small module per family of documents: document + register → bill → postings."""
