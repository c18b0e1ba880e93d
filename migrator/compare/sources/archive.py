"""Pictures that were made before: a folder with a manifest, recorded responses, or just file names.

Tried in this order for every sample of a prompt: the rows of ``manifest.csv``, ``manifest.json`` or
``manifest.jsonl`` (by id, then by prompt), recorded API responses (``<id>.json``, or with the request in them),
cassettes of vcrpy, and files named after the id (``sign.png``, ``sign-1.png``).
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from migrator.compare import store
from migrator.compare.sources import recorded
from migrator.compare.sources.base import Answer, AskError
from migrator.compare.sources.fetch import MAX_BYTES
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from migrator.compare.plan import Task
    from migrator.compare.sources.base import Column
    from migrator.compare.suite import Prompt

MANIFESTS = ("manifest.csv", "manifest.json", "manifest.jsonl")
MAX_MANIFEST = 64 * 2**20
"""Bytes of a manifest."""
MAX_FILES = 200_000
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg"})
_SAMPLE = re.compile(r"(.+?)[-_](\d{1,4})")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Item:
    """One picture of the archive: a file, or picture ``index`` of recorded answer ``entry`` in it."""

    path: Path
    index: int | None = None
    entry: int = 0
    model: str | None = None
    latency_s: float | None = None
    cost_usd: float | None = None
    order: int = 0


class ArchiveSource:
    """``archive:DIR``. Reading the folder raises UserError for a manifest that is not valid."""

    def __init__(self, column: Column, prompts: Iterable[Prompt]) -> None:
        assert column.path is not None
        self.column = column
        self.host = "archive"
        self.folder = column.path.resolve()
        self._by_id: dict[str, list[Item]] = {}
        self._by_prompt: dict[str, list[Item]] = {}
        self._named: dict[str, list[Item]] = {}
        self._outside: list[str] = []
        self._read()
        self._found = {prompt.id: self._items(prompt) for prompt in prompts}
        self._unused = self._leftover()

    def missing(self, prompt: Prompt, sample: int) -> str | None:
        """Why there is no picture for this sample."""
        have = len(self._found.get(prompt.id, ()))
        if sample < have:
            return None
        if not have:
            return f"the archive has no picture for {prompt.id}"
        return f"the archive has {have} picture{'' if have == 1 else 's'} for {prompt.id}, no sample {sample}"

    def notes(self) -> list[str]:
        """What of the archive no prompt asks for."""
        said = []
        name, count = self.column.name, len(self._unused)
        if count:
            said.append(
                f"{name}: {count} picture{'' if count == 1 else 's'} of the archive"
                f" match{'es' if count == 1 else ''} no prompt: {_some(self._unused)}"
            )
        if self._outside:
            said.append(
                f"{name}: links that lead out of the archive are not read: {_some(sorted(self._outside))}"
            )
        return said

    async def ask(self, task: Task, timeout: float) -> Answer:
        """The picture of ``task``. See :class:`migrator.compare.sources.base.Source`."""
        item = self._found[task.prompt_id][task.sample]
        data = await asyncio.to_thread(_bytes_of, item, timeout)
        return Answer(data=data, latency_s=item.latency_s, cost_usd=item.cost_usd)

    async def close(self) -> None:
        """Frees what is remembered of cassettes."""
        recorded.forget()

    def model_of(self, prompt_id: str, sample: int) -> str | None:
        """The model that the manifest names for a picture."""
        items = self._found.get(prompt_id, ())
        return items[sample].model if sample < len(items) else None

    # Reading

    def _read(self) -> None:
        manifest = next((name for name in MANIFESTS if (self.folder / name).is_file()), None)
        if manifest is not None:
            for number, row in enumerate(_rows(self.folder / manifest), 1):
                self._take_row(f"{self.folder / manifest}: entry {number}", row)
        paths = sorted(self._files())
        if len(paths) > MAX_FILES:
            raise UserError(f"{self.folder}: more than {MAX_FILES:,} files; split the archive")
        for path in paths:
            if path.suffix.lower() in recorded.ENDINGS and path.name not in MANIFESTS:
                self._take_recorded(path)
            elif path.suffix.lower() in _PICTURES:
                self._named.setdefault(path.stem, []).append(Item(path))
                match = _SAMPLE.fullmatch(path.stem)
                if match:
                    self._named.setdefault(match.group(1), []).append(
                        Item(path, order=int(match.group(2)) + 1)
                    )

    def _files(self) -> Iterator[Path]:
        for path in self.folder.iterdir():
            # a link could lead anywhere: only files of the folder itself are taken
            if path.is_file():
                if path.resolve().is_relative_to(self.folder):
                    yield path
                elif path.suffix.lower() in _PICTURES | recorded.ENDINGS:
                    self._outside.append(path.name)

    def _take_row(self, where: str, row: dict[str, Any]) -> None:
        name = row.get("file") or row.get("path")
        if not isinstance(name, str) or not name:
            raise UserError(f"{where} names no file")
        try:
            path = (self.folder / name).resolve()
            inside = path.is_relative_to(self.folder)
        except (OSError, ValueError):
            inside = False
        if not inside:
            raise UserError(f"{where}: {name!r} leads out of the archive, which is not allowed")
        if not path.is_file():
            raise UserError(f"{where}: there is no file {name!r}")
        number = _number(row.get("sample"))
        model = row.get("model")
        item = Item(
            path=path,
            index=0 if path.suffix.lower() in recorded.ENDINGS else None,
            model=model if isinstance(model, str) and model else None,
            latency_s=_number(row.get("latency_s")),
            cost_usd=_number(row.get("cost_usd")),
            order=int(number or 0),
        )
        named, prompt = row.get("id"), row.get("prompt")
        if isinstance(named, str | int) and str(named):
            self._by_id.setdefault(str(named), []).append(item)
        elif isinstance(prompt, str) and prompt.strip():
            self._by_prompt.setdefault(prompt.strip(), []).append(item)
        else:
            raise UserError(f"{where} has neither id nor prompt")

    def _take_recorded(self, path: Path) -> None:
        for entry, one in enumerate(recorded.read(path)):
            for index in range(one.count):
                item = Item(path, index, entry, one.model, order=index)
                if one.prompt is not None:
                    same = self._by_prompt.setdefault(one.prompt, [])
                    # the same prompt asked again is a further sample of it
                    same.append(replace(item, order=len(same)))
                else:
                    self._by_id.setdefault(path.stem, []).append(item)

    # Matching

    def _items(self, prompt: Prompt) -> list[Item]:
        for items in (
            self._by_id.get(prompt.id),
            self._by_prompt.get(prompt.text.strip()),
            self._named.get(prompt.id),
        ):
            if items:
                return sorted(items, key=lambda item: item.order)
        return []

    def _leftover(self) -> list[str]:
        used = Counter(item.path for items in self._found.values() for item in items)
        known = [
            item.path
            for table in (self._by_id, self._by_prompt, self._named)
            for items in table.values()
            for item in items
        ]
        return sorted({path.name for path in known if path not in used})


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    text = recorded.text_of(path, MAX_MANIFEST)
    if path.suffix == ".csv":
        try:
            yield from csv.DictReader(io.StringIO(text), strict=True)
        except csv.Error as error:
            raise UserError(f"{path}: not valid CSV: {error}") from None
        return
    rows: Any
    try:
        if path.suffix == ".jsonl":
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            value = json.loads(text)
            rows = value.get("pictures") if isinstance(value, dict) else value
    except (ValueError, RecursionError):
        raise UserError(f"{path}: not valid JSON") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{path}: must be a list of objects with file, and id or prompt")
    yield from rows


def _bytes_of(item: Item, timeout: float) -> bytes:
    if item.index is None:
        try:
            with item.path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise AskError("refused", f"{item.path.name} cannot be read: {error.strerror}") from None
        if len(data) > MAX_BYTES:
            raise AskError("refused", f"{item.path.name} is larger than {MAX_BYTES:,} bytes")
        try:
            store.look(data)
        except store.NoPictureError as error:
            # named, and not read again: a file does not get better
            raise AskError("refused", f"{item.path.name} is no picture: {error}") from None
        return data
    return recorded.picture(item.path, item.entry, item.index, timeout)


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) and value != "" else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < 1e9 else None
