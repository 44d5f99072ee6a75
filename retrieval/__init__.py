"""Question -> evidence -> cited answer."""
