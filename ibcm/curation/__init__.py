"""Curators at work: pairs to decide, values pinned and hidden, entities split, everything taken back."""
