"""Divides the candidates of a large tree over several runs, by whole projects.

A call site reaches into helpers and settings of its project, so a project is never divided; projects that
import each other, and those below a folder whose own settings may be theirs, stay together. So every run sees
all that a run over everything would have seen of its call sites.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.discover.projects import Groups, homes, join_by_imports
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Shard:
    """Run ``number``, from 1, of ``of``."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def parse(text: str) -> Shard:
    """A shard as people write it: ``2/4``.

    Raises:
        UserError: For anything else.
    """
    number, slash, of = text.partition("/")
    if not (slash and number.isascii() and number.isdigit() and of.isascii() and of.isdigit()):
        raise UserError(f"{text!r} is no shard: write I/N, such as 2/4 for the second of four")
    shard = Shard(int(number), int(of))
    if not 1 <= shard.number <= shard.of <= 10_000:
        raise UserError(f"{text!r} is no shard: the first number goes from 1 to the second")
    return shard


def others_share(
    shard: Shard,
    code: Sequence[str],
    settings: Sequence[str],
    texts: Sequence[str],
    listed: Sequence[str],
    roots: Sequence[str],
) -> frozenset[str]:
    """Those of the candidates that belong to other shards.

    ``code`` are the Python candidates, ``settings`` the paths of configuration and ``texts`` those of all other
    files with something to migrate; ``listed`` are all Python files, ``roots`` the folders of the run. The same
    tree always gives the same division.
    """
    home = homes(roots)
    groups = Groups()
    for path in (*code, *settings, *texts):
        groups.add(home(path), path)
    if len(groups.paths) > 1:
        join_by_imports(groups, listed, home)
    units = list(groups.paths)
    for path in settings:
        # a setting above services may be theirs: a compose file, a values file, a workflow
        above = home(path)
        for unit in units:
            if unit != above and _below(unit, above):
                groups.join(unit, above)
    loads = [0] * shard.of
    foreign: set[str] = set()
    for paths in sorted(groups.joined(), key=lambda one: (-len(one), one[0])):
        lightest = loads.index(min(loads))
        loads[lightest] += len(paths)
        if lightest != shard.number - 1:
            foreign.update(paths)
    return frozenset(foreign)


def _below(unit: str, above: str) -> bool:
    return above in {"", "."} or unit.startswith(above.rstrip("/") + "/")


__all__ = ["Shard", "others_share", "parse"]
