"""``migrator suite``: work on prompt suites."""

from __future__ import annotations

import click

from migrator.commands.options import catalog_of, format_option, rules_option
from migrator.commands.output import out, out_line, style


@click.group()
def suite() -> None:
    """Work on prompt suites."""


@suite.command("lint")
@click.argument("file", metavar="FILE")
@rules_option
@format_option
def suite_lint(file: str, rules: tuple[str, ...], output: str) -> None:
    """Give advice on the prompts of the suite FILE: gaps, quoted text, phrases that no longer help.

    Exit code 1 when there is advice, 2 when FILE is no valid suite.

    \b
    Examples:
      migrator suite lint suite.yaml
      migrator suite lint essentials
    """
    from pathlib import Path

    from migrator.compare.lint import lint
    from migrator.compare.shown import many
    from migrator.compare.suite import load
    from migrator.compare.thresholds import thresholds_from

    catalog = catalog_of(rules)
    found = load(file, catalog)
    thresholds_from(found.gate, where=f"{found.path}: gate")
    remarks = lint(found, catalog, Path(found.path).read_text("utf-8-sig", "replace"))
    if output == "json":
        import json

        out_line(json.dumps({"version": 1, "remarks": [one.as_dict() for one in remarks]}, indent=2))
    else:
        look = style()
        for one in remarks:
            place = f"{one.path}:{one.line}" + (f":{one.column}" if one.column else "")
            out_line(
                look.harmless(
                    f"{place} {one.level} [{one.rule}] {one.prompt_id}: {one.message} {one.suggestion}"
                )
            )
        prompts = many(len(found.prompts), "prompt")
        out(f"{many(len(remarks), 'remark')} on {prompts}.\n" if remarks else f"{prompts}, nothing to say.\n")
    raise SystemExit(1 if remarks else 0)
