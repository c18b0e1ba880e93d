"""Prompt suites: what is asked of every source. Read from YAML or CSV; every file is hostile.

A YAML suite has ``version``, ``prompts`` and, when wanted, ``title``, ``defaults``, ``sources`` and ``gate``.
Complaints name file and line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from migrator.catalog.errors import CatalogError
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog import Catalog

Value = str | int | float | bool
Preserve = Literal["strict", "loose"]

MAX_BYTES = 20_000_000
"""Bytes of a suite file."""
MAX_PROMPTS = 50_000
MAX_SAMPLES = 100


@dataclass(frozen=True, slots=True)
class Edit:
    """The inputs of an edit: existing files inside the folder of the suite, absolute."""

    images: tuple[Path, ...]
    mask: Path | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt with all that its suite says of it. ``where`` is ``file:line``."""

    id: str
    text: str
    where: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    samples: int = 1
    expect_text: tuple[str, ...] = ()
    expect_is: Literal["given", "quoted", "none"] = "none"
    edit: Edit | None = None
    preserve: Preserve | None = None
    origin: tuple[str, int] | None = None
    """Path and line of the program that the prompt comes from."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A named source of the suite: its spec, or the keys that make one. ``where`` is ``file:line``."""

    values: Mapping[str, Any]
    where: str


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite. ``path`` is as it was given, ``sha256`` of the file's bytes; ``gate`` holds thresholds."""

    path: str
    sha256: str
    title: str
    prompts: tuple[Prompt, ...]
    sources: Mapping[str, Entry] = field(default_factory=dict)
    gate: Mapping[str, Value | None] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the suite's own paths start."""
        return Path(self.path).absolute().parent


def load(name: str, catalog: Catalog) -> Suite:
    """The suite in the file ``name``; a bare name that is no file is that of a suite of this package.

    Raises:
        UserError: For a file that cannot be read or is not valid, with its line.
    """
    path = Path(name)
    bundled = Path(__file__).parent / "suites" / f"{name}.yaml"
    if not path.exists() and name.replace("-", "").isalnum() and bundled.is_file():
        path = bundled
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"{name}: cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise UserError(f"{name!r} is no path") from None
    if len(data) > MAX_BYTES:
        raise UserError(f"{name}: larger than {MAX_BYTES:,} bytes, which no suite needs to be")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{name}:{line}: not UTF-8 text") from None
    from migrator.compare import suite_csv, suite_yaml  # noqa: PLC0415 - they build what is defined above

    read = suite_csv.read if path.suffix.lower() == ".csv" else suite_yaml.read
    digest = hashlib.sha256(data).hexdigest()
    try:
        return read(text, str(path), digest, catalog)
    except CatalogError as error:
        raise UserError(str(error)) from None
