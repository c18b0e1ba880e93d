"""Code of the project that gets a url back out of a text: a pattern for links, a parent that reads what is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.plan.answer.model import End

if TYPE_CHECKING:
    import ast

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context

_PATTERN = "https?:"


def found_again(context: Context, module: Module, node: ast.expr) -> End | None:
    """What it means that a url is written as text where the project looks for http links in texts."""
    found = _link_pattern(context, module)
    if found is None:
        return None
    other, text = found
    return End(
        "text", "review", "IMG017", module, node,
        f"The url is written as text, and the pattern at {other.path}:{text.lineno} finds no data: URI there.",
        "Let the pattern find data: URIs too, or write the path of a file (--url-as file).",
    )  # fmt: skip


def taken_over(context: Context, module: Module, node: ast.expr) -> End | None:
    """What it means that a url is printed where the project runs the file and takes what it prints."""
    found = _parent_program(context, module)
    if found is None:
        return None
    other, text = found
    return End(
        "text", "review", "IMG012", module, node,
        f"{other.path}:{text.lineno} runs this file, and gets a data: URI where a url was printed.",
        context.catalog.rules["IMG012"].suggestion,
    )  # fmt: skip


def _link_pattern(context: Context, module: Module) -> tuple[Module, ast.Constant] | None:
    """A pattern that finds http links in texts, in the ``module`` that writes one or in a module that downloads."""
    index = context.index
    index.search(_PATTERN)
    for _, other in sorted(index.modules.items()):
        if _PATTERN not in other.file.text or other.is_test:
            continue
        if other is module or context.catalog.downloads.fetches(other.file.text):
            for text in other.strings:
                if _PATTERN in str(text.value):
                    return other, text
    return None


def _parent_program(context: Context, module: Module) -> tuple[Module, ast.Constant] | None:
    """Where another module runs ``module`` as a program and takes what it prints."""
    index, facts = context.index, context.catalog.downloads
    file = module.path.rpartition("/")[2]
    name = index.module_name(module)
    index.search(file.removesuffix(".py"))
    for _, other in sorted(index.modules.items()):
        source = other.file.text
        if other is module or other.is_test or not facts.takes_output(source):
            continue
        for text in other.strings:
            for word in str(text.value).split():
                if word == name or f"/{word}".endswith(f"/{file}"):
                    return other, text
    return None
