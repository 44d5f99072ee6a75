"""Numbered checks that refuse settings which cannot work together."""
