"""Questions with computed answers over any record files.

The answers come from plain Python over the records and never from the product: nothing of `ibcm`, `graph` or
`retrieval` is imported here, so a mistake there cannot hide in the yardstick. Run
`python -m benchmarks.questions --help`.
"""
