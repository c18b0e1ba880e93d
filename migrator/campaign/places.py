"""The list of a campaign: one checkout or git address per line."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from migrator.errors import UserError

_LIMIT = 10_000_000
_SCHEMES = ("https", "ssh", "file")
_SHORT_SSH = re.compile(r"(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9][\w.-]*:(?!//|:)[^\s:\\][^\\]*")
"""``git@host:path``, as git writes it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One repository. ``name`` is shown to people and holds no password; ``url`` is "" for a checkout."""

    name: str
    folder: str = ""
    url: str = ""


def read(path: str) -> list[Place]:
    """The repositories that the file ``path`` lists; ``-`` is standard input.

    Folders are relative to the folder of the file. Empty lines and ``# comments`` are passed over.

    Raises:
        UserError: For a list that cannot be read, is empty, or has a line that is neither.
    """
    try:
        if path == "-":
            data, base = sys.stdin.buffer.read(_LIMIT + 1), Path()
        else:
            with Path(path).open("rb") as file:
                data, base = file.read(_LIMIT + 1), Path(path).parent
        if len(data) > _LIMIT:
            raise UserError(f"{path} has more than {_LIMIT:,} bytes, which is no list of repositories")
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"the list {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"the list {path} is not UTF-8") from None
    found: dict[Place, None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        entry = re.sub(r"(^|\s)#.*", "", line).strip()
        if entry:
            try:
                found[_place(entry, base)] = None
            except ValueError as error:
                raise UserError(f"{path}:{number}: {error}") from None
    if not found:
        raise UserError(f"{path} lists no repository: write one folder or git address per line")
    return list(found)


def _place(entry: str, base: Path) -> Place:
    if not entry.isprintable():
        raise ValueError("the line holds control characters")
    scheme, found, _ = entry.partition("://")
    if found and scheme.replace("+", "").isalnum():
        if scheme not in _SCHEMES:
            raise ValueError(f"{scheme}:// is not taken: use {', '.join(f'{one}://' for one in _SCHEMES)}")
        parts = urlsplit(entry)
        if parts.netloc.startswith("-") or (parts.hostname or "").startswith("-") or " " in entry:
            raise ValueError("this is no address of a repository")
        if scheme != "file" and not parts.hostname:
            raise ValueError("the address names no host")
        return Place(_without_password(entry), url=entry)
    if re.match(r"[A-Za-z][\w+-]*::", entry):
        raise ValueError("helpers of git (`name::address`) are programs, and are not taken")
    folder = base / os.path.expanduser(entry)
    if not folder.exists() and _SHORT_SSH.fullmatch(entry):
        return Place(entry, url=entry)
    return Place(entry, folder=os.path.abspath(folder))


def _without_password(url: str) -> str:
    """``url`` without what stands before the ``@`` of an https address: a name there is often a token."""
    parts = urlsplit(url)
    if parts.scheme != "https" or "@" not in parts.netloc:
        return url if parts.password is None else url.replace(f":{parts.password}@", ":***@", 1)
    return parts._replace(netloc=f"***@{parts.netloc.rpartition('@')[2]}", query="").geturl()


__all__ = ["Place", "read"]
