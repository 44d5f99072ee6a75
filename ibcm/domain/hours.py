"""Clock times and opening hours as people write them, into HH:MM and OSM `opening_hours`."""

import re
from collections.abc import Mapping
from typing import Any

CLOCK = re.compile(
    r"(?P<hour>\d{1,2}?)(?::?(?P<minute>\d{2}))?(?::\d{2})?\s*(?P<half>a\.?m\.?|p\.?m\.?|noon|midnight)?", re.IGNORECASE
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAY = ("24 hours", "24 hrs", "24x7")
PART = re.compile(r"(?P<times>[^()]+?)\s*(?:\((?P<days>[^()]*)\)|$)")
SPAN = re.compile(r"\s*(?:to|-|–)\s*", re.IGNORECASE)


def clock(value: Any, options: Mapping[str, str] | None = None) -> str:
    """HH:MM of `0636`, `06:36:10`, `7:30 PM`, `12noon`, `130am`, `25:10` (the next day's 01:10).

    `options`: `{day_starts: "03:00"}` counts earlier times into the day before, as 24:00 and later.
    """
    at = minutes(str(value))
    starts = minutes(options["day_starts"]) if options else 0
    if at < starts:
        at += 24 * 60
    return f"{at // 60:02d}:{at % 60:02d}"


def opening_hours(value: Any) -> str | None:
    """`11am to 11pm (Mon-Sat), 12noon to 6pm (Sun)` -> `Mo-Sa 11:00-23:00; Su 12:00-18:00`.

    Nothing for a form that is not understood: half-right hours would send somebody to a closed door.
    """
    text = str(value).strip()
    parts = [_part(match["times"], match["days"]) for match in PART.finditer(text)]
    whole = PART.sub("", text).strip(" ,;") == ""
    return "; ".join(parts) if parts and whole and all(parts) else None  # type: ignore[arg-type]  # all() excludes None


def _part(times: str, days: str | None) -> str | None:
    shown = _days(days) if days else ""
    spans = [_span(span) for span in times.strip(" ,;").split(",")]
    return None if shown is None or None in spans else f"{shown} {','.join(str(span) for span in spans)}".strip()


def minutes(text: str) -> int:
    """Minutes from midnight of a clock time as people write it. Raises ValueError for what is none."""
    match = CLOCK.fullmatch(text.strip().lower().replace("12 noon", "12noon").replace("12 midnight", "12midnight"))
    if match is None:
        raise ValueError(f"{text!r} is not a time of day")
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").replace(".", "")
    if (half and not 1 <= hour <= 12) or minute > 59 or hour > 29:
        raise ValueError(f"{text!r} is not a time of day")
    if half in ("pm", "am", "midnight"):
        hour = hour % 12 + (12 if half == "pm" else 24 if half == "midnight" else 0)
    return hour * 60 + minute


def _span(text: str) -> str | None:
    if text.strip().lower() in ALL_DAY:
        return "00:00-24:00"
    ends = SPAN.split(text.strip())
    if len(ends) != 2:
        return None
    try:
        opens, closes = (minutes(end) for end in ends)
    except ValueError:
        return None
    shown = "24:00" if closes == 24 * 60 else f"{closes // 60 % 24:02d}:{closes % 60:02d}"
    return f"{opens // 60 % 24:02d}:{opens % 60:02d}-{shown}"


def _days(text: str) -> str | None:
    """`Mon-Sun` -> `Mo-Su`, `Mon,Tue` -> `Mo,Tu`."""
    parts = [part.strip().lower() for part in re.split(r"([-,])", text)]
    for day in parts[::2]:
        if day[:3] not in DAYS:
            return None
    return "".join(part if part in "-," else part[:2].capitalize() for part in parts)
