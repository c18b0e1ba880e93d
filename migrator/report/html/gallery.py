"""The pictures of one run, inspected once and in parallel, with a cache beside the thumbnails."""

from __future__ import annotations

import base64
import io
import json
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from migrator.report.html.heat import draw_heat
from migrator.report.html.pictures import Look, look, sha_of, thumb_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")
_CACHE = "thumbs/looks.json"
EMBEDDED_EDGE = 1280


@dataclass(slots=True)
class Gallery:
    """Looks by hash, for one run folder. With ``embed`` addresses are data URIs instead of file names."""

    folder: Path
    looks: dict[str, Look]
    embed: bool = False
    _uris: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, files: Iterable[str], *, embed: bool = False) -> Gallery:
        """Looks at every one of ``files``; those that were seen before and have not changed are not read."""
        (folder / "thumbs").mkdir(exist_ok=True)
        wanted = {sha: file for file in files if (sha := sha_of(file))}
        known = _cached(folder)
        looks = {sha: known[sha] for sha, file in wanted.items() if _fresh(folder, file, known.get(sha))}
        todo = [file for sha, file in sorted(wanted.items()) if sha not in looks]
        looks.update((found.sha, found) for found in _looked(folder, todo))
        if todo:
            text = json.dumps({sha: one.as_json() for sha, one in sorted(looks.items())})
            (folder / _CACHE).write_text(text, "utf-8")
        return cls(folder, looks, embed)

    def look(self, file: object) -> Look | None:
        """What is known of a file in ``results.json``; ``None`` for a name that no run folder has."""
        sha = sha_of(file)
        return self.looks.get(sha) if sha else None

    def thumb(self, sha: str) -> str:
        """The address of a thumbnail."""
        return self._uri(thumb_name(sha)) if self.embed else thumb_name(sha)

    def whole(self, file: str, found: Look) -> str:
        """The address of the largest version that a browser may show."""
        if not self.embed:
            return file if found.whole else thumb_name(found.sha)
        return self._copy(file) if found.whole else self._uri(thumb_name(found.sha))

    def address(self, name: str) -> str:
        """The address of a file that this package wrote itself, such as an overlay."""
        return self._uri(name) if self.embed else name

    def _uri(self, name: str) -> str:
        if name not in self._uris:
            self._uris[name] = _data_uri((self.folder / name).read_bytes())
        return self._uris[name]

    def _copy(self, file: str) -> str:
        """A WebP copy of moderate size, for a page that is one file."""
        if file not in self._uris:
            from PIL import Image  # noqa: PLC0415

            from migrator.report.html.pictures import shrunk  # noqa: PLC0415

            out = io.BytesIO()
            with Image.open(self.folder / file) as opened:
                shrunk(opened, EMBEDDED_EDGE).save(out, "WEBP", quality=80, method=2)
            self._uris[file] = _data_uri(out.getvalue())
        return self._uris[file]


@dataclass(frozen=True, slots=True)
class HeatJob:
    """Names of files in the run folder: the edit's input, its mask, its result, and the overlay to write."""

    source: str
    mask: str | None
    result: str
    to: str


def draw_all(folder: Path, jobs: list[HeatJob]) -> set[str]:
    """Draws overlays that are not there yet; the names of those that exist afterwards."""
    todo = [job for job in jobs if not (folder / job.to).is_file()]
    drawn = _spread(partial(_drawn, folder), todo)
    failed = {job.to for job, good in zip(todo, drawn, strict=True) if not good}
    return {job.to for job in jobs} - failed


def _drawn(folder: Path, job: HeatJob) -> bool:
    return draw_heat(folder, job.source, job.mask, job.result, job.to)


def _looked(folder: Path, files: list[str]) -> list[Look]:
    return _spread(partial(look, folder), files)


def _spread(work: Callable[[_Job], _Result], jobs: list[_Job]) -> list[_Result]:
    """``work`` for every job, in order, in one thread per core: Pillow works without the interpreter's lock."""
    if not jobs:
        return []
    from PIL import Image  # noqa: PLC0415

    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        # `look` has a stricter limit of its own, and says so on the page
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return list(pool.map(work, jobs))


def _fresh(folder: Path, file: str, known: Look | None) -> bool:
    if known is None:
        return False
    try:
        path = folder / file
        same = not path.is_symlink() and path.stat().st_size == known.size
        return same and (not known.thumb_width or (folder / thumb_name(known.sha)).is_file())
    except OSError:
        return False


def _cached(folder: Path) -> dict[str, Look]:
    try:
        data = json.loads((folder / _CACHE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict):
        return {}
    looks = (Look.of_json(one) for one in data.values())
    return {one.sha: one for one in looks if one}


def _data_uri(data: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}"
