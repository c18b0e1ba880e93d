"""One run from the command line's words to a report: settings, catalog, files, codemod, writing."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from migrator.errors import UserError
from migrator.types import Prose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from migrator.catalog import Catalog
    from migrator.codemod import Options
    from migrator.compare.harvest import Harvest
    from migrator.discover.project import FileProject
    from migrator.discover.shards import Shard
    from migrator.discover.walk import Listing
    from migrator.filework.crew import Crew
    from migrator.hosts.base import HostContext
    from migrator.settings import Settings
    from migrator.types import Choose, Report

# Everything heavier is imported where it is used: git lists the files while the catalog loads.
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """What one run is asked for. ``settings`` already hold what the command line overrides."""

    paths: tuple[str, ...]
    settings: Settings
    today: date
    write: bool = False
    unsafe: bool = False
    allow_dirty: bool = False
    jobs: int = 1
    since: str | None = None
    """Only files that changed since this revision of git are searched."""
    staged: bool = False
    """Only files that are staged for a commit are searched."""
    shard: Shard | None = None
    """Only this part of the projects in the tree."""
    docs: bool = False
    choose: Choose | None = None
    """Asked which call sites are to be rewritten."""
    executor: str = "processes"
    """Who does the jobs: ``processes``, ``threads`` or ``dask://HOST:PORT``."""
    mark: bool = False
    """Leave a comment above what is left for a person."""


def settings_for(paths: Sequence[str], **options: object) -> Settings:
    """The settings of the project that ``paths`` belong to, with ``options`` on top.

    Raises:
        UserError: For settings that cannot be used.
    """
    from migrator.settings import load  # noqa: PLC0415

    return load(paths).overridden(**options)


def catalog_for(settings: Settings) -> Catalog:
    """The packaged rules with the project's own on top.

    Raises:
        CatalogError: For rules that are not valid, with file and line.
        UserError: For a rule file that does not exist.
    """
    from migrator.catalog import load  # noqa: PLC0415

    for rule in settings.rules:
        if not Path(rule).is_file():
            raise UserError(f"no such rule file: {rule}")
    return load(tuple(Path(rule) for rule in settings.rules))


def run(job: Job, step: Callable[[str], None] = lambda _: None) -> tuple[Report, Catalog]:
    """Migrates, and writes where ``job.write``. ``step`` is told what is being done, for a progress line.

    Raises:
        UserError: For a missing path, a rule or option that does not exist, unsaved files before writing.
        CatalogError: For a target that is unknown or dead, and for rules that are not valid.
    """
    settings = job.settings
    step("looking for files")
    listing = _in_background(lambda: _listing(job))
    catalog = catalog_for(settings)
    known = tuple(catalog.rules)
    select, ignore = (
        [check_rule(name, known) for name in names] for names in (settings.select, settings.ignore)
    )
    target, warning = catalog.target(settings.target or catalog.default_target, job.today)
    project = _project(listing(), catalog, job)
    from migrator.codemod import Options  # noqa: PLC0415 - a usage error needs none of it
    from migrator.filework.crew import Crew  # noqa: PLC0415

    step(f"searching {len(project.paths):,} files")
    if job.shard is not None:
        _divide(project, catalog, job.shard)
    found = len(project.candidates())
    step(f"reading {found:,} of {len(project.paths):,} files")
    options = Options(
        target=target.id,
        url_as=settings.url_as or "data-uri",
        url_chosen=settings.url_as is not None,
        url_folder=settings.url_folder,
        unsafe=job.unsafe,
        sdk=settings.sdk,
        select=tuple(select),
        ignore=tuple(ignore),
        today=job.today,
        jobs=job.jobs,
        docs=job.docs,
    )
    with Crew(job.executor, job.jobs) as crew:
        report = _in_files(_of_python(project, catalog, options, crew, job.choose), project)
        report = _with_hosts(report, project, catalog, options, crew, step)
    warnings = (*([warning] if warning else []), *project.warnings, *report.warnings)
    report = replace(
        report,
        warnings=tuple(dict.fromkeys(warnings)),
        notes={**project.skipped, **report.notes},
        shard=str(job.shard or ""),
    )
    if job.mark:
        from migrator.mark import mark  # noqa: PLC0415

        report = mark(report, project.open)
    if job.write:
        from migrator.write import write  # noqa: PLC0415 - a dry run needs none

        step("writing")
        report = write(report, allow_dirty=job.allow_dirty, within=project.within)
    return report, catalog


def _of_python(
    project: FileProject, catalog: Catalog, options: Options, crew: Crew, choose: Choose | None
) -> Report:
    """What the codemod says."""
    if not project.candidates():
        from migrator.codemod import migrate  # noqa: PLC0415 - nothing to divide

        return migrate(project, catalog, options)
    from migrator.filework.analyse import run  # noqa: PLC0415 - most trees are dismissed

    return run(project, catalog, options, crew, choose)


def _in_files(report: Report, project: FileProject) -> Report:
    """``report`` in terms of the files on disk, where the codemod saw the programs of notebooks."""
    if not project.notebooks:
        return report
    from migrator.hosts.notebook.report import restored  # noqa: PLC0415 - few projects have notebooks

    return restored(report, project.notebooks)


def _with_hosts(
    report: Report,
    project: FileProject,
    catalog: Catalog,
    options: Options,
    crew: Crew,
    step: Callable[[str], None],
) -> Report:
    """``report`` with what is in the files that are not Python."""
    from migrator.hosts.base import HostContext  # noqa: PLC0415 - light, and later than the listing
    from migrator.hosts.run import run_hosts  # noqa: PLC0415

    step("looking at configuration and other languages")
    before = {problem.path for problem in project.problems}
    # a name such as `model` says nothing, one such as IMAGE_MODEL or image_quality does
    # a field `image_quality` of a settings class is IMAGE_QUALITY in the environment
    spoken = {read.name for read in report.reads if "_" in read.name}
    names = (form.encode() for name in sorted(spoken) for form in (name, name.upper()))
    needles = tuple(dict.fromkeys((*catalog.host_needles(), *names)))
    files = project.others(_kinds(catalog), needles)
    context = HostContext(
        catalog, catalog.target(options.target, options.today)[0], options, report.reads, report.compared
    )
    problems = [problem for problem in project.problems if problem.path not in before]
    changed = {one.path: one.after for one in report.files if one.after is not None}
    from migrator.filework.texts import treating  # noqa: PLC0415

    report = run_hosts(files, context, problems, changed, treating(crew)).onto(report)
    ignored = project.ignored_settings(catalog.hosts.is_private, needles)
    if ignored:
        from migrator.hosts.ignored import run_ignored  # noqa: PLC0415 - most projects have none

        report = run_ignored(ignored, context).onto(report)
    return replace(report, prose=_with_python_prose(report.prose, project, context))


def _kinds(catalog: Catalog) -> Callable[[str], str | None]:
    """The kind of a file that is not Python, where something treats it."""
    from migrator.hosts.run import HOSTS  # noqa: PLC0415 - later than the listing

    def kind(path: str) -> str | None:
        found = catalog.hosts.kind(path)
        return found if found in HOSTS else None

    return kind


def _divide(project: FileProject, catalog: Catalog, shard: Shard) -> None:
    """Takes from ``project`` what other shards treat."""
    from migrator.discover.shards import others_share  # noqa: PLC0415 - few runs are divided
    from migrator.hosts.run import HOSTS  # noqa: PLC0415

    found = project.others(_kinds(catalog), tuple(catalog.host_needles()))
    settings = [file.path for kind, file in found if ".config." in HOSTS[kind]]
    texts = [file.path for kind, file in found if ".config." not in HOSTS[kind]]
    code = [file.path for file in project.candidates()]
    project.leave(others_share(shard, code, settings, texts, project.paths, project.roots))


def _with_python_prose(prose: Prose, project: FileProject, context: HostContext) -> Prose:
    """``prose`` with what comments, docstrings and sentences in Python files say."""
    from migrator.hosts.prose import python_mentions  # noqa: PLC0415
    from migrator.hosts.words import Names  # noqa: PLC0415

    names = Names.of(context.catalog, context.options.today)
    counts = [python_mentions(file.text, names) for file in project.candidates()]
    return Prose(prose.files + sum(1 for count in counts if count), prose.mentions + sum(counts))


def _changed(job: Job) -> Callable[[str], bool] | None:
    """Whether a file is one of those that git says changed; ``None`` where all are wanted."""
    if job.since is None and not job.staged:
        return None
    from os.path import realpath  # noqa: PLC0415

    from migrator.discover import git  # noqa: PLC0415

    found: set[str] = set()
    for path in job.paths:
        folder = path if Path(path).is_dir() else str(Path(path).parent)
        try:
            found.update(git.changed(folder, None if job.staged else job.since))
        except git.GitError as error:
            raise UserError(f"git cannot say what changed: {error}") from None
    return lambda path: realpath(path) in found


def prompts(job: Job, step: Callable[[str], None] = lambda _: None) -> Harvest:
    """The prompts in the code of a project, for a suite.

    Raises:
        UserError: For a missing path.
        CatalogError: For a target that is unknown or dead, and for rules that are not valid.
    """
    step("looking for files")
    listing = _in_background(lambda: _listing(job))
    catalog = catalog_for(job.settings)
    target, _ = catalog.target(job.settings.target or catalog.default_target, job.today)
    project = _project(listing(), catalog, job)
    step(f"reading {len(project.candidates()):,} of {len(project.paths):,} files")
    from migrator.compare.harvest import harvest  # noqa: PLC0415 - heavy, and a usage error needs none

    return harvest(project, catalog, target, job.today)


def _project(listing: Listing, catalog: Catalog, job: Job) -> FileProject:
    from migrator.discover.project import FileProject  # noqa: PLC0415

    return FileProject(
        listing,
        catalog.needles(),
        jobs=job.jobs,
        is_notebook=lambda path: catalog.hosts.kind(path.rpartition("/")[2]) == "notebook",
        only=_changed(job),
    )


def _listing(job: Job) -> Listing:
    from migrator.discover.project import list_project  # noqa: PLC0415

    return list_project(job.paths, job.settings.exclude, job.settings.base)


def _in_background(work: Callable[[], T]) -> Callable[[], T]:
    """Starts ``work`` in a thread; the answer waits for it and returns its result, or raises its error.

    For work that waits on another process: git lists a large tree while the rules are loaded here.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=target, daemon=True)
    thread.start()

    def result() -> T:
        thread.join()
        if errors:
            raise errors[0]
        return results[0]

    return result


def check_rule(name: str, known: Sequence[str]) -> str:
    """A rule id, or the beginning of one, as the rules write it.

    Raises:
        UserError: For a name that no rule begins with.
    """
    from migrator.catalog.errors import did_you_mean  # noqa: PLC0415 - only for the message

    wanted = name.upper()
    if not name or not any(rule.startswith(wanted) for rule in known):
        hint = did_you_mean(wanted, known)
        raise UserError(f"unknown rule {name!r}.{hint} `migrator rules list` shows all.")
    return wanted
