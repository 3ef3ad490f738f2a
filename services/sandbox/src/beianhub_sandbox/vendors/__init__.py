"""The three vendor-style systems: `*_words` hold a vendor's vocabulary, the others its routes."""
