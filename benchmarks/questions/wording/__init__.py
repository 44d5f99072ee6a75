"""The phrasings, as data: one YAML file a language, and the words that they share."""
