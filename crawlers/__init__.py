"""The outside world -> SourceRecord. Nothing is stored here."""
