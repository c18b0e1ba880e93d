"""Renders templates into pages that need nothing but themselves: policy, styles, scripts, escaping."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from migrator.report.html import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jinja2 import Environment

_PACKAGE = "migrator.report.html"
GENERATOR = '<meta name="generator" content="dalle-migrator">'


def environment() -> Environment:
    """Jinja with autoescape always on and undefined names as errors."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only pages need it

    made = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        visible=words.visible,
        short=words.shortened,
        seconds=words.seconds,
        usd=words.usd,
        plural=words.plural,
        percent=words.percent,
    )
    return made


def asset(*names: str) -> str:
    """Asset files as one text."""
    folder = files(_PACKAGE) / "assets"
    return "".join((folder / name).read_text("utf-8") for name in names)


def program() -> str:
    """The page's script: its parts in the order of their names, in a scope of their own."""
    folder = files(_PACKAGE) / "assets" / "js"
    names = sorted(one.name for one in folder.iterdir() if one.name[:1].isdigit())
    parts = "".join((folder / name).read_text("utf-8") for name in names)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


def render(
    template: str,
    context: dict[str, Any],
    to: Path,
    *,
    styles: Sequence[str],
    scripts: dict[str, str],
    alone: bool,
) -> Path:
    """Writes the page ``to`` a file, and returns that path.

    ``scripts`` are inline scripts by their name in the template; the page's policy names their hashes, so no
    other script can run. With ``alone`` the styles are in the page as well; otherwise they are a file beside
    it, which also works where a host forbids inline styles.
    """
    style = asset(*styles)
    style_file = "" if alone else f"assets/{to.stem}-{hashlib.sha256(style.encode()).hexdigest()[:10]}.css"
    parts = (
        environment()
        .get_template(template)
        .stream(
            context,
            policy=_policy(list(scripts.values()), style if alone else None),
            style=Markup(style),  # noqa: S704 - our own files
            style_file=style_file,
            **{name: Markup(code) for name, code in scripts.items()},  # noqa: S704
        )
    )
    # a large page is written as it is made: the whole of it would fill the memory
    parts.enable_buffering(200)
    partial = to.with_suffix(".part")
    with partial.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.writelines(parts)
    if style_file:
        (to.parent / "assets").mkdir(exist_ok=True)
        for old in (to.parent / "assets").glob(f"{to.stem}-*.css"):
            old.unlink()
        (to.parent / style_file).write_text(style, "utf-8")
    partial.replace(to)
    return to


def _policy(scripts: list[str], style: str | None) -> str:
    """Nothing but our own scripts by their hashes, our own styles, and pictures of this folder or page."""
    styles = f"'{_digest(style)}'" if style is not None else "'self' file:"
    pictures = "data:" if style is not None else "'self' file:"
    allowed = " ".join(f"'{_digest(code)}'" for code in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src {styles}; img-src {pictures}; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
