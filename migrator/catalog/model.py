"""The typed form of ``rules/``: what the loader builds and everything else asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from migrator.catalog.versions import Range

EndpointName = Literal["generations", "edits", "variations"]
Operation = Literal["set_model", "map_value", "map_size", "drop", "require", "flag", "handler"]
Status = Literal["active", "deprecated", "shut_down"]
ParameterKind = Literal["enum", "integer", "boolean", "text", "size", "file", "any"]


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
    refusal: str = "value"
    """Id of the API error for a size that is not taken."""

    def accepts(self, size: str) -> bool:
        """Whether ``size`` (``WIDTHxHEIGHT`` or a listed word such as ``auto``) is taken."""
        return size in self.listed or (self.free is not None and self.free.refusal(size) is None)


@dataclass(frozen=True, slots=True)
class FreeSize:
    """Limits of a free-form size. Edges in pixels, ``max_ratio`` is long edge by short edge."""

    multiple_of: int
    max_edge: int
    max_ratio: float
    min_pixels: int
    max_pixels: int

    def refusal(self, size: str) -> str | None:
        """The id of the API error for ``size``; ``None`` when it is taken."""
        edges = edges_of(size)
        if edges is None or not all(edges):
            return "size_form"
        long, short = max(edges), min(edges)
        if long % self.multiple_of or short % self.multiple_of:
            return "size_multiple"
        if long > short * self.max_ratio:
            return "size_ratio"
        if long > self.max_edge:
            return "size_edge"
        if long * short < self.min_pixels:
            return "size_too_few_pixels"
        if long * short > self.max_pixels:
            return "size_too_many_pixels"
        return None


def edges_of(size: str) -> tuple[int, int] | None:
    """Width and height in pixels of ``"WIDTHxHEIGHT"``; ``None`` for anything else."""
    parts = size.split("x")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts):
        return None
    return int(parts[0]), int(parts[1])


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The life of a model at one provider. ``shutdown`` is ``None`` when none is announced."""

    status: Status
    shutdown: date | None
    announced: date | None
    fact: Fact


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one model accepts for one parameter of one endpoint.

    ``kind`` says how to check a value: ``enum`` by ``values``, ``integer`` by ``minimum`` and ``maximum``,
    ``text`` by ``max_length`` (characters), ``size`` by the model's :class:`SizeRule`, ``boolean``, ``file``
    by ``maximum`` (how many) and ``max_bytes`` (each), ``any`` not at all.
    A parameter that a model does not list is refused by the API. ``refusal`` is the id of the API error for
    a bad value where it is not the usual one of the kind; ``absence`` that of sending the parameter to a
    sister model which lacks it.
    """

    name: str
    kind: ParameterKind
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    default: str | int | None = None
    fact: Fact | None = None
    required: bool = False
    max_bytes: int | None = None
    refusal: str | None = None
    absence: str | None = None


@dataclass(frozen=True, slots=True)
class Combination:
    """Two parameters that depend on each other.

    When ``parameter`` is sent with one of ``values`` (any, when empty) and not one of ``except_values``, then
    ``other`` (its default, when it is not sent) must be one of ``allowed``; an empty ``allowed`` means that
    ``other`` must not be sent at all. Values are compared as text, booleans as ``true`` and ``false``.
    """

    parameter: str
    values: tuple[str, ...]
    except_values: tuple[str, ...]
    other: str
    allowed: tuple[str, ...]
    error: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class ApiError:
    """An error body of the API. ``message`` has ``{value}``-like places, ``status`` is the HTTP status.

    ``names_parameter`` says whether its ``param`` field is filled.
    """

    id: str
    status: int
    type: str
    code: str | None
    message: str
    fact: Fact
    names_parameter: bool = True


@dataclass(frozen=True, slots=True)
class TokenFormula:
    """Output tokens of one picture as a function of its size: an estimate, see the rules for its origin.

    ``tokens = ceil(f * s * (offset + width * height) / divisor)`` with ``f = factor[quality]`` and
    ``s = round(f * short / long)``.
    """

    factor: Mapping[str, int]
    offset: int
    divisor: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Price:
    """Prices in USD. ``per_image`` keys are ``"quality size"``; ``per_million`` keys name a token class."""

    per_image: Mapping[str, float]
    per_million: Mapping[str, float]
    fact: Fact


@dataclass(frozen=True, slots=True)
class Model:
    """One image model. ``replacement`` is the id that the provider names, if any."""

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
    is_target: bool = True
    """Whether code can be moved onto this model. Models that are no targets speak the old contract."""
    combinations: tuple[Combination, ...] = ()
    token_formula: TokenFormula | None = None
    origin: str = ""

    def accepts(self, parameter: Parameter, value: str) -> bool:
        """Whether this model takes ``value`` (as text) for one of its parameters."""
        if parameter.kind == "enum":
            return value in parameter.values
        if parameter.kind == "size":
            return self.sizes.accepts(value)
        if parameter.kind == "boolean":
            return value in {"true", "false"}
        if parameter.kind == "integer":
            digits = value.removeprefix("-")
            if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
                return False
            number = int(value)
            low, high = parameter.minimum, parameter.maximum
            return (low is None or number >= low) and (high is None or number <= high)
        if parameter.kind == "text" and parameter.max_length is not None:
            return len(value) <= parameter.max_length
        return True

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

    Empty facets mean "any". ``mapping`` serves ``map_value`` and ``map_size``; ``otherwise`` is what an
    unknown value becomes (``None``: it is reported instead).
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
    fix: Literal["safe", "review", "manual"] = "manual"
    """The usual fix of its findings; a site may lower it, never raise it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A before and after pair that runs as a test. ``after`` is ``None`` where the rule only reports."""

    before: str
    after: str | None


@dataclass(frozen=True, slots=True)
class HostedTool:
    """The tool of the Responses API that makes pictures, as a mapping in code."""

    type: str
    parameters: tuple[str, ...]
    given: tuple[str, ...]
    """Arguments, keys and functions that such a mapping is handed to."""
    default: str = ""
    """The model of a tool that names none."""


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
    attribute: str = "images"
    """The attribute of a client that holds the methods."""
    wraps: tuple[str, ...] = ()
    """Functions that return the client given as their first argument, such as tracing wrappers."""
    strangers: tuple[str, ...] = ()
    """Packages whose own clients look the same and talk to somebody else."""
    resources: tuple[str, ...] = ()
    """Qualified names of the classes of the ``images`` attribute itself."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Host, or suffix of it after a dot, of a ``base_url`` to its provider. Any other host is foreign."""
    url_arguments: tuple[str, ...] = ()
    """Keyword arguments of a constructor that choose the host."""
    needles: tuple[str, ...] = ()
    """Text of which a file that reaches the API holds at least one."""
    prefixes: tuple[str, ...] = ()
    """What gateways and routers put before the name of an OpenAI model."""
    hosted_tool: HostedTool = HostedTool("", (), ())


@dataclass(frozen=True, slots=True)
class Consumer:
    """Something that receives an image, and the forms it takes.

    ``calls`` are qualified names; ``methods`` are method names that count only in a module that imports one
    of ``imports`` (or whose receiver resolves there) or on an object whose name is one of ``receivers``; with
    neither they count anywhere. ``argument``
    lists positions and keyword names that receive the image; empty means any. ``accepts`` holds ``url``,
    ``data-uri``, ``bytes``, ``path``. ``role``: ``show`` a person sees it, ``download`` the url is fetched,
    ``log`` text for operators, ``store`` it is kept, ``send`` it goes to another service, ``text`` the
    string is only inspected or joined.
    """

    id: str
    title: str
    role: Literal["show", "download", "log", "store", "send", "text"]
    calls: tuple[str, ...]
    methods: tuple[str, ...]
    imports: tuple[str, ...]
    receivers: tuple[str, ...]
    argument: tuple[int | str, ...]
    accepts: tuple[str, ...]
    suggestion: str
    fact: Fact
    gives_answer: bool = True
    """Whether a download gives an answer that holds the body; others write a file, or give pixels."""
    bytes_form: Literal["raw", "file"] = "raw"
    """Whether bytes are taken as they are, or as a binary file object such as ``io.BytesIO``."""
    bytes_call: str | None = None
    """Qualified class that makes of the bytes what the argument takes: ``Class(bytes, file name)``."""
    replaces_call: bool = False
    """Whether ``bytes_call`` takes the place of the whole call, which only wraps the url."""
    likely: tuple[str, ...] = ()
    """Words in the names of objects that have ``methods``; they decide where nothing is known of an object."""
    records: tuple[str, ...] = ()
    """Base classes, or what makes them, of records: making one keeps what it gets, as methods of ``objects`` do."""
    package: str = ""
    """Package on PyPI of which only some versions are meant, and which ``imports`` are evidence of."""
    versions: Range | None = None
    decorators: tuple[str, ...] = ()
    """Last names of decorators that only these versions have, the other evidence besides ``imports``."""
    bytes_argument: str | None = None
    """Keyword that takes the bytes, where it is not the argument that takes the url."""
    bytes_wrapper: str | None = None
    """Class of the imported package that bytes must be wrapped in: ``Wrapper(file object, file name)``."""
    url_argument: str | None = None
    """Keyword that takes a ``data:`` URI, where the argument that takes the url does not."""
    shown_by: str | None = None
    """Class that shows a picture which is given as ``url=``, and can take the place of this consumer."""
    attached_in: tuple[str, ...] = ()
    """Packages whose ``bytes_wrapper`` makes an attachment out of a file object and a file name."""
    attachment: str = ""
    """What stands for an attached picture where its url stood; its last part is the file name."""
    carried_as: str = ""
    """Keyword of the calls that send what shows the picture; empty where the consumer itself sends."""
    carried_by: tuple[str, ...] = ()
    """Methods that send a message and take attachments."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for which the API would refuse a request. All fields are the API's own."""

    parameter: str | None
    code: str | None
    message: str
    type: str = "invalid_request_error"
    status: int = 400


@dataclass(frozen=True, slots=True)
class Translation:
    """What becomes of one argument of a call.

    ``keep`` it is fine as it is; ``replace`` it by ``value``; ``drop`` the argument; ``unknown`` the target
    refuses it and no rule maps it: ``value`` is then what to fall back to, if a rule says so.
    """

    kind: Literal["keep", "replace", "drop", "unknown"]
    value: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Advisory:
    """What code around the calls was written for, and what fits now. Times are seconds."""

    timeout_short: float
    """A limit below this cuts difficult prompts off."""
    timeout_enough: float
    timeout_objects: tuple[str, ...]
    """Qualified names of classes that hold the limits of an HTTP client."""
    timeout_waits: tuple[str, ...]
    """Functions whose first argument is waited for, and whose second or ``timeout`` is the limit."""
    timeout_contexts: tuple[str, ...]
    """Context managers whose first argument is a limit."""
    replaced_errors: Mapping[str, str]
    """Id of an API error of the DALL-E years to the one that is answered now."""
    layout_imports: tuple[str, ...]
    """Packages in which code does arithmetic with the edges of a picture."""
    layout_places: tuple[str, ...]
    """Methods that count on the picture's own size."""
    layout_scales: tuple[str, ...]
    """Methods that give a picture a size."""
    layout_joins: tuple[str, ...]
    """What brings two pictures together: qualified functions, ``module.*``, or ``.method``."""
    layout_draws: tuple[str, ...]
    """Methods that draw on a picture at coordinates, or read a point of it."""
    test_imports: tuple[str, ...]
    """Packages by which a file shows that it is a test."""
    test_patches: tuple[str, ...]
    """Calls that put something else in the place of a name."""
    test_fakes: tuple[str, ...]
    test_matchers: tuple[str, ...]
    """Functions and keywords that take the body which a request must have."""
    """Classes of which stand-ins for an answer are made."""
    test_expectations: tuple[str, ...]
    """Methods and functions that hold the arguments which a call is expected to have."""
    test_requests: tuple[str, ...]
    """Parts of names under which tests keep what a request was made with."""
    facts: Mapping[str, Fact]
    """Where each group comes from: ``timeout``, ``error_codes``, ``layout``, ``tests``."""


@dataclass(frozen=True, slots=True)
class HostKind:
    """A kind of file, and how it is known by its name (lower case)."""

    id: str
    names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyWords:
    """Words of configuration keys, in lower case, and what they say about the value."""

    models: frozenset[str]
    tails: frozenset[str]
    images: frozenset[str]
    parameters: Mapping[str, str]
    """Words that a key ends with, separated by spaces, to the argument that it fills."""
    labels: frozenset[str]
    registries: frozenset[str]
    commands: frozenset[str]
    routes: frozenset[str]
    """Keys of what a router sends requests with."""
    route_names: frozenset[str] = frozenset()
    """Keys beside them, of the name that a program asks the router for."""
    options: frozenset[str] = frozenset()
    """Keys of a mapping that goes with the model beside it."""
    many: Mapping[str, str] = field(default_factory=dict)
    """Like ``parameters``, of keys that hold several values."""
    sides: tuple[str, ...] = ()
    """Words of the keys that are a size together: of its width, of its height."""
    past: frozenset[str] = frozenset()
    """Words of keys that hold what was there before."""
    marks: frozenset[str] = frozenset()
    """Keys of a mapping that other tools read."""


@dataclass(frozen=True, slots=True)
class LanguageFacts:
    """How code in another language reaches the API, and what people are shown instead."""

    title: str
    calls: tuple[str, ...]
    example: str
    url: str


@dataclass(frozen=True)
class HostFacts:
    """Files beside Python: which are searched, by whom they are treated, and by which words."""

    kinds: tuple[HostKind, ...]
    skip_names: frozenset[str]
    skip_suffixes: tuple[str, ...]
    skip_folders: frozenset[str]
    needles: tuple[str, ...]
    private: frozenset[str]
    """Words in the names of settings that people keep out of git."""
    records: frozenset[str]
    words: KeyWords
    picture_hosts: tuple[str, ...]
    marketing: tuple[str, ...]
    languages: Mapping[str, LanguageFacts]
    fact: Fact

    def is_record(self, path: str) -> bool:
        """Whether the file at ``path`` only says what was, or what a test expects."""
        return not self.records.isdisjoint(path.lower().split("/")[:-1])

    def is_private(self, name: str) -> bool:
        """Whether a file of this name holds settings that people keep out of git."""
        kind = self.kind(name)
        return kind == "dotenv" or (
            kind is not None
            and not self.private.isdisjoint(name.lower().replace("_", ".").replace("-", ".").split("."))
        )

    def kind(self, path: str) -> str | None:
        """The kind of the file at ``path`` (with ``/``); ``None`` for one that is not searched."""
        folder, _, name = path.lower().rpartition("/")
        found = self._names.get(name) or self._by_prefix(name) or self._suffixes.get(_suffix(name))
        if found is None or name in self.skip_names or name.endswith(self.skip_suffixes):
            return None
        return None if folder and not self.skip_folders.isdisjoint(folder.split("/")) else found

    def _by_prefix(self, name: str) -> str | None:
        return next((kind for prefix, kind in self._prefixes if name.startswith(prefix)), None)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {name: kind.id for kind in reversed(self.kinds) for name in kind.names}

    @cached_property
    def _prefixes(self) -> tuple[tuple[str, str], ...]:
        return tuple((prefix, kind.id) for kind in self.kinds for prefix in kind.prefixes)

    @cached_property
    def _suffixes(self) -> dict[str, str]:
        return {suffix: kind.id for kind in reversed(self.kinds) for suffix in kind.suffixes}


def _suffix(name: str) -> str:
    at = name.rfind(".")
    return name[at:] if at >= 0 else ""
