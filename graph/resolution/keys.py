"""Keys of single values, by which blocking brings records together and crowded values are known."""

from hashlib import sha256

from graph.geo import Point

AT = "at|"
REST_LENGTH = 60
"""What is longer after a key's family becomes a digest: databases limit what they index."""


def short(key: str) -> str:
    """A key of bounded length."""
    family, _, rest = key.partition("|")
    return f"{family}|{bounded(rest)}"


def bounded(text: str) -> str:
    """What a key holds after its family: a digest where it is too long."""
    return text if len(text) <= REST_LENGTH else f"#{sha256(text.encode()).hexdigest()[:24]}"


def at_key(point: Point) -> str:
    return f"{AT}{point[0]:.6f},{point[1]:.6f}"


def phone_key(digits: str) -> str:
    return f"phone|{digits}"


def site_key(host: str) -> str:
    return short(f"site|{host}")


def is_spot(key: str) -> bool:
    """Whether it is an at_key."""
    return key.startswith(AT)
