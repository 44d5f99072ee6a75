"""Linked question -> typed plan, by rules that look at roles and never at whole questions."""
