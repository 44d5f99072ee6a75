"""What the product answers and how fast, measured from outside: see benchmarks/README.md."""
