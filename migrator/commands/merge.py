"""``migrator merge``."""

from __future__ import annotations

import click

from migrator.commands.options import catalog_of, findings_format_option, rules_option
from migrator.commands.output import complain, out, out_parts, style


@click.command()
@click.argument("reports", nargs=-1, required=True, metavar="REPORT…")
@rules_option
@findings_format_option
def merge(reports: tuple[str, ...], rules: tuple[str, ...], output: str) -> None:
    """Join the JSON reports of a divided run into one, in any format.

    Every part I/N must be there once, with the same target. Reports of whole runs over different projects can be
    joined as well.

    \b
    Examples:
      migrator scan . --shard 1/2 --format json > 1.json
      migrator scan . --shard 2/2 --format json > 2.json
      migrator merge 1.json 2.json
      migrator merge 1.json 2.json --format sarif
    """
    from migrator.report import counts, machine, text
    from migrator.report import merge as joined

    data = joined.merge({name: joined.read(name) for name in dict.fromkeys(reports)})
    report = joined.report_of(data)
    for warning in report.warnings:
        complain(f"warning: {warning}")
    if output == "json":
        out(joined.as_text(data))
    elif (made := machine.render(report, output, catalog_of(rules))) is not None:
        out(made)
    else:
        paint = style()
        out_parts(
            text.changes(report, paint),
            text.findings(report, paint),
            text.summary(report, paint, command="migrator rewrite PATH"),
        )
    raise SystemExit(counts.count(report).exit_code)
