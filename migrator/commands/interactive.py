"""``migrator rewrite --interactive``: each call site with its diff, decided by one key."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from migrator.commands.output import out, style
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.report.style import Style
    from migrator.types import Proposal

_HELP = """  y  apply this rewrite
  n  leave it as it is
  a  apply this one and all that follow
  s  apply this one and all that follow and are proved safe; leave those to review
  q  leave this one and all that follow
  b  go back to the one before
  ?  this help
"""


def choose(proposals: Sequence[Proposal]) -> set[int]:
    """Asks for each proposal; the positions of those that are to be applied.

    Raises:
        UserError: When nobody sits at a terminal to be asked.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError("--interactive asks at a terminal, and there is none; use --write, or --patch FILE")
    paint = style()
    accepted: dict[int, bool] = {}
    number = 0
    while number < len(proposals):
        _show(proposals[number], number, len(proposals), paint)
        key = _key(paint)
        rest = range(number, len(proposals))
        if key == "b":
            number = max(number - 1, 0)
            continue
        if key == "a":
            accepted.update(dict.fromkeys(rest, True))
            break
        if key == "s":
            accepted.update({at: at == number or proposals[at].site.outcome == "safe" for at in rest})
            break
        if key == "q":
            accepted.update(dict.fromkeys(rest, False))
            break
        accepted[number] = key == "y"
        number += 1
    return {at for at, yes in accepted.items() if yes}


def _show(proposal: Proposal, number: int, total: int, paint: Style) -> None:
    from migrator.report import text
    from migrator.types import Report

    models = ", ".join(proposal.site.models) or "no model named"
    title = f"{number + 1} of {total}: {proposal.site.site} ({proposal.site.endpoint}, {models})"
    out(f"\n{paint.paint(title, 'bold')}\n")
    out(text.diffs(Report("", proposal.files, (), ()), paint))
    for finding in proposal.findings:
        if finding.fix != "safe":
            out(text.finding(finding, paint))


def _key(paint: Style) -> str:
    while True:
        out(paint.paint("Apply? [y n a s q b ?] ", "bold"))
        key = click.getchar().lower()
        out(f"{key if key.isprintable() else ''}\n")
        if key in {"y", "n", "a", "s", "q", "b"}:
            return key
        if key in {"\x03", "\x04"}:
            raise KeyboardInterrupt
        out(_HELP)
