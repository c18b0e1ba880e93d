"""Keys: where they are read, and how they are kept out of everything that is written."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from migrator.errors import UserError

if TYPE_CHECKING:
    from migrator.compare.sources.base import Column

_REFERENCE = re.compile(r"\$\{(\w+)\}")
_SHORTEST = 6
"""Shorter values than this are not hidden: they would blank out ordinary words."""
_HIDDEN = "[hidden]"
_ENVIRONMENT = {
    "openai": "OPENAI_API_KEY",
    "azure": "AZURE_OPENAI_API_KEY",
    "openai-compatible": "OPENAI_COMPATIBLE_API_KEY",
}
"""Where a key is looked for. A gateway is never sent the key of OpenAI unless ``key_env`` says so."""


class Secrets:
    """The secrets of one run. :meth:`clean` takes them out of a text."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def key_of(self, column: Column) -> str:
        """The key for ``column``. Raises UserError, without the key, when there is none."""
        if column.kind == "simulator":
            return "sk-simulated"
        if column.key_file is not None:
            try:
                key = column.key_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise UserError(f"source {column.name!r}: the key file cannot be read") from None
            if not key or not key.isprintable() or not key.isascii():
                raise UserError(f"source {column.name!r}: the key file must hold one key and nothing else")
            return self._keep(key)
        name = column.key_env or _ENVIRONMENT[column.kind]
        key = os.environ.get(name, "").strip()
        if key:
            return self._keep(key)
        if column.kind == "openai-compatible" and column.key_env is None:
            return "none"
        raise UserError(f"source {column.name!r} needs a key: set {name} or pass --key-file")

    def headers_of(self, column: Column) -> dict[str, str]:
        """The headers of ``column`` with the environment filled in. Raises UserError for what is not set."""
        found = {}
        for header, written in column.headers.items():
            value = written
            for name in _REFERENCE.findall(written):
                if not os.environ.get(name):
                    raise UserError(f"source {column.name!r}: the header {header!r} needs {name} to be set")
                value = value.replace(f"${{{name}}}", self._keep(os.environ[name]))
            found[header] = value
        return found

    def clean(self, text: str) -> str:
        """``text`` without any secret."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, _HIDDEN)
        return text

    def _keep(self, value: str) -> str:
        if len(value) >= _SHORTEST:
            self._values.add(value)
        return value
