"""The seam to the graph. Verbs are ours; Cypher for reads comes from graph.queries as `Query` values."""

from collections.abc import Sequence
from typing import Protocol

from ibcm.domain.graph import Projection, Query, Row


class GraphStore(Protocol):
    """Implementations raise EngineError; `transient` on it says whether trying again may help."""

    def prepare(self) -> None:
        """Create constraints and indexes, check the schema version. Safe to repeat.

        Raises IndexMismatch when the graph was written by a newer schema.
        """

    def write(self, projections: Sequence[Projection]) -> None:
        """Make the graph hold exactly these entities' nodes, outgoing edges and record nodes. One transaction.

        A target that is not projected yet is created as a bare node with its id, and goes with its last edge. Record
        nodes that no entity says anything with any more are deleted. Repeating changes nothing.
        """

    def remove(self, label: str, ids: Sequence[str]) -> None:
        """Delete these nodes with their edges and their record nodes. Unknown ids are no error."""

    def read(self, query: Query) -> list[Row]:
        """Rows of a read-only query, each a dict of plain Python values."""

    def close(self) -> None:
        """Release connections; nothing may be called afterwards."""
