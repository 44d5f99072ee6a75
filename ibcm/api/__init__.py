"""REST: the same service as the page, as JSON and as an event stream. No logic of its own."""
