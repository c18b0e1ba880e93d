"""Readers of text in pictures. The one that ships works offline: its models are in the package."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text and its box in pixels. ``score`` is the reader's own trust, 0 to 1."""

    text: str
    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    score: float = 1.0


class Reader(Protocol):
    """Reads text in pictures."""

    name: str

    def read(self, image: Image.Image) -> Sequence[Line]:
        """The lines of an RGB picture in reading order."""

    def knows(self, text: str) -> bool:
        """Whether the reader could read all letters of ``text`` at all."""


def installed() -> bool:
    """Whether the extra ``ocr`` is there, without loading it."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


class ReaderProblem(Exception):  # noqa: N818 - said to people, not an error of ours
    """The installed reader does not work. The text is one sentence."""


def default_reader() -> Reader | None:
    """The installed reader, one per process, or ``None`` without the extra ``ocr``.

    Raises:
        ReaderProblem: When it is installed and does not start.
    """
    if not installed():
        return None
    found = _rapid()
    if isinstance(found, str):
        raise ReaderProblem(f"The reader of text is installed but does not start ({found}).")
    return found


@lru_cache(maxsize=1)
def _rapid() -> Reader | str:
    """The reader, or why there is none; it is tried once."""
    try:
        return RapidReader()
    except Exception as error:  # a half-installed extra raises anything
        return f"{type(error).__name__}: {str(error)[:120]}"


class RapidReader:
    """RapidOCR with the models of its wheel: Latin letters, Chinese and Japanese. About 0.5 s a picture."""

    name = "rapidocr"

    def __init__(self) -> None:
        from rapidocr import RapidOCR  # noqa: PLC0415 - an extra, and heavy

        # text lines in generated pictures stand upright, and the classifier costs two thirds of the time;
        # one thread each, because there is a process per core already
        self._engine: Any = RapidOCR(
            params={
                "Global.use_cls": False,
                "Global.log_level": "error",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            }
        )
        self._letters = _letters(self._engine)

    def read(self, image: Image.Image) -> Sequence[Line]:
        """The lines of a picture, from top to bottom and left to right."""
        import numpy  # noqa: PLC0415 - comes with the extra

        answer = self._engine(numpy.asarray(image.convert("RGB"))[:, :, ::-1])
        if answer.txts is None or answer.boxes is None:
            return ()
        lines = [
            Line(str(text), *_box(box), float(score))
            for text, box, score in zip(answer.txts, answer.boxes, answer.scores, strict=True)
        ]
        return in_order(lines)

    def knows(self, text: str) -> bool:
        """Whether the model was trained on all letters, in small or capital form."""
        if self._letters:
            return all(c in self._letters or c.upper() in self._letters for c in text)
        return all(unicodedata.name(c, "").startswith(_SCRIPTS) or c.isdigit() for c in text)


_SCRIPTS = ("LATIN", "CJK", "HIRAGANA", "KATAKANA")
"""What the shipped models read, for the day on which they no longer tell it themselves."""


def _letters(engine: Any) -> frozenset[str]:
    """The letters that the loaded model can answer with; empty when it does not say."""
    try:
        return frozenset(engine._load_rec_model().postprocess_op.character)
    except AttributeError:
        return frozenset()


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Reading order: lines whose middles are within half a line's height stand in one row."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.top + one.bottom):
        middle = (line.top + line.bottom) / 2
        last = rows[-1][0] if rows else None
        if last is not None and abs((last.top + last.bottom) / 2 - middle) <= (last.bottom - last.top) / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda one: one.left)]


def _box(points: Any) -> tuple[float, float, float, float]:
    xs, ys = [float(point[0]) for point in points], [float(point[1]) for point in points]
    return min(xs), min(ys), max(xs), max(ys)
