"""The plan of a run: every task, in a fixed order, with an id that its content decides."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from migrator.compare.estimate import Estimate, estimate
from migrator.compare.inputs import Inputs
from migrator.compare.requests import Request, request_for
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from migrator.catalog import Catalog
    from migrator.compare.sources.base import Column
    from migrator.compare.suite import Prompt, Suite, Value

BATCH_KINDS = ("openai", "openai-compatible", "simulator")
"""Kinds of sources that have a Batch API of this form."""
SCHEMA = 1
"""Counts up when the meaning of a task changes, so that old answers are not taken for new ones."""


@dataclass(frozen=True, slots=True)
class Task:
    """One picture to be had. ``files`` are the inputs of an edit, the mask last when ``masked``.

    ``refused`` says why it is never sent.
    """

    id: str
    source: str
    prompt_id: str
    sample: int
    model: str
    endpoint: Literal["generations", "edits"]
    prompt: str
    request: Mapping[str, Value]
    estimate: Estimate
    files: tuple[Path, ...] = ()
    masked: bool = False
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All tasks of a run. ``run`` is the id that suite and columns decide; ``batch`` whether in batches."""

    run: str
    suite: Suite
    columns: tuple[Column, ...]
    tasks: tuple[Task, ...]
    notes: tuple[str, ...] = ()
    batch: bool = False
    inputs: Inputs = field(default_factory=Inputs)

    @property
    def simulated(self) -> bool:
        """Whether any column is simulated."""
        return any(column.simulated for column in self.columns)


def make(suite: Suite, columns: list[Column], catalog: Catalog, *, batch: bool = False) -> Plan:
    """The plan. Raises UserError for a request that its model would refuse."""
    other = next((c for c in columns if batch and c.live and c.kind not in BATCH_KINDS), None)
    if other is not None:
        raise UserError(
            f"--batch cannot be used with {other.spec}: only with {', '.join(BATCH_KINDS)}; leave --batch out"
        )
    inputs = Inputs()
    # a server of somebody else may take other masks
    judged = any(column.live and column.kind != "openai-compatible" for column in columns)
    tasks: list[Task] = []
    notes: Counter[str] = Counter()
    share = catalog.service.batch.price_share if batch else 1.0
    for prompt in suite.prompts:
        files, images, hashes, pixels = inputs.of(prompt)
        if judged:
            inputs.check_mask(prompt)
        for column in columns:
            request = request_for(prompt, column, catalog, images)
            notes.update(f"{column.name}: {note}" for note in request.notes)
            cost = estimate(catalog, column, request, prompt.text, pixels, share)
            for sample in range(prompt.samples):
                tasks.append(
                    Task(
                        id=_task_id(prompt, column, request, hashes, sample),
                        source=column.name,
                        prompt_id=prompt.id,
                        sample=sample,
                        model=column.model,
                        endpoint=request.endpoint,
                        prompt=prompt.text,
                        request=request.parameters,
                        estimate=cost,
                        files=files,
                        masked=bool(prompt.edit and prompt.edit.mask),
                        refused=request.refused,
                    )
                )
    said = tuple(f"{note} ({count} prompts)" if count > 1 else note for note, count in notes.items())
    return Plan(_run_id(suite, tasks), suite, tuple(columns), tuple(tasks), said, batch, inputs)


def _task_id(prompt: Prompt, column: Column, request: Request, hashes: tuple[str, ...], sample: int) -> str:
    """Of everything that decides the picture, and of the place in the comparison that it is for."""
    return _hashed(
        {
            "schema": SCHEMA,
            "source": column.name,
            "kind": column.kind,
            "at": column.base_url or str(column.path or ""),
            "model": column.model,
            "endpoint": request.endpoint,
            "parameters": dict(request.parameters),
            "prompt_id": prompt.id,
            "prompt": prompt.text,
            "inputs": hashes,
            "masked": bool(prompt.edit and prompt.edit.mask),
            "sample": sample,
        }
    )[:32]


def _run_id(suite: Suite, tasks: list[Task]) -> str:
    return _hashed({"title": suite.title, "tasks": [task.id for task in tasks]})[:12]


def _hashed(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
