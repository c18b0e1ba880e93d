"""Reads what a run's folder holds, for commands that come after the run. Files are hostile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from migrator.compare import results as documents
from migrator.compare.schema import check_results
from migrator.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 2 * 2**30


def read_results(folder: Path) -> dict[str, Any]:
    """The ``results.json`` of a run.

    Raises:
        UserError: When there is none, or it is not what it must be.
    """
    path = folder / "results.json"
    data = _json(path, "is this the folder of a run of `migrator compare`?")
    problems = check_results(data)
    if problems:
        raise UserError(f"{path}: not the results of a run: {problems[0]}")
    assert isinstance(data, dict)
    return data


def read_verdicts(folder: Path, results: dict[str, Any]) -> dict[str, Any] | None:
    """The applied sign-off of a run, or ``None`` where there is none.

    Raises:
        UserError: When it is there and cannot be used.
    """
    path = folder / "verdicts.json"
    if not path.exists():
        return None
    data = _json(path, "apply the sign-off again with `migrator verdicts apply`")
    if not isinstance(data, dict) or data.get("version") != 1 or not isinstance(data.get("verdicts"), list):
        raise UserError(f"{path}: not a sign-off file")
    if not all(isinstance(entry, dict) for entry in data["verdicts"]):
        raise UserError(f"{path}: a verdict is not an object")
    if data.get("run") not in (None, results.get("run")):
        raise UserError(f"{path}: the sign-off of another run ({data.get('run')!r})")
    return data


def write_results(folder: Path, results: dict[str, Any]) -> None:
    """Replaces the ``results.json`` of a run, whole or not at all."""
    documents.write(folder, results)


def _json(path: Path, hint: str) -> Any:
    try:
        if path.stat().st_size > _MOST:
            raise UserError(f"{path}: larger than any run's file")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or 'cannot be read'}; {hint}") from None
    except (ValueError, RecursionError):
        raise UserError(f"{path}: not valid JSON; {hint}") from None
