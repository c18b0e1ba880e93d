"""Standard ways to run a callable that is passed as an argument. Facts of the standard library, not of OpenAI."""

from __future__ import annotations

import ast

RUNNERS = {
    "asyncio.to_thread": 0,
    "anyio.to_thread.run_sync": 0,
    "starlette.concurrency.run_in_threadpool": 0,
    "fastapi.concurrency.run_in_threadpool": 0,
    "asgiref.sync.sync_to_async": 0,
    "functools.partial": 0,
    "builtins.map": 0,
    "threading.Thread": 0,
}
"""Qualified name to the position of the callable; its arguments follow it."""

WRAPPERS = {"asgiref.sync.sync_to_async"}
"""Those that run nothing yet: the call of what they return carries the arguments."""

RUNNER_METHODS = {
    "run_in_executor": 1,
    "submit": 0,
    "apply_async": 0,
    "map": 0,
    "imap": 0,
    "imap_unordered": 0,
}
"""Method name to the position of the callable, for executors, pools and event loops."""

WORDS_OF_RETRY = (
    "retry",
    "attempt",
    "backoff",
    "with_",
    "call",
    "run",
    "invoke",
    "execute",
    "thread",
    "safe",
    "limit",
)
"""Parts of names that helpers carry which run what they are given."""


def runner_position(call: ast.Call, qualified: str | None) -> int | None:
    """Where a call takes the callable that it runs, or ``None`` if it is not a known runner."""
    if qualified in RUNNERS:
        return RUNNERS[qualified]
    if isinstance(call.func, ast.Attribute) and call.func.attr in RUNNER_METHODS:
        return RUNNER_METHODS[call.func.attr]
    if isinstance(call.func, ast.Attribute) and call.func.attr in {"to_thread", "partial", "run_sync"}:
        return 0
    return None


def looks_like_runner(call: ast.Call) -> bool:
    """Whether a call with an unknown helper reads as one that runs its first argument."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return any(word in name.lower() for word in WORDS_OF_RETRY)


def getter_default(node: ast.Call) -> ast.expr | None:
    """The fallback of a call that reads a setting."""
    for keyword in node.keywords:
        if keyword.arg in {"default", "fallback"}:
            return keyword.value
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if (
        last in {"get", "getenv", "value", "config", "setdefault", "pop", "getattr", "env", "str"}
        and len(node.args) > 1
    ):
        return node.args[-1]
    return None
