"""YAML as configuration needs it: safe types only, and a key given twice is an error."""

from pathlib import Path
from typing import Any

import yaml

from ibcm.domain.errors import ConfigurationError


class _UniqueKeys(yaml.SafeLoader):
    """SafeLoader keeps the last of two equal keys; a person who wrote both wants to know."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue  # `<<: *shared` brings keys that the mapping may override
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is there twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> Any:
    """The file's content as plain Python values; an empty file is `{}`. Raises ConfigurationError naming the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path} does not exist") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    try:
        content = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506  # a SafeLoader subclass
    except (yaml.YAMLError, TypeError, ValueError) as error:  # TypeError: a mapping as a key; ValueError: 2024-13-45
        mark = getattr(error, "problem_mark", None)
        where = f"{path} line {mark.line + 1}" if mark else str(path)
        raise ConfigurationError(f"{where}: {getattr(error, 'problem', None) or error}") from error
    return {} if content is None else content
