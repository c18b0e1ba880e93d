"""The input pictures of edits: read once, named by their content in the folder of the run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from migrator.compare import store
from migrator.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.compare.suite import Prompt

MAX_BYTES = 64 * 2**20
"""Bytes of one input picture."""


class Inputs:
    """Names and sizes of the inputs that a plan uses."""

    def __init__(self) -> None:
        self._names: dict[Path, str] = {}
        self._pixels: dict[Path, int] = {}
        self._looks: dict[Path, store.Picture] = {}

    def of(self, prompt: Prompt) -> tuple[tuple[Path, ...], list[bytes], tuple[str, ...], int]:
        """Paths, contents and hashes of the inputs of ``prompt``, the mask last; and their pixels.

        Raises:
            UserError: For a file that is no picture.
        """
        if prompt.edit is None:
            return (), [], (), 0
        files = (*prompt.edit.images, *([prompt.edit.mask] if prompt.edit.mask else []))
        contents = [self._read(path, prompt) for path in files]
        names = tuple(self._names[path] for path in files)
        return files, contents, names, sum(self._pixels[path] for path in prompt.edit.images)

    def name(self, path: Path) -> str:
        """``inputs/<sha256>.<ext>``, where the copy of ``path`` is put."""
        return f"inputs/{self._names[path]}"

    def copy(self, folder: Path) -> None:
        """Puts a copy of every input into the folder of the run. Raises UserError."""
        for path, name in self._names.items():
            store.write(folder / "inputs" / name, path.read_bytes())

    def check_mask(self, prompt: Prompt) -> None:
        """Raises UserError for a mask that the API refuses. :meth:`of` has read the prompt's inputs."""
        if prompt.edit is None or prompt.edit.mask is None:
            return
        image, mask = prompt.edit.images[0], prompt.edit.mask
        first, over = self._looks[image], self._looks[mask]
        if (first.width, first.height) != (over.width, over.height):
            raise UserError(
                f"{prompt.where}: the mask {mask.name} has {over.width}x{over.height} pixels and {image.name}"
                f" {first.width}x{first.height}: they must be the same"
            )
        if over.mode is not None and "A" not in over.mode.upper() and not over.transparent:
            raise UserError(
                f"{prompt.where}: the mask {mask.name} has no alpha channel: what is transparent in it is drawn anew"
            )

    def _read(self, path: Path, prompt: Prompt) -> bytes:
        try:
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise UserError(f"{prompt.where}: {path.name} cannot be read: {error.strerror}") from None
        if len(data) > MAX_BYTES:
            raise UserError(f"{prompt.where}: {path.name} is larger than {MAX_BYTES:,} bytes")
        if path not in self._names:
            try:
                picture = store.look(data)
            except store.NoPictureError as error:
                raise UserError(f"{prompt.where}: {path.name} is no picture to edit: {error}") from None
            self._names[path] = f"{hashlib.sha256(data).hexdigest()}.{picture.ending}"
            self._looks[path] = picture
            self._pixels[path] = (picture.width or 0) * (picture.height or 0)
        return data
