"""The relational truth: records by version, assignments, evidence, and the marks that say what is behind."""
