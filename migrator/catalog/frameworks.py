"""Packages that call the Images API for their users, and what each version of them does with GPT Image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from migrator.catalog.build import ENDPOINTS, FrozenDict
from migrator.catalog.reader import Table
from migrator.catalog.versions import Range, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog.model import EndpointName, Fact

Kind = Literal["class", "function", "loader", "method", "settings"]
KINDS: tuple[Kind, ...] = ("class", "function", "loader", "method", "settings")
_KEYS = (
    "aliases",
    "answers",
    "arguments",
    "asks",
    "azure",
    "azure_prefix",
    "checked",
    "kind",
    "names",
    "needles",
    "order",
    "packages",
    "prefix",
    "setting",
    "source",
    "title",
    "url_arguments",
    "versions",
)
_VERSION_KEYS = ("adds", "default", "example", "fix", "sizes", "suggestion", "versions", "why")


@dataclass(frozen=True, slots=True)
class FrameworkVersion:
    """What a range of versions does with a GPT Image model.

    ``safe`` and ``review``: it works once the arguments are right (``review`` where what comes back has another
    form than before). ``manual``: it does not work, whatever is passed.
    """

    text: str
    range: Range
    fix: Literal["safe", "review", "manual"]
    why: str
    suggestion: str = ""
    example: str = ""
    default: str = ""
    """The model that is used when none is named; empty when one must be named."""
    sizes: tuple[str, ...] = ()
    """The only sizes that this version lets through; empty for all that the target takes."""
    adds: Mapping[str, str] = field(default_factory=dict)
    """Keyword to the code of its value, which must be passed for GPT Image."""


@dataclass(frozen=True, slots=True)
class Framework:
    """A class, a function or a loader of some package that makes pictures."""

    id: str
    title: str
    packages: tuple[str, ...]
    """Names of the distributions that hold it; the first is the one that is told to people."""
    kind: Kind
    names: Mapping[str, EndpointName]
    """Every dotted name under which it can be imported, to what it asks for; of a method its bare name, of settings
    the key that names the model."""
    versions: tuple[FrameworkVersion, ...]
    fact: Fact
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Keyword of the framework to parameter of the API."""
    order: tuple[str, ...] = ()
    """Keywords in the order in which they can be passed by position."""
    asks: tuple[str, ...] = ()
    """Texts that a loader or a method is given, all of them, when the pictures are meant; ``{model}`` stands for any
    leaving model. Of settings: keys of which one shows that this program reads the file."""
    aliases: bool = False
    """Whether entries of the project's own routers say what a text that a loader is given stands for."""
    answers: bool = False
    """Whether the answer has the form of the SDK's."""
    azure: bool = False
    azure_prefix: str = ""
    """What stands before the name of a deployment on Azure."""
    prefix: str = ""
    """What stands before the name of the model."""
    setting: str = ""
    """Environment variable that names the model where the code does not."""
    url_arguments: tuple[str, ...] = ()
    """Keywords that send the call to another address."""
    needles: tuple[str, ...] = ()
    """Text of which a file that uses it holds at least one."""

    def met(self, pinned: Range | None) -> tuple[FrameworkVersion, ...]:
        """The entries that can be meant by a project's pin; all without one."""
        return tuple(one for one in self.versions if pinned is None or one.range.meets(pinned))


def frameworks(root: Table) -> tuple[Framework, ...]:
    """Every framework, in the order of the files."""
    return tuple(_framework(name, table) for name, table in root.table("frameworks").tables().items())


def _framework(name: str, table: Table) -> Framework:
    table.close(*_KEYS)
    kind = table.choice("kind", KINDS)
    asks = table.texts("asks")
    if (kind in {"loader", "method", "settings"}) != bool(asks):
        raise table.fail("asks", "asks belongs to the kinds loader, method and settings, and they need it")
    names = table.table("names")
    if not names.entries:
        raise table.fail("names", "needs names, or nothing can match it")
    order, arguments = table.texts("order"), table.pairs("arguments")
    return Framework(
        id=name,
        title=table.text("title"),
        packages=table.texts("packages"),
        kind=kind,
        names=FrozenDict({one: names.choice(one, ENDPOINTS) for one in names.entries}),
        versions=_versions(table),
        fact=table.fact(),
        arguments=FrozenDict(arguments),
        order=order,
        asks=asks,
        aliases=table.flag("aliases", default=False),
        answers=table.flag("answers", default=False),
        azure=table.flag("azure", default=False),
        azure_prefix=table.optional("azure_prefix") or "",
        prefix=table.optional("prefix") or "",
        setting=table.optional("setting") or "",
        url_arguments=table.texts("url_arguments"),
        needles=table.texts("needles") or tuple({one.rpartition(".")[2]: None for one in names.entries}),
    )


def _versions(table: Table) -> tuple[FrameworkVersion, ...]:
    found = []
    for tree in table.items("versions"):
        one = Table(tree, f"{table.what}, versions", table.facts).close(*_VERSION_KEYS)
        text = one.text("versions")
        span = parse(text)
        if span is None:
            raise one.fail("versions", f"{text!r} is no range of versions such as '>=2.30,<3'")
        found.append(
            FrameworkVersion(
                text=text,
                range=span,
                fix=one.choice("fix", ("safe", "review", "manual")),
                why=one.text("why"),
                suggestion=one.optional("suggestion") or "",
                example=one.optional("example") or "",
                default=one.optional("default") or "",
                sizes=one.texts("sizes"),
                adds=FrozenDict(one.pairs("adds")),
            )
        )
    if not found:
        raise table.fail("versions", "needs at least one range of versions")
    return tuple(found)
