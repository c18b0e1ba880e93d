"""One repository of a campaign. A job: it may run in another process, or on another machine."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrator.discover.walk import printable
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from migrator.campaign.owners import Owners
    from migrator.campaign.places import Place
    from migrator.catalog import Catalog
    from migrator.types import Report, SiteSummary

OUTCOMES = ("manual", "review", "safe", "done")
_LINES = 40
"""Lines of a call site that are asked for their authors, at most."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a job needs. ``cache`` keeps clones; without it they are removed after the scan."""

    place: Place
    options: dict[str, Any]
    today: date
    cache: str = ""
    history: bool = True
    """Whether the history of an address is fetched where only that tells whose a call site is."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that a repository's calls name. ``days_left`` is negative after the shutdown."""

    model: str
    sites: int
    shutdown: str | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class OneSite:
    """A call site; ``path`` is relative to the folder that was looked at."""

    path: str
    line: int
    endpoint: str
    models: tuple[str, ...]
    outcome: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """USD per 1,000 pictures, as the mean over the ``sites`` whose price is known before and after."""

    sites: int
    before_usd: float
    after_usd: float
    doubts: tuple[str, ...] = ()
    """Why the price after is only likely."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one repository; ``error`` says why nothing is."""

    name: str
    error: str = ""
    commit: str = ""
    sites: tuple[OneSite, ...] = ()
    models: tuple[Model, ...] = ()
    outcomes: dict[str, int] = field(default_factory=dict)
    files_changed: int = 0
    review: int = 0
    manual: int = 0
    unread: int = 0
    cost: Cost | None = None
    owners: tuple[tuple[str, int], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def left(self) -> bool:
        """Whether something is left to do."""
        return bool(self.files_changed or self.review or self.manual or self.unread or self.error)

    @property
    def next_end(self) -> Model | None:
        """The model whose end is nearest, or longest past."""
        ending = [model for model in self.models if model.days_left is not None]
        return min(ending, key=lambda model: (model.days_left, model.model), default=None)

    @property
    def broken(self) -> int:
        """Call sites whose model is shut down."""
        gone = {model.model for model in self.models if model.days_left is not None and model.days_left <= 0}
        return sum(bool(gone.intersection(site.models)) for site in self.sites)


def scan(task: Task) -> Row:
    """Scans one repository. Whatever is wrong with it becomes the row's ``error``."""
    from migrator.campaign.clone import clone  # noqa: PLC0415 - a job's own imports
    from migrator.catalog.errors import CatalogError  # noqa: PLC0415
    from migrator.discover.git import GitError  # noqa: PLC0415

    place = task.place
    try:
        if not place.url:
            if not os.path.isdir(place.folder):
                return Row(place.name, "no such folder")
            return _scanned(task, place.folder)
        if task.cache:
            return _scanned(task, str(clone(place, Path(task.cache))))
        with tempfile.TemporaryDirectory(prefix="migrator-", ignore_cleanup_errors=True) as folder:
            return _scanned(task, str(clone(place, Path(folder))))
    except (UserError, CatalogError, GitError) as error:
        return Row(place.name, " ".join(str(error).split()))
    except OSError as error:
        return Row(place.name, f"{type(error).__name__}: {error.strerror}")
    except Exception as error:  # one repository never stops the others
        return Row(place.name, f"internal error, {type(error).__name__}: please report it")


def _scanned(task: Task, folder: str) -> Row:
    from migrator import pipeline  # noqa: PLC0415 - heavy
    from migrator.campaign.owners import Owners  # noqa: PLC0415
    from migrator.discover import git  # noqa: PLC0415
    from migrator.report import counts  # noqa: PLC0415

    settings = pipeline.settings_for((folder,), **task.options)
    report, catalog = pipeline.run(pipeline.Job((folder,), settings, task.today))
    try:
        commit = git.head(folder)
    except git.GitError:
        commit = ""
    owners = Owners(folder, _deepening(task, folder))
    sites = tuple(_site(site, report, folder, owners) for site in sorted(report.sites, key=_order))
    number = counts.count(report)
    whose = Counter(name for site in sites if site.outcome != "done" for name in site.owners or ("",))
    return Row(
        task.place.name,
        commit=commit,
        sites=sites,
        models=_models(sites, catalog, task.today),
        outcomes={name: sum(site.outcome == name for site in sites) for name in OUTCOMES},
        files_changed=number.files_changed,
        review=number.review,
        manual=number.manual,
        unread=number.errors,
        cost=_cost(report, catalog),
        owners=tuple(sorted(whose.items(), key=lambda one: (-one[1], one[0]))),
        warnings=tuple(printable(one) for one in (*report.warnings, *([owners.why] if owners.why else []))),
    )


def _deepening(task: Task, folder: str) -> Callable[[], None] | None:
    if not task.place.url or not task.history:
        return None
    from migrator.campaign.clone import deepen  # noqa: PLC0415

    return lambda: deepen(task.place, folder)


def _order(site: SiteSummary) -> tuple[str, int, str]:
    return (site.path, site.line, site.site)


def _site(site: SiteSummary, report: Report, folder: str, owners: Owners) -> OneSite:
    ends = [one.end_line for one in report.findings if one.site == site.site and one.path == site.path]
    last = min(max([site.line, *ends]), site.line + _LINES)
    path = os.path.relpath(os.path.abspath(site.path), os.path.abspath(folder)).replace(os.sep, "/")
    return OneSite(
        printable(path),
        site.line,
        site.endpoint,
        site.models,
        site.outcome,
        tuple(
            printable(name)
            for name in owners.of(os.path.realpath(site.path), site.line, last, ask=site.outcome != "done")
        ),
    )


def _models(sites: tuple[OneSite, ...], catalog: Catalog, today: date) -> tuple[Model, ...]:
    found = []
    for name, number in sorted(Counter(name for site in sites for name in site.models).items()):
        model = catalog.model(name)
        life = model.life() if model else None
        end = life.shutdown if life else None
        left = model.days_left(today) if model else None
        found.append(Model(name, number, str(end) if end else None, left))
    return tuple(found)


def _cost(report: Report, catalog: Catalog) -> Cost | None:
    from migrator.report.prices import doubts, prices  # noqa: PLC0415 - one table of prices for every page

    found = prices(report, catalog)
    known = [
        (one.sites, one.old_usd, one.new_usd)
        for one in found
        if one.old_usd is not None and one.new_usd is not None
    ]
    number = sum(sites for sites, _, _ in known)
    if not number:
        return None
    before, after = (sum(one[0] * one[at] for one in known) / number for at in (1, 2))
    return Cost(number, round(before, 4), round(after, 4), tuple(doubts(found)))


__all__ = ["OUTCOMES", "Cost", "Model", "OneSite", "Row", "Task", "scan"]
