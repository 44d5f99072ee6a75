"""Source `file`: record files, and tables of any shape through a mapping (docs/records.md, docs/mapping.md).

`policies_for` says whose terms stand beside the files; `read_files` yields what is in them. A bad line is Rejected
with its place and the good ones are kept. A file never declares itself complete: what it leaves out stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from crawlers.base import Fetched, Place, Rejected
from crawlers.file.build import build
from crawlers.file.gtfs import read_gtfs
from crawlers.file.mapping import Table, TableMapping, load_mapping
from crawlers.file.paths import RECORD_SUFFIXES, TABLE_SUFFIXES, Input, inputs
from crawlers.file.policies import agree, beside, missing, named_policies
from crawlers.file.recordfiles import first_source, read_records
from crawlers.file.tables import format_of
from ibcm.config import load_scope
from ibcm.domain.errors import IbcmError, PolicyError
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.scope import Scope

__all__ = ["policies_for", "read_files"]


def policies_for(
    paths: Sequence[Path], mapping: Path | None = None, *, scope: Scope | None = None
) -> dict[str, SourcePolicy]:
    """Slug -> terms, from the mapping or from each source.yaml beside the files.

    A flat source.yaml holds for the source that the file beside it names first. Raises IbcmError for a path that is
    not there, ConfigurationError for wrong terms, PolicyError for two different terms of one source.
    """
    if mapping is not None:
        inputs(paths, TABLE_SUFFIXES)
        return dict(load_mapping(mapping, scope or load_scope()).policies)
    found: dict[str, SourcePolicy] = {}
    for file in inputs(paths, RECORD_SUFFIXES):
        path = beside(file)
        if path is None:
            continue
        named, flat = named_policies(path)
        slug = first_source(file.path) if flat else None
        agree(found, {**named, **({slug: flat} if flat and slug else {})}, (str(path),))
    return found


def read_files(
    paths: Sequence[Path],
    mapping: Path | None = None,
    *,
    policies: Mapping[str, SourcePolicy],
    scope: Scope | None = None,
    place: Place | None = None,
) -> Iterator[Fetched]:
    """Records of all files in a fixed order, and Rejected for what is none. Files are streamed; `place` follows.

    `policies`: terms that are known already; they win over those beside the files. Raises PolicyError when there are
    no terms at all, IbcmError for a path or mapping that cannot be used.
    """
    place = place or Place()
    if mapping is not None:
        yield from _mapped(paths, load_mapping(mapping, scope or load_scope()), place)
        return
    known = {**policies_for(paths), **policies}
    for file in inputs(paths, RECORD_SUFFIXES):
        if not file.path.name.lower().endswith(RECORD_SUFFIXES):
            yield Rejected(str(file.path), "is no record file (*.jsonl, *.jsonl.gz): name a mapping with --mapping")
            continue
        if beside(file) is None:
            slug = first_source(file.path)
            if slug is not None and slug not in known:
                raise PolicyError(missing(slug, str(file.path)))
        yield from read_records(file.path, known, place)


def _mapped(paths: Sequence[Path], mapping: TableMapping, place: Place) -> Iterator[Fetched]:
    used = 0
    for file in inputs(paths, TABLE_SUFFIXES):
        found = ((table, table.captures(file.path.name)) for table in mapping.tables)
        table, captures = next(((table, captures) for table, captures in found if captures is not None), (None, {}))
        if table is not None:
            used += 1
            place.where = str(file.path)
            yield from _table(file, table, captures, mapping, place)
        elif file.named:
            yield Rejected(
                str(file.path), f"no table of {mapping.path.name} is for a file of this name (see its `files`)"
            )
    if not used:
        raise IbcmError(f"no file there is one that {mapping.path} maps: compare their names with its `files`")


def _table(
    file: Input, table: Table, captures: Mapping[str, str], mapping: TableMapping, place: Place
) -> Iterator[Fetched]:
    if table.spec.gtfs is not None:
        source = table.spec.gtfs.source or next(iter(mapping.policies))
        yield from read_gtfs(file.path, table.spec.gtfs, source, table.retrieved_at)
    elif table.spec.format is None and format_of(file.path) in (None, "gtfs"):
        yield Rejected(str(file.path), "its name does not say what it is: give the table a format")
    else:
        yield from build(file.path, table, captures, place)
