"""A call site: one use of the Images API with everything that feeds it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from migrator.catalog.frameworks import Framework
    from migrator.catalog.model import EndpointName
    from migrator.codemod.flow.forward import State
    from migrator.codemod.index.module import Module

Provider = Literal["openai", "azure", "foreign", "unresolved"]
Dialect = Literal["sdk", "legacy", "http", "framework"]
"""How a site speaks: the SDK's client, ``openai.Image`` of openai<1, plain HTTP, or another package."""
Form = Literal["json", "form", "files", "fields", "text"]
"""How a body is written: a mapping that becomes JSON, the fields of a form, its parts, files among them, an object
that gets its fields one by one, or the text of JSON."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The client that a site talks through.

    ``made_by`` are the constructor calls that can have made it; ``why`` explains ``foreign`` and ``unresolved``.
    """

    provider: Provider
    made_by: tuple[tuple[Module, ast.Call], ...] = ()
    why: str = ""
    doubtful: bool = False
    """Whether something speaks against OpenAI, so that even an OpenAI model in the call proves nothing."""
    also_azure: bool = False
    """Whether the client can be one for Azure as well as one for OpenAI, so that the model can be a deployment."""


@dataclass(frozen=True, slots=True)
class ArgumentCall:
    """A call whose keyword arguments reach the API.

    Its first ``shift`` positional arguments are not the API's, nor are the keywords in ``own``: the helper that
    makes the call keeps them.
    """

    module: Module
    call: ast.Call
    shift: int = 0
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Field:
    """One field that is added to a form; ``name`` is empty where ``value`` is a mapping with all of them."""

    module: Module
    name: str
    value: ast.expr
    call: ast.Call


@dataclass(frozen=True, slots=True)
class Payload:
    """A mapping, or an object like one, that is the body of a request.

    ``carriers`` are the calls that it passes on its way.
    """

    module: Module
    node: ast.expr
    form: Form
    carriers: frozenset[ast.Call] = frozenset()
    fields: tuple[Field, ...] = ()
    """What is added to it, where it gets its fields one by one."""


@dataclass(eq=False, slots=True)
class Site:
    """One use of an endpoint. ``results`` are the expressions whose value is the API's answer."""

    module: Module
    method: ast.expr
    """The method of the SDK, or the function that sends the request."""
    endpoint: EndpointName
    receiver: Receiver
    calls: list[ArgumentCall] = field(default_factory=list)
    results: list[State] = field(default_factory=list)
    trouble: list[tuple[ast.AST, str]] = field(default_factory=list)
    """Uses of the method that cannot be read as a call: the node and why."""
    dialect: Dialect = "sdk"
    framework: Framework | None = None
    """The package that makes the request, where it is not the SDK itself."""
    payloads: list[Payload] = field(default_factory=list)
    """The bodies that carry the arguments, where they are not keywords of the calls."""
    senders: list[ArgumentCall] = field(default_factory=list)
    """The calls that send the request, where a helper of the project does it."""

    @property
    def sdk_method(self) -> ast.Attribute:
        """The method of the SDK; only for sites that use it."""
        if not isinstance(self.method, ast.Attribute):
            raise TypeError(f"{self.id} is no method of the SDK")
        return self.method

    @property
    def node(self) -> ast.expr:
        """The node that stands for the site in messages."""
        return self.calls[0].call if self.calls else self.method

    @property
    def line(self) -> int:
        """Where people find it: the line on which the call starts."""
        return self.node.lineno

    @property
    def id(self) -> str:
        """``path:line``, as findings name it."""
        return f"{self.module.path}:{self.line}"
