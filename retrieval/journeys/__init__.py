"""Journeys over stops and routes: the network of a city in memory, and the search over it."""
