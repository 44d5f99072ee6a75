"""The index of a cluster: numbered collections on a Qdrant server, and an alias that names the one that answers."""

import re

from qdrant_client import QdrantClient, models

from retrieval.embedders.base import ModelId
from retrieval.vectors import schema
from retrieval.vectors.base import VectorStore
from retrieval.vectors.server import ServerVectorStore


class ServerIndex(ServerVectorStore):
    """The collection that an alias names: `<name>-1`, `<name>-2`, …"""

    def __init__(self, url: str, api_key: str | None, name: str, *, client: QdrantClient | None = None) -> None:
        """`name` is the alias; see ServerVectorStore for the rest."""
        super().__init__(url, api_key, name, client=client)
        self._url, self._api_key = url, api_key

    def prepare(self, model: ModelId) -> None:
        """Open what the alias names, or make the first collection. Raises IndexMismatch."""
        with self._server("prepare"):
            if self._behind_alias() is None:
                first = self._numbered(1)
                if not self._client.collection_exists(first):
                    self._create(first, model)
                self._point_at(first)
            found = self._client.get_collection(self._name).config.metadata
            self._sweep()
        schema.check_description(found, model, self._where)

    def aside(self) -> VectorStore:
        """A store on the next collection."""
        with self._server("read"):
            number = self._number() + 1
        return ServerVectorStore(self._url, self._api_key, self._numbered(number), client=self._client)

    def switch(self, aside: VectorStore, model: ModelId) -> None:
        """Move the alias in one step, then delete the old collection."""
        aside.prepare(model)
        with self._server("switch"):
            self._point_at(self._numbered(self._number() + 1))
            self._sweep()

    def clear(self) -> None:
        """Remove the collection and its alias; `prepare` makes them anew."""
        with self._server("remove"):
            if (collection := self._behind_alias()) is not None:
                remove = models.DeleteAlias(alias_name=self._name)
                self._client.update_collection_aliases([models.DeleteAliasOperation(delete_alias=remove)])
                self._client.delete_collection(collection)

    def _sweep(self) -> None:
        """Delete what answered before, also where a kill came between the switch and this. What is built aside has a
        greater number, and may be another process's."""
        current = self._number()
        for collection in self._client.get_collections().collections:
            numbered = re.fullmatch(rf"{re.escape(self._name)}-(\d+)", collection.name)
            if numbered and int(numbered[1]) < current:
                self._client.delete_collection(collection.name)

    def _numbered(self, number: int) -> str:
        return f"{self._name}-{number}"

    def _number(self) -> int:
        found = re.search(r"-(\d+)$", self._behind_alias() or "")
        return int(found[1]) if found else 0

    def _behind_alias(self) -> str | None:
        aliases = self._client.get_aliases().aliases
        return next((alias.collection_name for alias in aliases if alias.alias_name == self._name), None)

    def _point_at(self, collection: str) -> None:
        change: list[models.AliasOperations] = []
        if self._behind_alias() is not None:
            change.append(models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=self._name)))
        create = models.CreateAlias(collection_name=collection, alias_name=self._name)
        self._client.update_collection_aliases([*change, models.CreateAliasOperation(create_alias=create)])
