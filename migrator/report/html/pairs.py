"""Turns ``results.json`` into the pairs of the page. What it reads is untrusted; what it makes is plain."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrator.compare.tasks import columns_of, first, matched
from migrator.report.html.gallery import Gallery, HeatJob, draw_all
from migrator.report.html.heat import heat_name
from migrator.report.html.model import STATES, WORST, Check, Edit, Pair, Side, Source
from migrator.report.html.parameters import changes
from migrator.report.html.pictures import sha_of
from migrator.report.html.words import number, shortened, size_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from migrator.report.html.pictures import Look

Json = dict[str, Any]


def sources_of(results: Json) -> tuple[Source, ...]:
    """The columns, in their order. Roles other than old and new are ``other``."""
    simulated = bool(results.get("simulated"))
    return tuple(
        Source(
            name=str(one.get("name", "")),
            role=str(one.get("role")) if one.get("role") in ("old", "new") else "other",
            kind=str(one.get("kind", "")),
            model=str(one.get("model") or ""),
            simulated=bool(one.get("simulated", simulated)),
            place=_place(one),
        )
        for one in _dicts(results.get("sources"))
    )


def _place(source: Json) -> str:
    kind, colon, rest = str(source.get("spec") or "").partition(":")
    if not colon or kind != source.get("kind"):
        return ""
    if kind == "archive":
        return rest.rstrip("/").rpartition("/")[2]
    try:
        return urlsplit(rest.partition("@")[2]).netloc if kind == "openai-compatible" else ""
    except ValueError:
        return ""


def chosen(sources: Iterable[Source], role: str) -> Source | None:
    """The first source with ``role``: numbers, verdicts and gate speak of the first old and the first new."""
    return next((one for one in sources if one.role == role), None)


def files_of(results: Json) -> list[str]:
    """Every picture that the page may show: results, inputs of edits, masks."""
    found = [task.get("file") for task in _dicts(results.get("tasks"))]
    for prompt in _dicts(_suite(results).get("prompts")):
        edit = prompt.get("edit") or {}
        found += [*(edit.get("images") or [])[:1], edit.get("mask")]
    return [file for file in found if isinstance(file, str) and sha_of(file)]


def pairs_of(results: Json, gallery: Gallery, folder: Path) -> list[Pair]:
    """All pairs, in the order of the suite; what no prompt of the suite explains comes last."""
    sources = sources_of(results)
    tasks = beside(results)
    prompts = {str(one.get("id")): one for one in _dicts(_suite(results).get("prompts"))}
    order = {ident: place for place, ident in enumerate(prompts)}
    keys = sorted(tasks, key=lambda key: (order.get(key[0], len(order)), key))
    old, new = chosen(sources, "old"), chosen(sources, "new")
    heats = _heats(folder, prompts, tasks, new, gallery)
    found = []
    for place, key in enumerate(keys, 1):
        prompt = prompts.get(key[0], {})
        sides = tuple(side_of(tasks[key].get(source.name), source, gallery) for source in sources)
        by_name = {side.source.name: side for side in sides}
        left, right = (by_name.get(one.name) if one else None for one in (old, new))
        found.append(
            Pair(
                number=place,
                prompt_id=key[0],
                sample=key[1],
                prompt=str(prompt.get("prompt", "")),
                tags=tuple(str(tag) for tag in prompt.get("tags") or ()),
                sides=sides,
                old=left,
                new=right,
                changes=changes(left.request, right.request) if left and right else (),
                flags=tuple(_flags(prompt, left, right)),
                edit=_edit(prompt, right, gallery, heats),
                origin=_origin(prompt.get("origin")),
            )
        )
    return found


def beside(results: Json) -> dict[tuple[str, int], dict[str, Json]]:
    """The tasks by prompt and sample, then by source; an archive's picture stands beside every sample."""
    found: dict[tuple[str, int], dict[str, Json]] = {}
    for task in results["tasks"]:
        found.setdefault((task["prompt_id"], task["sample"]), {})[task["source"]] = task
    columns, old = columns_of(results), first(results, "old")
    for name, tasks in columns.items():
        if old and name != old:
            for one, other in matched(columns[old], tasks):
                found[other["prompt_id"], other["sample"]][old] = one
    return found


def side_of(task: Json | None, source: Source, gallery: Gallery) -> Side:
    """One source's answer. A state of ``ok`` without a picture that can be shown becomes ``unreadable``."""
    if task is None:
        return Side(source, "absent", "This source was not asked for this prompt.")
    state = str(task.get("state"))
    state = state if state in STATES else "failed"
    if state == "unmatched" and source.kind != "archive":
        state = "unfit"
    file, found = task.get("file"), gallery.look(task.get("file"))
    reason, thumb, whole = visible(task.get("reason") or ""), "", ""
    if found and found.thumb_width:
        thumb, whole = gallery.thumb(found.sha), gallery.whole(str(file), found)
    elif state == "ok":
        state = "unreadable"
        reason = found.problem if found else "The results name no file of this run folder."
    error = task.get("error") or {}
    parts = (error.get("class"), error.get("code"), error.get("message"))
    return Side(
        source,
        state,
        shortened(reason),
        shortened(" · ".join(str(part) for part in parts if part)),
        sha=sha_of(file),
        look=found,
        thumb=thumb,
        whole=whole,
        facts=_facts(found),
        latency=number(task.get("latency_s")),
        cost=number(task.get("cost_usd")),
        cost_is=str(task.get("cost_is") or "unknown"),
        attempts=int(number(task.get("attempts")) or 0),
        request=task.get("request") or {},
        usage=task.get("usage") or {},
        request_id=visible(task.get("request_id") or ""),
        checks=tuple(_checks(task.get("checks") or {})),
    )


def _facts(found: Look | None) -> str:
    """Size, format and bytes as they are in the file."""
    if found and found.width:
        moving = " · animated, first frame" if found.moving else ""
        alpha = " · alpha" if found.alpha else ""
        return f"{found.width}\u00d7{found.height} {found.format} · {size_of(found.size)}{alpha}{moving}"
    if found and found.size:
        return " · ".join(part for part in (found.format, size_of(found.size)) if part)
    return ""


def _checks(data: Json) -> Iterator[Check]:
    for name, one in sorted(data.items()):
        if isinstance(one, dict):
            yield _check(name, str(one.get("status")), str(one.get("message") or ""))


@lru_cache(maxsize=20_000)
def _check(name: str, status: str, message: str) -> Check:
    """Most checks say the same of many pictures: one object for all of them."""
    return Check(visible(name), status if status in WORST else "info", shortened(message))


def _flags(prompt: Json, old: Side | None, new: Side | None) -> Iterator[str]:
    """What the filters ask for besides states and checks."""
    if prompt.get("expect_text"):
        yield "text"
    if prompt.get("edit"):
        yield "edit"
    looks = [side.look for side in (old, new) if side and side.look and side.look.width]
    if len({(one.width, one.height) for one in looks}) == 2:
        yield "resized"
    if not (old and new and old.has_picture and new.has_picture):
        yield "one-sided"


def _edit(prompt: Json, new: Side | None, gallery: Gallery, heats: set[str]) -> Edit | None:
    edit = prompt.get("edit") or {}
    files = edit.get("images") or []
    source = gallery.look(files[0]) if files else None
    if not source or not source.thumb_width:
        return None
    mask = gallery.look(edit.get("mask"))
    heat = ""
    if new and new.has_picture and new.sha:
        name = heat_name(source.sha, mask.sha if mask else None, new.sha)
        heat = gallery.address(name) if name in heats else ""
    masked = bool(mask and mask.thumb_width)
    words = next((check.message for check in new.checks if check.name == "locality"), "") if new else ""
    return Edit(
        input=gallery.whole(files[0], source),
        mask=gallery.whole(edit["mask"], mask) if mask and masked else "",
        heat=heat,
        sentence=words or ("" if masked else "The edit has no mask: all of the picture may change."),
    )


def _heats(
    folder: Path,
    prompts: dict[str, Json],
    tasks: dict[tuple[str, int], dict[str, Json]],
    new: Source | None,
    gallery: Gallery,
) -> set[str]:
    """Draws what changed outside the mask, for every edit whose pictures can be opened."""
    jobs = []
    for (ident, _), by_source in tasks.items():
        edit = prompts.get(ident, {}).get("edit") or {}
        files, result = edit.get("images") or [], (by_source.get(new.name, {}) if new else {}).get("file")
        looks = [gallery.look(files[0]) if files else None, gallery.look(result)]
        if all(one and one.thumb_width for one in looks):
            mask = gallery.look(edit.get("mask"))
            masked = bool(mask and mask.thumb_width)
            to = heat_name(looks[0].sha, mask.sha if mask else None, looks[1].sha)  # type: ignore[union-attr]
            jobs.append(HeatJob(files[0], edit["mask"] if masked else None, str(result), to))
    return draw_all(folder, jobs)


def _origin(data: Any) -> str:
    if not isinstance(data, dict):
        return ""
    return shortened(f"{data.get('path')}:{data.get('line')}", 200)


def _suite(results: Json) -> Json:
    suite = results.get("suite")
    return suite if isinstance(suite, dict) else {}


def _dicts(data: Any) -> list[Json]:
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
