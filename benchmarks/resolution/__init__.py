"""Resolution measured: on public sets and hand-read samples, beside Splink in the same run."""
