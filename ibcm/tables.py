"""Plain text tables for commands."""

from collections.abc import Mapping, Sequence

WIDEST = 60


def table(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Aligned columns with a heading, one row a line; numbers to the right. Long cells are cut."""
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(column), *(len(line[at]) for line in cells), 0) for at, column in enumerate(columns)]
    numeric = [bool(rows) and all(isinstance(row.get(column), int | float) for row in rows) for column in columns]
    lines = [list(columns), *cells]
    return "".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        + "\n"
        for line in lines
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = ", ".join(str(one) for one in value)
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
