"""A brake for runaway clients. Work is bounded by ibcm.chat.gate; this only keeps a loop from filling the disk."""

from rest_framework.throttling import AnonRateThrottle


class AskThrottle(AnonRateThrottle):
    scope = "ask"
    rate = "1200/min"
