"""How much a file may ask of us. Generous for data, small for traps."""

MIB = 1024 * 1024

MAX_LINE = 16 * MIB
"""Bytes of one line: the longest text of a record (2 million characters), escaped, still fits."""
MAX_UNPACKED = 4096 * MIB
"""Bytes that one compressed file may unpack to. Lines are streamed, so this bounds time, not memory."""
FREE_UNPACKED = 8 * MIB
"""Below this nobody asks about the ratio."""
MAX_RATIO = 150
"""Unpacked to packed. Tables of repeated values reach about 40; a file of zeros 1,000."""
MAX_WHOLE = 256 * MIB
"""Bytes of a file that must be read whole (GeoJSON)."""
MAX_GTFS = 200 * MIB
"""Unpacked bytes of the tables that are read of one GTFS zip."""
MAX_JOINED_ROWS = 5_000_000
"""Rows of a file that is joined to another, and so kept in memory."""
MAX_FILES = 10_000
"""Files under one folder."""
