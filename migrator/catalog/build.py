"""Turns the tree of the rule files into typed objects, refusing everything that the schema does not know."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, TypeVar, get_args

from migrator.catalog.errors import did_you_mean
from migrator.catalog.model import (
    Advisory,
    ApiError,
    ClientCall,
    Combination,
    Consumer,
    EndpointName,
    Example,
    Fact,
    FreeSize,
    HostedTool,
    Lifecycle,
    Model,
    Operation,
    Parameter,
    ParameterKind,
    Price,
    Rule,
    SizeRule,
    Status,
    TokenFormula,
)
from migrator.catalog.reader import Table
from migrator.catalog.tree import Tree, merge
from migrator.catalog.versions import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

K = TypeVar("K")
V = TypeVar("V")

SECTIONS = (
    "advice",
    "calls",
    "consumers",
    "default_target",
    "downloads",
    "errors",
    "frameworks",
    "hosts",
    "http",
    "legacy",
    "models",
    "profiles",
    "prompting",
    "rules",
    "sdk_differences",
    "service",
    "sources",
)
ENDPOINTS: tuple[EndpointName, ...] = get_args(EndpointName)
KINDS: tuple[ParameterKind, ...] = get_args(ParameterKind)
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
STATUSES: tuple[Status, ...] = get_args(Status)
FORMS = ("url", "data-uri", "bytes", "path")
PLACES = frozenset(
    {
        "parameter",
        "value",
        "supported",
        "choices",
        "got",
        "limit",
        "model",
        "other",
        "other_value",
        "endpoint",
    }
)
"""What the message of an API error may fill in."""

_PROFILE_KEYS = (
    "combinations",
    "endpoints",
    "family",
    "is_target",
    "output_tokens",
    "parameters",
    "price",
    "profile",
    "returns_revised_prompt",
    "returns_url",
    "sizes",
    "source",
    "checked",
    "token_formula",
)
_MODEL_KEYS = (*_PROFILE_KEYS, "aliases", "lifecycle", "released", "replacement")


def facts(root: Table) -> dict[str, Fact]:
    """The named sources."""
    known = {}
    for key, table in root.table("sources").tables().items():
        table.close("title", "url", "checked")
        title, url = table.text("title"), table.optional("url")
        known[key] = Fact(f"{title} ({url})" if url else title, table.day_of("checked"))
    return known


def models(root: Table) -> dict[str, Model]:
    """Every model by id, with the profile it names laid underneath."""
    profiles = root.table("profiles").tables()
    for profile in profiles.values():
        profile.close(*_PROFILE_KEYS)
    built = {}
    for name, table in root.table("models").tables().items():
        table.close(*_MODEL_KEYS)
        whole = Table(_with_profile(table, profiles, ()), table.what, root.facts)
        built[name] = _model(name, whole)
    return built


def errors(root: Table) -> dict[str, ApiError]:
    """The error bodies of the API by id."""
    built = {}
    for name, table in root.table("errors").tables().items():
        table.close("status", "type", "code", "message", "names_parameter", "source", "checked")
        message = table.text("message")
        try:
            places = {place for _, place, _, _ in string.Formatter().parse(message) if place is not None}
        except ValueError as error:
            raise table.fail("message", f"message has unbalanced braces ({error})") from None
        if not places <= PLACES:
            raise table.fail(
                "message",
                f"message fills in {sorted(places - PLACES)[0]!r}. Allowed: {', '.join(sorted(PLACES))}",
            )
        status = table.integer_of("status")
        named = table.flag("names_parameter", default=True)
        built[name] = ApiError(
            name, status, table.text("type"), table.optional("code"), message, table.fact(), named
        )
    return built


def rules(root: Table) -> dict[str, Rule]:
    """Every rule by id."""
    return {name: _rule(name, table) for name, table in root.table("rules").tables().items()}


def calls(root: Table) -> ClientCall:
    """How code reaches the API."""
    table = root.table("calls").close(
        "attribute",
        "checked",
        "constructors",
        "copies",
        "hosted_tool",
        "hosts",
        "methods",
        "modules",
        "needles",
        "prefixes",
        "resources",
        "source",
        "url_arguments",
        "wrappers",
        "wraps",
        "strangers",
    )
    methods = table.table("methods")
    tool = table.table("hosted_tool").close("type", "parameters", "given", "default")
    return ClientCall(
        constructors=_frozen(table.pairs("constructors")),
        modules=table.texts("modules"),
        methods=_frozen({name: methods.choice(name, ENDPOINTS) for name in methods.entries}),
        wrappers=table.texts("wrappers"),
        copies=table.texts("copies"),
        fact=table.fact(),
        attribute=table.text("attribute"),
        wraps=table.texts("wraps"),
        strangers=table.texts("strangers"),
        resources=table.texts("resources"),
        hosts=_frozen(table.pairs("hosts")),
        url_arguments=table.texts("url_arguments"),
        needles=table.texts("needles"),
        prefixes=table.texts("prefixes"),
        hosted_tool=HostedTool(
            tool.text("type"), tool.texts("parameters"), tool.texts("given"), tool.text("default")
        ),
    )


def consumers(root: Table) -> tuple[Consumer, ...]:
    """Everything that receives an image, in the order of the files."""
    return tuple(_consumer(name, table) for name, table in root.table("consumers").tables().items())


def advisory(root: Table) -> Advisory:
    """What the code around the calls is measured against."""
    table = root.table("advice").close("error_codes", "layout", "tests", "timeout")
    timeout = table.table("timeout").close(
        "checked", "contexts", "enough", "objects", "short", "source", "waits"
    )
    codes = table.table("error_codes").close("checked", "replaced", "source")
    layout = table.table("layout").close("checked", "draws", "imports", "joins", "places", "scales", "source")
    tests = table.table("tests").close(
        "checked", "expectations", "fakes", "matchers", "imports", "patches", "requests", "source"
    )
    short, enough = timeout.integer_of("short"), timeout.integer_of("enough")
    if enough < short:
        raise timeout.fail("enough", "enough must not be below short")
    return Advisory(
        timeout_short=short,
        timeout_enough=enough,
        timeout_objects=timeout.texts("objects"),
        timeout_waits=timeout.texts("waits"),
        timeout_contexts=timeout.texts("contexts"),
        replaced_errors=_frozen(codes.pairs("replaced")),
        layout_imports=layout.texts("imports"),
        layout_places=layout.texts("places"),
        layout_scales=layout.texts("scales"),
        layout_joins=layout.texts("joins"),
        layout_draws=layout.texts("draws"),
        test_imports=tests.texts("imports"),
        test_patches=tests.texts("patches"),
        test_fakes=tests.texts("fakes"),
        test_matchers=tests.texts("matchers"),
        test_expectations=tests.texts("expectations"),
        test_requests=tests.texts("requests"),
        facts=_frozen(
            {
                "timeout": timeout.fact(),
                "error_codes": codes.fact(),
                "layout": layout.fact(),
                "tests": tests.fact(),
            }
        ),
    )


def sdk_differences(root: Table) -> dict[str, str]:
    """Known differences between the rules and the types of the SDK: subject to reason."""
    table = root.table("sdk_differences")
    return {
        subject: entry.close("why", "source", "checked").text("why")
        for subject, entry in table.tables().items()
    }


def _with_profile(table: Table, profiles: Mapping[str, Table], seen: tuple[str, ...]) -> Tree:
    name = table.optional("profile")
    if name is None:
        return table.tree
    if name in seen:
        raise table.fail("profile", f"profile {name!r} builds on itself")
    if name not in profiles:
        raise table.fail("profile", f"profile {name!r} does not exist.{did_you_mean(name, profiles)}")
    return merge(_with_profile(profiles[name], profiles, (*seen, name)), table.tree)


def _model(name: str, table: Table) -> Model:
    fact = table.fact()
    shared = table.table("parameters")
    endpoints: dict[EndpointName, Mapping[str, Parameter]] = {}
    listed = table.table("endpoints").close(*ENDPOINTS)
    for endpoint in ENDPOINTS:
        if endpoint in listed.entries:
            own = Table(
                merge(shared.tree, listed.entries[endpoint]), f"{table.what}, {endpoint}", table.facts
            )
            endpoints[endpoint] = _frozen(
                {key: _parameter(key, one, fact) for key, one in own.tables().items()}
            )
    return Model(
        id=name,
        family=table.text("family"),
        aliases=table.texts("aliases"),
        released=table.day_of("released"),
        lifecycle=_frozen({key: _life(one) for key, one in table.table("lifecycle").tables().items()}),
        replacement=table.optional("replacement"),
        sizes=_sizes(table.table("sizes")),
        endpoints=_frozen(endpoints),
        returns_url=table.flag("returns_url", default=False),
        returns_revised_prompt=table.flag("returns_revised_prompt", default=False),
        price=_price(table.table("price")) if "price" in table.entries else None,
        output_tokens=_frozen(table.integers("output_tokens")),
        fact=fact,
        is_target=table.flag("is_target", default=True),
        combinations=tuple(_combination(item, table) for item in table.items("combinations")),
        token_formula=_formula(table.table("token_formula")) if "token_formula" in table.entries else None,
        origin=table.tree.where,
    )


def _life(table: Table) -> Lifecycle:
    table.close("status", "shutdown", "announced", "source", "checked")
    status = table.choice("status", STATUSES)
    shutdown = table.day("shutdown")
    if (status == "active") != (shutdown is None):
        wrong = (
            "an active model has no shutdown date" if shutdown else f"status {status!r} needs a shutdown date"
        )
        raise table.fail("shutdown" if shutdown else "status", wrong)
    return Lifecycle(status, shutdown, table.day("announced"), table.fact())


def _sizes(table: Table) -> SizeRule:
    table.close("listed", "default", "free", "refusal")
    free = None
    if "free" in table.entries:
        limits = table.table("free").close("multiple_of", "max_edge", "max_ratio", "min_pixels", "max_pixels")
        ratio = limits.number("max_ratio")
        free = FreeSize(
            multiple_of=max(limits.integer_of("multiple_of"), 1),
            max_edge=limits.integer_of("max_edge"),
            max_ratio=float("inf") if ratio is None else ratio,
            min_pixels=limits.integer_of("min_pixels"),
            max_pixels=limits.integer_of("max_pixels"),
        )
    return SizeRule(table.texts("listed"), table.text("default"), free, table.optional("refusal") or "value")


def _parameter(name: str, table: Table, fact: Fact) -> Parameter:
    table.close(
        "absence",
        "checked",
        "default",
        "kind",
        "max_bytes",
        "max_length",
        "maximum",
        "minimum",
        "refusal",
        "required",
        "source",
        "values",
    )
    kind, values = table.choice("kind", KINDS), table.texts("values")
    if (kind == "enum") != bool(values):
        raise table.fail("values", "values belong to kind enum, and an enum needs some")
    default = table.entries["default"].value if "default" in table.entries else None
    if default is not None and (isinstance(default, bool) or not isinstance(default, str | int)):
        raise table.fail("default", "default must be text or a whole number")
    if values and default is not None and default not in values:
        raise table.fail("default", f"default {default!r} is not one of: {', '.join(values)}")
    return Parameter(
        name=name,
        kind=kind,
        values=values,
        minimum=table.integer("minimum"),
        maximum=table.integer("maximum"),
        max_length=table.integer("max_length"),
        default=default,
        fact=table.fact(fact),
        required=table.flag("required", default=False),
        max_bytes=table.integer("max_bytes"),
        refusal=table.optional("refusal"),
        absence=table.optional("absence"),
    )


def _combination(tree: Tree, parent: Table) -> Combination:
    table = Table(tree, f"{parent.what}, combination", parent.facts)
    table.close("parameter", "values", "except", "other", "allowed", "error", "source", "checked")
    return Combination(
        parameter=table.text("parameter"),
        values=table.texts("values"),
        except_values=table.texts("except"),
        other=table.text("other"),
        allowed=table.texts("allowed"),
        error=table.text("error"),
        fact=table.fact(parent.fact()),
    )


def _price(table: Table) -> Price:
    table.close("per_image", "per_million", "source", "checked")
    return Price(_frozen(table.numbers("per_image")), _frozen(table.numbers("per_million")), table.fact())


def _formula(table: Table) -> TokenFormula:
    table.close("factor", "offset", "divisor", "source", "checked")
    divisor = table.integer_of("divisor")
    if not divisor:
        raise table.fail("divisor", "divisor must not be 0")
    return TokenFormula(_frozen(table.integers("factor")), table.integer_of("offset"), divisor, table.fact())


def _rule(name: str, table: Table) -> Rule:
    table.close(
        "checked",
        "endpoints",
        "examples",
        "fix",
        "handler",
        "map",
        "operation",
        "otherwise",
        "parameter",
        "source",
        "source_models",
        "suggestion",
        "target_families",
        "title",
        "why",
    )
    operation = table.choice("operation", OPERATIONS)
    mapping = table.pairs("map")
    if bool(mapping) != (operation in {"map_value", "map_size"}):
        raise table.fail("map", f"operation {operation!r} {'takes no' if mapping else 'needs a'} map")
    if (operation == "handler") != ("handler" in table.entries):
        raise table.fail("handler", "operation handler and the key handler belong together")
    if (
        operation in {"map_value", "map_size", "drop", "set_model", "require"}
        and "parameter" not in table.entries
    ):
        raise table.fail("parameter", f"operation {operation!r} needs a parameter")
    return Rule(
        id=name,
        title=table.text("title"),
        why=table.text("why"),
        operation=operation,
        fact=table.fact(),
        parameter=table.optional("parameter"),
        endpoints=_endpoints(table),
        source_models=table.texts("source_models"),
        target_families=table.texts("target_families"),
        mapping=_frozen(mapping),
        otherwise=table.optional("otherwise"),
        handler=table.optional("handler"),
        suggestion=table.optional("suggestion") or "",
        examples=tuple(_example(item, table) for item in table.items("examples")),
        origin=table.tree.where,
        fix=table.choice("fix", ("safe", "review", "manual"), "manual"),
    )


def _endpoints(table: Table) -> tuple[EndpointName, ...]:
    found = []
    for item in table.items("endpoints"):
        match = next((name for name in ENDPOINTS if name == item.value), None)
        if match is None:
            raise item.fail(f"{table.what}: unknown endpoint {item.value!r}. Allowed: {', '.join(ENDPOINTS)}")
        found.append(match)
    return tuple(found)


def _example(tree: Tree, parent: Table) -> Example:
    table = Table(tree, f"{parent.what}, example").close("before", "after")
    after = table.optional("after")
    return Example(table.text("before") + "\n", after if after is None else after + "\n")


def _consumer(name: str, table: Table) -> Consumer:
    table.close(
        "accepts",
        "argument",
        "attached_in",
        "attachment",
        "bytes_argument",
        "bytes_call",
        "bytes_form",
        "bytes_wrapper",
        "calls",
        "carried_as",
        "carried_by",
        "checked",
        "decorators",
        "gives_answer",
        "imports",
        "likely",
        "methods",
        "package",
        "receivers",
        "records",
        "replaces_call",
        "role",
        "shown_by",
        "source",
        "suggestion",
        "title",
        "url_argument",
        "versions",
    )
    arguments: list[int | str] = []
    for item in table.items("argument"):
        if isinstance(item.value, bool) or not isinstance(item.value, int | str):
            raise item.fail(f"{table.what}: argument must hold positions (0, 1, ...) and keyword names")
        arguments.append(item.value)
    accepts = table.texts("accepts")
    for form in accepts:
        if form not in FORMS:
            raise table.fail("accepts", f"accepts cannot hold {form!r}. Allowed: {', '.join(FORMS)}")
    versions = table.optional("versions")
    if versions is not None and parse(versions) is None:
        raise table.fail("versions", f"versions cannot be {versions!r}. Write >=3, <3 or >=2.1,<4")
    consumer = Consumer(
        id=name,
        title=table.text("title"),
        role=table.choice("role", ("show", "download", "log", "store", "send", "text")),
        calls=table.texts("calls"),
        methods=table.texts("methods"),
        imports=table.texts("imports"),
        receivers=table.texts("receivers"),
        argument=tuple(arguments),
        accepts=accepts,
        suggestion=table.optional("suggestion") or "",
        fact=table.fact(),
        gives_answer=table.flag("gives_answer", default=True),
        bytes_form=table.choice("bytes_form", ("raw", "file"), "raw"),
        bytes_call=table.optional("bytes_call"),
        likely=table.texts("likely"),
        records=table.texts("records"),
        replaces_call=table.flag("replaces_call", default=False),
        package=table.optional("package") or "",
        versions=parse(versions) if versions else None,
        decorators=table.texts("decorators"),
        bytes_argument=table.optional("bytes_argument"),
        bytes_wrapper=table.optional("bytes_wrapper"),
        url_argument=table.optional("url_argument"),
        shown_by=table.optional("shown_by"),
        attached_in=table.texts("attached_in"),
        attachment=table.optional("attachment") or "",
        carried_as=table.optional("carried_as") or "",
        carried_by=table.texts("carried_by"),
    )
    if not consumer.calls and not consumer.methods:
        raise table.fail("calls", "needs calls or methods, or nothing can match it")
    return consumer


def _frozen(mapping: dict[K, V]) -> Mapping[K, V]:
    return FrozenDict(mapping)


class FrozenDict(dict[K, V]):
    """A dict that cannot be changed and, unlike a mapping proxy, can be pickled."""

    def __setitem__(self, key: K, value: V) -> None:
        raise TypeError("rules cannot be changed after they are loaded")

    def __delitem__(self, key: K) -> None:
        raise TypeError("rules cannot be changed after they are loaded")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (dict(self),))
