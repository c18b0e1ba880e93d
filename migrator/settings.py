"""Options: from ``[tool.migrator]`` in the project's own ``pyproject.toml``, then from the command line."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from migrator.errors import UserError
from migrator.types import Sdk, UrlAs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TABLE = "tool.migrator"
_LARGEST = 5_000_000
"""Bytes of a project file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is told. Field names are the keys of ``[tool.migrator]``, with ``_`` for ``-``.

    ``target`` is ``None`` for the catalog's default, ``url_as`` where nobody has chosen: then a data: URI is
    proposed, and a person decides. ``exclude`` are patterns as in ``.gitignore``, relative
    to ``base``, the folder of the file they stand in. ``rules`` are paths of further rule files.
    """

    target: str | None = None
    url_as: UrlAs | None = None
    url_folder: str | None = None
    sdk: Sdk = "keep"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    base: str = "."

    def overridden(self, **options: object) -> Settings:
        """These settings with the command line's ``options`` on top; ``None`` and ``()`` mean "not given".

        ``rules`` and ``ignore`` add to the file's, the others replace.
        """
        given: dict[str, Any] = {key: value for key, value in options.items() if value not in (None, ())}
        for key in ("rules", "ignore"):
            if key in given:
                given[key] = (*getattr(self, key), *given[key])
        return replace(self, **given)


_KINDS: Mapping[str, Literal["text", "list", "url-as", "sdk"]] = {
    "target": "text",
    "url-as": "url-as",
    "url-folder": "text",
    "sdk": "sdk",
    "select": "list",
    "ignore": "list",
    "exclude": "list",
    "rules": "list",
}


def load(paths: Sequence[str]) -> Settings:
    """The settings in the nearest ``pyproject.toml`` with a ``[tool.migrator]`` table, at or above ``paths``.

    Raises:
        UserError: For a table that cannot be read, an unknown key or a value of the wrong kind.
    """
    file = _nearest(paths)
    if file is None:
        return Settings()
    table = _table(file)
    values: dict[str, Any] = {}
    for key, value in (table or {}).items():
        if key not in _KINDS:
            from migrator.catalog.errors import did_you_mean  # noqa: PLC0415 - loads the catalog's code

            hint = did_you_mean(key, _KINDS) or f" Known: {', '.join(_KINDS)}."
            raise UserError(f"{file}: unknown key {key!r} in [{TABLE}].{hint}")
        values[key.replace("-", "_")] = _checked(file, key, value)
    values["rules"] = tuple(str(file.parent / rule) for rule in values.get("rules", ()))
    return Settings(base=str(file.parent), **values)


def _checked(file: Path, key: str, value: object) -> object:
    kind = _KINDS[key]
    if kind == "list":
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise UserError(f"{file}: {key} in [{TABLE}] must be a list of strings")
        return tuple(items)
    if not isinstance(value, str):
        raise UserError(f"{file}: {key} in [{TABLE}] must be a string")
    words = {"url-as": get_args(UrlAs), "sdk": get_args(Sdk)}.get(kind)
    if words is not None and value not in words:
        raise UserError(f"{file}: {key} in [{TABLE}] must be one of {', '.join(words)}, not {value!r}")
    return value


def _nearest(paths: Sequence[str]) -> Path | None:
    """The nearest ``pyproject.toml`` with our table. The search ends at the top of a repository."""
    folders = [path if path.is_dir() else path.parent for path in (Path(name).absolute() for name in paths)]
    if not folders:
        return None
    common = next(
        one for one in (folders[0], *folders[0].parents) if all(one in (f, *f.parents) for f in folders)
    )
    common = common.resolve()
    for folder in (common, *common.parents):
        file = folder / "pyproject.toml"
        if file.is_file() and _table(file) is not None:
            return _short(file)
        if (folder / ".git").exists():
            return None
    return None


def _short(file: Path) -> Path:
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


def _table(file: Path) -> dict[str, Any] | None:
    """The table, ``None`` when the file has none. A file that does not mention it may be broken."""
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - most runs meet no table
    else:
        import tomli as tomllib  # noqa: PLC0415
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise UserError(f"{file}: larger than {_LARGEST:,} bytes, which no such file needs to be")
        if b"migrator" not in data:
            return None
        tables = tomllib.loads(data.decode("utf-8"))
    except RecursionError:
        raise UserError(f"{file}: cannot be read: nested too deep") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{file}: cannot be read: {error}") from None
    tool = tables.get("tool")
    found = tool.get("migrator") if isinstance(tool, dict) else None
    if found is not None and not isinstance(found, dict):
        raise UserError(f"{file}: [{TABLE}] must be a table")
    return found


assert set(_KINDS) | {"base"} == {one.name.replace("_", "-") for one in fields(Settings)}
