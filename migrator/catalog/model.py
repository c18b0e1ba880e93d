"""The typed form of ``rules/``: what the loader builds and everything else asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

EndpointName = Literal["generations", "edits", "variations"]
Operation = Literal["set_model", "map_value", "map_size", "drop", "rename", "require", "flag", "handler"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Where a statement comes from and when it was last checked."""

    source: str
    checked: date


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Sizes a model takes: a closed list, or any WxH within limits (``listed`` are then the common ones).

    Lengths are pixels. ``free`` is ``None`` for a closed list.
    """

    listed: tuple[str, ...]
    default: str
    free: FreeSize | None = None


@dataclass(frozen=True, slots=True)
class FreeSize:
    """Limits of a free-form size. Edges in pixels, ``max_ratio`` is long edge by short edge."""

    multiple_of: int
    max_edge: int
    max_ratio: float
    min_pixels: int
    max_pixels: int


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The life of a model at one provider. ``shutdown`` is ``None`` when none is announced."""

    status: Literal["active", "deprecated", "shut_down"]
    shutdown: date | None
    announced: date | None
    fact: Fact


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one model accepts for one parameter of one endpoint.

    ``kind`` says how to check a value: ``enum`` by ``values``, ``integer`` by ``minimum`` and ``maximum``,
    ``text`` by ``max_length`` (characters), ``size`` by the model's :class:`SizeRule`, ``any`` not at all.
    A parameter that a model does not list is refused by the API.
    """

    name: str
    kind: Literal["enum", "integer", "text", "size", "any"]
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    default: str | int | None = None
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """Prices in USD. ``per_image`` keys are ``"quality size"``; ``per_million`` keys name a token class."""

    per_image: Mapping[str, float]
    per_million: Mapping[str, float]
    fact: Fact


@dataclass(frozen=True, slots=True)
class Model:
    """One image model."""

    id: str
    family: str
    aliases: tuple[str, ...]
    released: date
    lifecycle: Mapping[str, Lifecycle]
    replacement: str | None
    sizes: SizeRule
    endpoints: Mapping[EndpointName, Mapping[str, Parameter]]
    returns_url: bool
    returns_revised_prompt: bool
    price: Price | None
    output_tokens: Mapping[str, int]
    fact: Fact

    def life(self, provider: str = "openai") -> Lifecycle | None:
        """The life cycle at ``provider``, if the rules know it."""
        return self.lifecycle.get(provider)

    def days_left(self, today: date, provider: str = "openai") -> int | None:
        """Days until the shutdown; negative when it is past; ``None`` when none is announced."""
        life = self.life(provider)
        return None if life is None or life.shutdown is None else (life.shutdown - today).days

    def is_shut_down(self, today: date, provider: str = "openai") -> bool:
        """Whether calls to this model fail on ``today`` (it fails on the shutdown date itself)."""
        left = self.days_left(today, provider)
        return left is not None and left <= 0

    def is_leaving(self, today: date, provider: str = "openai") -> bool:  # noqa: ARG002 - same shape as its sisters
        """Whether a shutdown is announced or past: code that names this model has to move."""
        life = self.life(provider)
        return life is not None and life.shutdown is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: an operation on facets, with what a person needs to understand it.

    Empty facets mean "any". ``mapping`` serves ``map_value`` and ``map_size``; ``otherwise`` is what an unknown
    value becomes (``None``: it is reported instead).
    """

    id: str
    title: str
    why: str
    operation: Operation
    fact: Fact
    parameter: str | None = None
    endpoints: tuple[EndpointName, ...] = ()
    source_models: tuple[str, ...] = ()
    target_families: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    handler: str | None = None
    suggestion: str = ""
    examples: tuple[Example, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A before and after pair that runs as a test. ``after`` is ``None`` where the rule only reports."""

    before: str
    after: str | None


@dataclass(frozen=True, slots=True)
class ClientCall:
    """How code reaches the API: constructors of clients, and the methods on the client's ``images``."""

    constructors: Mapping[str, str]
    """Qualified name of a constructor to its provider, ``openai`` or ``azure``."""
    modules: tuple[str, ...]
    """Modules that act as a client themselves."""
    methods: Mapping[str, EndpointName]
    wrappers: tuple[str, ...]
    """Attributes between ``images`` and the method, such as ``with_raw_response``."""
    copies: tuple[str, ...]
    """Client methods that return a client of the same kind, such as ``with_options``."""
    fact: Fact


@dataclass(frozen=True, slots=True)
class Consumer:
    """Something that receives an image, and the forms it takes.

    ``calls`` are qualified names; ``methods`` are method names that count only in a module that imports one of
    ``imports`` (or whose receiver resolves there). ``argument`` lists positions and keyword names that receive
    the image; empty means any. ``accepts`` holds ``url``, ``data-uri``, ``bytes``, ``path``.
    ``role``: ``show`` a person sees it, ``download`` the url is fetched, ``log`` text for operators, ``store``
    it is kept, ``send`` it goes to another service, ``text`` the string is only inspected or joined.
    """

    id: str
    title: str
    role: Literal["show", "download", "log", "store", "send", "text"]
    calls: tuple[str, ...]
    methods: tuple[str, ...]
    imports: tuple[str, ...]
    argument: tuple[int | str, ...]
    accepts: tuple[str, ...]
    suggestion: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for which the API would refuse a request. ``code`` and ``message`` are the API's own."""

    parameter: str | None
    code: str
    message: str
