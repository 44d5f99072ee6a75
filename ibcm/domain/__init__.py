"""The types that every part shares. No input or output happens here, and nothing of ours is imported."""
