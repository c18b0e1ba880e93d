"""What becomes of an entry of a router, wherever it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.types import Fix


@dataclass(frozen=True, slots=True)
class Redirected:
    """What is said of an entry of a router, and what it becomes."""

    fix: Fix
    message: str
    suggestion: str
    new: str | None = None


def redirected(value: str, name: str, fate: str, prefixes: Sequence[str], target: str) -> Redirected:
    """What becomes of a router's entry ``value`` that sends requests to the model ``name``."""
    provider = value[: -len(name)]
    said = f"The router sends requests to {value}, and {name} {fate}."
    if provider not in {"", *prefixes}:
        return Redirected(
            "manual", said,
            f"Create a deployment of a GPT Image model with this provider, and name it here in place of {name}.",
        )  # fmt: skip
    new = f"{provider or prefixes[0]}{target}"
    return Redirected(
        "review",
        f"{said} Whoever asks it for pictures gets b64_json where there was a url, and must not send style, "
        "response_format or the old qualities.",
        f"Set it to {new}, and check the programs that use the router.",
        new,
    )
