"""What is written for a source (``simulator:MODEL``, ``archive:DIR``, …) as a column."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrator.catalog.errors import did_you_mean
from migrator.compare.sources.base import KINDS, Column
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from migrator.catalog import Catalog
    from migrator.catalog.model import Model
    from migrator.compare.sources.base import Kind, Role
    from migrator.compare.suite import Suite

_FORMS = (
    "openai:MODEL, azure:DEPLOYMENT[=MODEL], openai-compatible:MODEL@URL, archive:DIR, simulator:MODEL"
    " or the name of a source of the suite"
)
_TEXTS = ("api_version", "base_url", "key_env", "model", "path", "spec")
_SECRET = re.compile(r"key|token|secret|auth|cookie|password", re.IGNORECASE)
_USER = re.compile(r"(://)[^/\s]*@")
_PRIVATE = re.compile(r"([?#]).*", re.DOTALL)
_REFERENCE = re.compile(r"\$\{(\w+)\}")


def columns(
    catalog: Catalog,
    today: date,
    suite: Suite,
    *,
    old: Sequence[str],
    new: Sequence[str],
    others: Sequence[tuple[str, str]] = (),
    headers: Sequence[tuple[str, str, str]] = (),
    key_files: Mapping[str, Path] | None = None,
) -> list[Column]:
    """The columns in their order: the old ones, the new ones, then ``others`` (name and spec).

    Without any, the simulator stands on both sides. ``headers`` are (column, header, environment variable);
    ``key_files`` map the name of a column, or ``""`` for all, to a file with a key.

    Raises:
        UserError: For a spec that means nothing, or a model that is shut down.
    """
    if not old and not new and not others:
        era = max((m for m in catalog.models.values() if m.returns_url), key=lambda m: m.released)
        old, new = (f"simulator:{era.id}",), (f"simulator:{catalog.default_target}",)
    asked: list[tuple[str, Role, str]] = []
    for role, specs in (("old", old), ("new", new)):
        kind: Role = "old" if role == "old" else "new"
        asked += [(role if not n else f"{role}{n + 1}", kind, spec) for n, spec in enumerate(specs)]
    asked += [(name, "other", spec) for name, spec in others]
    names = [name for name, _, _ in asked]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        raise UserError(f"two sources are called {doubled!r}")
    for name in (*(name for name, _, _ in headers), *(key_files or {})):
        if name and name not in names:
            raise UserError(f"there is no source {name!r}; there are: {', '.join(names)}")
    found = []
    for name, role, spec in asked:
        values, where = _values(spec, suite)
        extra = {header: f"${{{variable}}}" for to, header, variable in headers if to == name}
        file = (key_files or {}).get(name) or (key_files or {}).get("")
        found.append(_column(catalog, today, name, role, spec, values, where, extra, file))
    return found


def _safe(spec: str) -> str:
    """``spec`` for a message: without what an address says about user, password and query."""
    if "://" not in spec:
        return spec
    return _PRIVATE.sub(lambda found: found.group(1), _USER.sub(r"\1…@", spec))


def _values(spec: str, suite: Suite) -> tuple[dict[str, Any], str]:
    """The keys that ``spec`` stands for, and what complaints about it begin with."""
    entry = suite.sources.get(spec)
    if entry is None:
        return _parsed(spec, suite), f"source {_safe(spec)!r}"
    where = f"{entry.where}: source {spec!r}"
    values = dict(entry.values)
    for key in _TEXTS:
        if key in values and not isinstance(values[key], str):
            raise UserError(f"{where}: {key} must be text; put it in quotes")
    for key in ("headers", "parameters"):
        if not isinstance(values.get(key, {}), dict):
            raise UserError(f"{where}: {key} must be a mapping of names to values")
    inner = values.pop("spec", None)
    if inner is not None:
        values = {**_parsed(inner, suite), **values}
    if isinstance(values.get("path"), str):
        values["path"] = str(suite.folder / values["path"])
    elif "kind" not in values:
        raise UserError(f"{where}: needs a spec, or kind and model")
    return values, where


def _parsed(spec: str, suite: Suite) -> dict[str, Any]:
    kind, colon, rest = spec.partition(":")
    if not colon or kind not in KINDS:
        hint = did_you_mean(kind if colon else spec, KINDS if colon else suite.sources)
        raise UserError(f"{_safe(spec)!r} is no source.{hint} A source is {_FORMS}")
    if not rest:
        raise UserError(f"{spec!r} lacks what comes after the colon. A source is {_FORMS}")
    if kind == "archive":
        return {"kind": kind, "path": rest}
    if kind == "openai-compatible":
        model, at, url = rest.partition("@")
        if not at:
            raise UserError(f"{spec!r} lacks the address: openai-compatible:MODEL@https://HOST/v1")
        return {"kind": kind, "model": model, "base_url": url}
    if kind == "azure":
        deployment, _, model = rest.partition("=")
        return {"kind": kind, "model": deployment, "stands_for": model or deployment}
    return {"kind": kind, "model": rest}


def _column(
    catalog: Catalog,
    today: date,
    name: str,
    role: Role,
    spec: str,
    values: dict[str, Any],
    where: str,
    headers: Mapping[str, str],
    key_file: Path | None,
) -> Column:
    kind: Kind = values["kind"]
    if kind not in KINDS:
        raise UserError(f"{where}: kind cannot be {kind!r}.{did_you_mean(str(kind), KINDS)}")
    model = str(values.get("model") or "")
    if kind == "archive":
        path = Path(str(values.get("path") or ""))
        if not path.is_dir():
            raise UserError(f"{where}: there is no folder {str(path)!r}")
    elif not model:
        raise UserError(f"{where}: model is missing")
    facts = catalog.model(str(values.get("stands_for") or model))
    base_url = values.get("base_url")
    if kind == "openai-compatible" and base_url is None:
        raise UserError(f"{where}: base_url is missing")
    if base_url is not None:
        _check_url(base_url, where)
    day = _day(kind, _provider(kind, base_url, catalog), model, facts, today, where, catalog)
    written = {**values.get("headers", {}), **headers}
    price = values.get("price_usd")
    if price is not None and (isinstance(price, bool) or not isinstance(price, int | float) or price < 0):
        raise UserError(f"{where}: price_usd must be a number, USD for one picture")
    for header, value in written.items():
        if not isinstance(value, str):
            raise UserError(f"{where}: the header {header!r} must be text")
        if _SECRET.search(header) and not _REFERENCE.search(value):
            raise UserError(
                f"{where}: the header {header!r} looks like a secret; write ${{NAME}} and set NAME in the"
                " environment, so that it stays out of the suite"
            )
    return Column(
        name=name,
        role=role,
        spec=spec,
        kind=kind,
        model=model,
        day=day,
        facts=facts,
        base_url=base_url,
        path=path if kind == "archive" else None,
        headers=written,
        key_env=values.get("key_env"),
        key_file=key_file,
        api_version=values.get("api_version"),
        parameters=values.get("parameters", {}),
        price_usd=price,
    )


def _provider(kind: Kind, base_url: str | None, catalog: Catalog) -> str | None:
    """Who answers: ``openai``, ``azure``, or nobody whose dates the rules know."""
    if kind in ("openai", "azure"):
        return kind
    host = (urlsplit(base_url).hostname or "") if base_url else ""
    for suffix, provider in catalog.calls.hosts.items():
        if host == suffix or host.endswith(f".{suffix}"):
            return provider
    return None


def _day(
    kind: Kind,
    provider: str | None,
    model: str,
    facts: Model | None,
    today: date,
    where: str,
    catalog: Catalog,
) -> date:
    """The day whose rules hold for a model: today, or the last day of one that only others still have."""
    if kind == "simulator" and facts is None:
        hint = did_you_mean(model, catalog.names()) or " `migrator models` lists those that it knows."
        raise UserError(f"{where}: the simulator knows no {model!r}.{hint}")
    if facts is None:
        return today
    life = facts.life(provider or "openai")
    if life is None or life.shutdown is None or life.shutdown > today:
        return today
    if provider is None:
        return life.shutdown - timedelta(days=1)
    owner = "Azure" if provider == "azure" else "OpenAI"
    raise UserError(
        f"{where}: {facts.id} was shut down at {owner} on {life.shutdown}, so it cannot be asked any more."
        " Compare with pictures that you have (archive:DIR), with a server that still offers it"
        " (openai-compatible:MODEL@URL) or with the simulator (simulator:MODEL)."
    )


def _check_url(url: str, where: str) -> None:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if not fine:
        raise UserError(f"{where}: {_safe(url)!r} is no http(s) address such as https://host/v1")
    if parts.username or parts.password or parts.query:
        raise UserError(f"{where}: the address may hold no user, password or query; use headers or key_env")
