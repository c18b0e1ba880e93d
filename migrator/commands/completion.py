"""``migrator completion``."""

from __future__ import annotations

import click

from migrator.commands.output import out_line

_LOADED = "$zsh_eval_context[-1] == loadautofunc"
"""How click's script for zsh knows that it was found in $fpath: true the first time only, so the next Tab is lost."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that lets your shell complete commands, options and paths.

    \b
    bash: migrator completion bash > ~/.local/share/bash-completion/completions/migrator
    zsh:  migrator completion zsh > a folder of your $fpath, as the file _migrator
    fish: migrator completion fish > ~/.config/fish/completions/migrator.fish
    """
    from click.shell_completion import get_completion_class

    from migrator.cli import cli

    made = get_completion_class(shell)
    assert made is not None
    one = made(cli, {}, "migrator", "_MIGRATOR_COMPLETE")
    script = (one.source_template % one.source_vars()).strip()
    out_line(script.replace(_LOADED, f"{_LOADED} || $funcstack[1] == _migrator"))
