"""``results.csv`` for spreadsheets and ``junit.xml`` for CI. Prompts are hostile text in both."""

from __future__ import annotations

import csv
import io
import os
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from migrator.compare.checks.one import ORDER
from migrator.compare.gate import EXIT_CODES
from migrator.compare.tasks import (
    Task,
    broken_checks,
    columns_of,
    first,
    key_of,
    matched,
    picture_size,
    text_of,
    tone_of,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

COLUMNS = (
    "task", "prompt_id", "sample", "source", "role", "model", "state", "simulated", "file", "width", "height", "format",
    "bytes", "requested_size", "requested_quality", "attempts", "latency_s", "cost_usd", "cost_is", "reason",
    "error_class", "error_code", "request_id", *(f"check_{name}" for name in ORDER), "text_exact", "text_cer",
    "text_read", "tone_l", "tone_a", "tone_b", "tags", "prompt",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_all(results: Mapping[str, Any], run_dir: Path) -> None:
    """Writes ``results.csv`` and ``junit.xml`` into the folder of a run, each whole or not at all."""
    write_whole(run_dir / "results.csv", to_csv(results).encode("utf-8-sig", "replace"))
    write_whole(run_dir / "junit.xml", to_junit(results))


def to_csv(results: Mapping[str, Any]) -> str:
    """One row per task. Cells that a spreadsheet would run as a formula start with an apostrophe."""
    prompts = {prompt["id"]: prompt for prompt in results["suite"]["prompts"]}
    roles = {source["name"]: source["role"] for source in results["sources"]}
    out = io.StringIO()
    rows = csv.DictWriter(out, COLUMNS, lineterminator="\n", restval="")
    rows.writeheader()
    for task in results["tasks"]:
        row = _row(task, prompts.get(task["prompt_id"], {}), roles.get(task["source"], ""))
        rows.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _row(task: Task, prompt: Mapping[str, Any], role: str) -> dict[str, Any]:
    picture, request, error = (task.get(name) or {} for name in ("picture", "request", "error"))
    checks, text, tone = task.get("checks") or {}, text_of(task) or {}, tone_of(task) or {}
    return {
        **{
            name: task.get(name)
            for name in (
                "task", "prompt_id", "sample", "source", "model", "state", "simulated", "file", "attempts", "latency_s",
                "cost_usd", "cost_is", "reason", "request_id",
            )
        },
        "role": role,
        **{name: picture.get(name) for name in ("width", "height", "format", "bytes")},
        "requested_size": request.get("size"),
        "requested_quality": request.get("quality"),
        "error_class": error.get("class"),
        "error_code": error.get("code"),
        **{f"check_{name}": checks[name]["status"] for name in ORDER if name in checks},
        "text_exact": text.get("exact"),
        "text_cer": text.get("cer"),
        "text_read": " | ".join(text.get("read") or ()),
        **{f"tone_{name}": tone.get(name) for name in ("l", "a", "b")},
        "tags": ";".join(prompt.get("tags") or ()),
        "prompt": prompt.get("prompt"),
    }  # fmt: skip


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    plain = value.replace("\0", "\ufffd")
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def to_junit(results: Mapping[str, Any]) -> bytes:
    """One test case per pair: the pictures of the first new column, with the old ones' numbers beside them."""
    columns = columns_of(results)
    old, new = first(results, "old"), first(results, "new")
    tasks = columns.get(new or "", [])
    before = {key_of(b): a for a, b in matched(columns.get(old or "", []), tasks)}
    prompts = {prompt["id"]: prompt for prompt in results["suite"]["prompts"]}
    suite = ElementTree.Element(
        "testsuite",
        name=_clean(f"{results['suite'].get('title') or 'suite'}: {old or 'nothing'} -> {new or 'nothing'}"),
    )
    counts = {"failure": 0, "error": 0, "skipped": 0}
    for task in tasks:
        case = _case(task, before.get(key_of(task)), prompts.get(task["prompt_id"], {}))
        suite.append(case)
        for name in counts:
            counts[name] += case.find(name) is not None
    total = len(tasks) + _add_gate(suite, results, counts)
    time = sum(task.get("latency_s") or 0.0 for task in tasks)
    for name, value in (
        ("tests", total), ("failures", counts["failure"]), ("errors", counts["error"]), ("skipped", counts["skipped"]),
    ):  # fmt: skip
        suite.set(name, str(value))
    suite.set("time", f"{time:.3f}")
    suite.set("timestamp", _clean(str(results.get("created", ""))))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(task: Task, old: Task | None, prompt: Mapping[str, Any]) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=_clean(task["source"]),
        name=_clean(key_of(task)),
        time=f"{task.get('latency_s') or 0.0:.3f}",
    )
    properties = ElementTree.SubElement(case, "properties")
    for name, value in _properties(task, old, prompt):
        ElementTree.SubElement(properties, "property", name=_clean(name), value=_clean(value))
    broken = broken_checks(task)
    reason = _clean(str(task.get("reason") or (task.get("error") or {}).get("message") or task["state"]))
    if task["state"] == "failed":
        ElementTree.SubElement(
            case, "error", message=reason, type=_clean((task.get("error") or {}).get("class") or "failed")
        )
    elif task["state"] == "blocked":
        ElementTree.SubElement(case, "failure", message=reason, type="blocked")
    elif task["state"] != "ok":
        ElementTree.SubElement(case, "skipped", message=f"{task['state']}: {reason}")
    elif broken or _text_fails(task):
        text = [*broken, *([("text", task["checks"]["text"]["message"])] if _text_fails(task) else [])]
        message = "; ".join(f"{name}: {what}" for name, what in text)
        ElementTree.SubElement(case, "failure", message=_clean(message), type=_clean(text[0][0]))
    return case


def _properties(task: Task, old: Task | None, prompt: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for side, one in (("new", task), ("old", old)):
        if one is None:
            continue
        size, text, tone = picture_size(one), text_of(one), tone_of(one)
        found = {
            "state": one["state"],
            "model": one.get("model"),
            "file": one.get("file"),
            "size": "{}x{}".format(*size) if size else None,
            "attempts": one.get("attempts"),
            "latency_s": one.get("latency_s"),
            "cost_usd": one.get("cost_usd"),
            "cost_is": one.get("cost_is"),
            "text_exact": None if text is None else text["exact"],
            "text_cer": None if text is None else text["cer"],
            "tone_b": None if tone is None else tone["b"],
        }
        yield from ((f"{side}.{name}", str(value)) for name, value in found.items() if value is not None)
    for name, check in (task.get("checks") or {}).items():
        yield f"check.{name}", f"{check['status']}: {check['message']}"
    yield "prompt", str(prompt.get("prompt", ""))
    if task.get("simulated"):
        yield "simulated", "true"


def _text_fails(task: Task) -> bool:
    return bool((task.get("checks") or {}).get("text", {}).get("status") == "fail")


def _add_gate(suite: ElementTree.Element, results: Mapping[str, Any], counts: dict[str, int]) -> int:
    """The gate as one more case, so that CI shows its reasons. How many cases were added."""
    gate = results.get("gate")
    if not gate or gate.get("verdict") not in EXIT_CODES:
        return 0
    case = ElementTree.SubElement(suite, "testcase", classname="gate", name="gate", time="0")
    if gate["verdict"] != "pass":
        message = "; ".join(str(reason.get("message", "")) for reason in gate.get("reasons") or ())
        ElementTree.SubElement(case, "failure", message=_clean(message), type=_clean(gate["verdict"]))
        counts["failure"] += 1
    return 1


def _clean(text: Any) -> str:
    """The text without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", str(text))


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file beside its place first, so that nobody ever reads half of it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
