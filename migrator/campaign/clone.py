"""Fetches a repository to look at. Nothing that it holds is run: no hooks, no filters, no submodules."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.discover.git import GitError, command, environment, is_shallow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.campaign.places import Place

_LIMIT = 900.0
"""Seconds for one fetch."""
_SETTINGS = (
    "protocol.allow=never",
    "protocol.https.allow=always",
    "protocol.ssh.allow=always",
    "protocol.file.allow=always",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    f"core.attributesFile={os.devnull}",
    "advice.detachedHead=false",
    "gc.auto=0",
    "maintenance.auto=false",
)


def clone(place: Place, folder: Path) -> Path:
    """The newest commit of ``place`` in a folder below ``folder``, fetched anew when it is there already.

    Raises:
        GitError: With git's own reason, without what the address may hold of passwords.
    """
    name = hashlib.sha256(place.url.encode()).hexdigest()[:16]
    to = folder / f"{name}-{_word(place.url)}"
    shallow = ("--depth=1", "--no-tags", "--no-recurse-submodules")
    # `--depth` means nothing to git for a plain path, but does for file://
    if (to / ".git").is_dir():
        # a history that was fetched for its authors is kept
        depth = shallow if is_shallow(str(to)) else shallow[1:]
        _git(place, to, ("fetch", "--quiet", *depth, "--end-of-options", place.url, "HEAD"))
        _git(place, to, ("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"))
        _git(place, to, ("clean", "-ffdxq"))
        return to
    folder.mkdir(parents=True, exist_ok=True)
    _git(
        place,
        folder,
        ("clone", "--quiet", "--template=", "--single-branch", *shallow, "--", place.url, to.name),
    )
    _git(place, to, ("remote", "remove", "origin"))  # its address may hold a token
    return to


def deepen(place: Place, folder: str) -> None:
    """Fetches the history of the commit that is checked out in ``folder``.

    Raises:
        GitError: With git's own reason.
    """
    words = ("fetch", "--quiet", "--unshallow", "--no-tags", "--no-recurse-submodules", "--end-of-options")
    _git(place, Path(folder), (*words, place.url, "HEAD"))


def _word(url: str) -> str:
    last = url.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return "".join(char for char in last if char.isascii() and (char.isalnum() or char in "-_"))[:40] or "x"


def _git(place: Place, folder: Path, words: Sequence[str]) -> None:
    settings = [*_SETTINGS, *_no_filters()]
    options = [part for setting in settings for part in ("-c", setting)]
    surroundings = environment() | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_ALLOW_PROTOCOL": "https:ssh:file",
    }
    surroundings.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command, no shell
            command(str(folder), [*options, *words]),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=surroundings,
            timeout=_LIMIT,
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"git took longer than {_LIMIT:g} seconds") from None
    except OSError:
        raise GitError("git is not installed") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").replace(place.url, place.name).strip().splitlines()
        wrong = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
        raise GitError(wrong[0] if wrong else f"git ended with code {done.returncode}")


def _no_filters() -> list[str]:
    """Settings that switch off every filter which the person's own configuration defines, such as Git LFS."""
    try:
        done = subprocess.run(
            ["git", "config", "--null", "--name-only", "--get-regexp", r"^filter\."],  # noqa: S607 - as everywhere
            check=False,
            capture_output=True,
            cwd="/" if os.name == "posix" else None,
            env=environment(),
        )
    except OSError:
        return []
    names = {key.rpartition(".")[0] for key in done.stdout.decode("utf-8", "replace").split("\0") if key}
    return [
        setting
        for name in sorted({"filter.lfs", *names})
        for setting in (f"{name}.smudge=", f"{name}.clean=", f"{name}.process=", f"{name}.required=false")
    ]


__all__ = ["clone", "deepen"]
