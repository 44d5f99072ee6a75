"""Sources: their terms, their state, and the whole of walk (a)."""
