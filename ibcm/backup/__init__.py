"""Backup and restore of what is nowhere else: the database, and which deletions must not come back."""
