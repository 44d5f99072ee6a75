"""Commands that reach a running `manage.py up` over loopback: one process owns the embedded engines of a home.

`client` finds the server and asks it, `server` is the view that performs, `protocol` is what passes between them: one
JSON object a line, `{"out": text}`, `{"err": text}`, and last `{"exit": code}`.
"""
