"""Small ``results.json`` documents for the tests."""

from __future__ import annotations

import hashlib
from typing import Any


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def check(status: str, value: Any = None, message: str = "Because.") -> dict[str, Any]:
    return {"status": status, "value": value, "message": message}


def text_check(cer: float, expect_is: str = "given") -> dict[str, Any]:
    status = "pass" if cer <= 0.05 else "fail" if cer > 0.25 and expect_is == "given" else "warn"
    value = {
        "exact": cer == 0, "cer": cer, "worst_cer": cer, "read": ["READ"], "expect_is": expect_is, "phrases": [],
        "extra": [],
    }  # fmt: skip
    return check(status, value, "'OPEN' is not there: read 'READ'.")


def task(prompt: str, source: str, state: str = "ok", sample: int = 0, **about: Any) -> dict[str, Any]:
    """A task. ``cer`` adds a text check, ``bad`` names failed checks, ``b`` is the tone's b*."""
    cer, bad, b = about.pop("cer", None), about.pop("bad", ()), about.pop("b", None)
    checks = {}
    if state == "ok":
        checks = {
            name: check("pass") for name in ("decodes", "size", "format", "alpha", "blank", "duplicate")
        }
        checks.update({name: check("fail", message=f"The {name} is wrong.") for name in bad})
        if b is not None:
            checks["tone"] = check("info", {"l": 50.0, "a": 0.0, "b": b, "chroma": 10.0})
        if cer is not None:
            checks["text"] = text_check(cer)
    checks.update(about.pop("checks", {}))
    return {
        "task": sha(f"{prompt}{source}{sample}")[:16], "prompt_id": prompt, "sample": sample, "source": source,
        "model": f"{source}-model", "state": state,
        "file": f"images/{sha(f'{prompt}{source}{sample}')}.png" if state == "ok" else None,
        "attempts": 1, "latency_s": 2.0 if state == "ok" else None, "cost_usd": 0.05 if state == "ok" else None,
        "cost_is": "measured" if state == "ok" else "unknown", "request": {"size": "1024x1024", "quality": "medium"},
        "usage": None, "request_id": None, "reason": None, "error": None, "simulated": False,
        "picture": {"width": 1024, "height": 1024, "format": "png", "mode": "RGB", "bytes": 1000} if state == "ok" else None,
        "checks": checks, **about,
    }  # fmt: skip


def run(*tasks: dict[str, Any], **about: Any) -> dict[str, Any]:
    """A run over the tasks' prompts; ``preserve`` by prompt id."""
    preserve = about.pop("preserve", {})
    ids = dict.fromkeys(one["prompt_id"] for one in tasks)
    names = dict.fromkeys(["old", "new", *(one["source"] for one in tasks)])
    roles = about.pop("roles", {"old": "old", "new": "new"})
    return {
        "version": 1, "run": "r1", "created": "2026-11-23T10:00:00Z", "tool": "0", "simulated": False,
        "suite": {
            "path": "suite.yaml", "sha256": "", "title": "Suite",
            "prompts": [
                {"id": one, "prompt": f"A {one}", "tags": ["t"],
                 "preserve": preserve.get(one), "parameters": {}} for one in ids
            ],
        },
        "sources": [{"name": n, "role": roles.get(n, "other"), "kind": "simulator", "model": n} for n in names],
        "tasks": list(tasks), "numbers": {}, "gate": None, "notes": [], "budget": None, **about,
    }  # fmt: skip


def verdicts(*entries: tuple[str, str], reviewer: str = "r") -> dict[str, Any]:
    """A sign-off over the pictures as :func:`task` makes them: ``(prompt id, verdict)``."""
    return {
        "version": 1, "run": "r1", "reviewer": reviewer,
        "verdicts": [
            {
                "prompt_id": prompt, "sample": 0, "left": sha(f"{prompt}old0"), "right": sha(f"{prompt}new0"),
                "verdict": verdict, "note": "", "at": f"2026-11-23T10:00:{number % 60:02}Z",
            }
            for number, (prompt, verdict) in enumerate(entries)
        ],
    }  # fmt: skip
