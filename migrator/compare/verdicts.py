"""What people said about the pairs of a run: read, checked against the pictures, merged into the run.

A record holds the hashes of the two pictures that were looked at. It counts only while the run still has
exactly these pictures, so that nobody signs off what nobody has seen.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal

from migrator.compare.tasks import columns_of, first, matched
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

VERSION = 1
FILE = "verdicts.json"
PREFERENCES = ("old", "new", "tie", "both_bad")
DECISIONS = ("accept", "needs_work", "reject")
LARGEST = 64 * 2**20

Json = dict[str, Any]
Kind = Literal["preference", "decision"]
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Record:
    """One reviewer's word on one pair. ``left`` and ``right`` are hashes of the old and the new picture.

    ``at`` is an ISO time. ``blind``: the reviewer could not know which side was which, and the old picture
    (or the new one) was shown on the left, as ``shown_left`` says.
    """

    prompt_id: str
    sample: int
    left: str | None
    right: str | None
    verdict: str
    at: str
    reviewer: str
    note: str = ""
    blind: bool = False
    shown_left: str = "old"

    @property
    def kind(self) -> Kind:
        """A preference compares the two pictures, a decision is about the new one."""
        return "decision" if self.verdict in DECISIONS else "preference"

    @property
    def pair(self) -> Key:
        """Prompt and sample."""
        return self.prompt_id, self.sample

    def as_json(self) -> Json:
        """The record as it stands in a file."""
        names = (
            "prompt_id",
            "sample",
            "left",
            "right",
            "verdict",
            "note",
            "at",
            "reviewer",
            "blind",
            "shown_left",
        )
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was said about one run. A sign-off has at most one preference and one decision per person and pair."""

    run: str
    records: tuple[Record, ...]
    reviewer: str = ""
    applied: tuple[Json, ...] = field(default=())

    @property
    def reviewed(self) -> set[Key]:
        """The pairs about which anybody said anything."""
        return {record.pair for record in self.records}


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a file: records taken, records known already, and the stale ones with the reason."""

    taken: int
    known: int
    stale: tuple[tuple[Record, str], ...]
    verdicts: Verdicts


def load(run_dir: Path) -> Verdicts | None:
    """The sign-off of the run, or ``None`` where nobody applied any.

    Raises:
        UserError: For a file that is damaged.
    """
    path = run_dir / FILE
    if not path.exists():
        return None
    found = parse(path)
    return replace(found, records=tuple(_newest(found.records).values()))


def parse(path: Path) -> Verdicts:
    """Reads a verdicts file, whole or not at all.

    Raises:
        UserError: Naming the file and the first record that is wrong.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UserError(f"{path} is too large for a verdicts file")
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UserError(f"{path} is not JSON, so it is no verdicts file") from None
    if (
        not isinstance(data, dict)
        or data.get("version") != VERSION
        or not isinstance(data.get("verdicts"), list)
    ):
        raise UserError(
            f"{path} is not a verdicts file of version {VERSION}: export one from the report page"
        )
    reviewer = str(data.get("reviewer") or "unknown")
    records = []
    for place, raw in enumerate(data["verdicts"], 1):
        record = _record(raw, reviewer)
        if record is None:
            raise UserError(
                f"{path}: verdict {place} is not one: it needs prompt_id, sample, left, right, verdict, at"
            )
        records.append(record)
    applied = data.get("applied")
    history = tuple(one for one in applied if isinstance(one, dict)) if isinstance(applied, list) else ()
    return Verdicts(str(data.get("run", "")), tuple(records), reviewer, history)


def _record(raw: object, reviewer: str) -> Record | None:
    if not isinstance(raw, dict):
        return None
    texts = [raw.get(name) for name in ("prompt_id", "verdict", "at")]
    sample = raw.get("sample")
    hashes = [raw.get(name) for name in ("left", "right")]
    if (
        not all(isinstance(text, str) for text in texts)
        or isinstance(sample, bool)
        or not isinstance(sample, int)
        or not all(one is None or isinstance(one, str) for one in hashes)
        or raw["verdict"] not in (*PREFERENCES, *DECISIONS)
        or _time(raw["at"]) is None
    ):
        return None
    return Record(
        raw["prompt_id"],
        sample,
        raw.get("left"),
        raw.get("right"),
        raw["verdict"],
        raw["at"],
        str(raw.get("reviewer") or reviewer),
        str(raw.get("note") or ""),
        raw.get("blind") is True,
        "new" if raw.get("shown_left") == "new" else "old",
    )


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def _newest(records: Iterable[Record]) -> dict[tuple[str, Key, Kind], Record]:
    """One record per reviewer, pair and kind: the newest, and of equals the last."""
    found: dict[tuple[str, Key, Kind], Record] = {}
    for record in records:
        key = (record.reviewer, record.pair, record.kind)
        known = found.get(key)
        if known is None or _order(known) <= _order(record):
            found[key] = record
    return found


def _order(record: Record) -> datetime:
    time = _time(record.at)
    assert time is not None
    return time


def apply(run_dir: Path, results: Mapping[str, Any], file: Path) -> Applied:
    """Merges the verdicts in ``file`` into the run. Stale ones are refused, the others are written.

    Raises:
        UserError: For a file that is no verdicts file, or belongs to another run.
    """
    given, known = parse(file), load(run_dir)
    if given.run != results.get("run"):
        raise UserError(f"{file} is about run {given.run!r}, and {run_dir} holds run {results.get('run')!r}")
    reasons = dict(stale(run_dir, results, given))
    fresh = list(_newest(record for record in given.records if record not in reasons).values())
    before = _newest(known.records) if known else {}
    after = _newest([*(known.records if known else ()), *fresh])
    taken = sum(before.get(key) != record for key, record in after.items())
    entry = {
        "file_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "reviewer": given.reviewer,
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "records": taken,
    }
    merged = Verdicts(
        given.run,
        tuple(sorted(after.values(), key=lambda record: (record.pair, record.reviewer, record.kind))),
        ", ".join(sorted({record.reviewer for record in after.values()})),
        (*(known.applied if known else ()), *([entry] if taken else [])),
    )
    if taken:
        _write(run_dir / FILE, merged)
    return Applied(taken, len(fresh) - taken, tuple(reasons.items()), merged)


def stale(run_dir: Path, results: Mapping[str, Any], verdicts: Verdicts) -> list[tuple[Record, str]]:
    """The records that are no longer about the pictures in the run, each with the reason."""
    pictures = _Pictures(run_dir, results)
    return [(record, why) for record in verdicts.records if (why := pictures.stale(record))]


class _Pictures:
    """The hashes of a run's pictures: as the results name them, and as the files really are."""

    def __init__(self, run_dir: Path, results: Mapping[str, Any]) -> None:
        self._folder = run_dir
        self._really: dict[str, bool] = {}
        columns, old, new = columns_of(results), first(results, "old"), first(results, "new")
        olds, news = columns.get(old or "", []), columns.get(new or "", [])
        self._files: dict[tuple[Key, str], str | None] = {}
        for role, tasks in (("old", olds), ("new", news)):
            self._files.update((((task["prompt_id"], task["sample"]), role), task["file"]) for task in tasks)
        for task, beside in matched(olds, news):  # an archive's picture stands beside every sample
            self._files[(beside["prompt_id"], beside["sample"]), "old"] = task["file"]

    def stale(self, record: Record) -> str:
        """Why ``record`` does not count; empty when it does."""
        if not any((record.pair, role) in self._files for role in ("old", "new")):
            return "the run has no such pair"
        for role, seen in (("old", record.left), ("new", record.right)):
            file = self._files.get((record.pair, role))
            present = file.rpartition("/")[2].partition(".")[0] if isinstance(file, str) else None
            if seen != present:
                return f"the {role} picture is another one now"
            if file is not None and not self._as_named(file, str(present)):
                return f"the {role} picture's file was changed or is missing"
        return ""

    def _as_named(self, file: str, sha: str) -> bool:
        if file not in self._really:
            path = self._folder / file
            try:
                inside = path.resolve().is_relative_to(self._folder.resolve())
                self._really[file] = inside and _sha256(path) == sha
            except OSError:
                self._really[file] = False
        return self._really[file]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


def _write(path: Path, verdicts: Verdicts) -> None:
    data = {
        "version": VERSION,
        "run": verdicts.run,
        "reviewer": verdicts.reviewer,
        "verdicts": [record.as_json() for record in verdicts.records],
        "applied": list(verdicts.applied),
    }
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    partial.replace(path)
