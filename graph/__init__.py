"""What is true and who said so."""
