"""The Responses API as far as pictures go: what a request asks of its drawing tool, and what comes back.

No model talks here. A request whose tools hold the drawing tool gets a picture of the last thing that was said;
pictures in the input, or of the answer that it continues, are what an edit works on.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from migrator.simulator import errors
from migrator.simulator.errors import RefusedError
from migrator.simulator.intake import Intake, resolve_references

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.catalog.model import EndpointName, HostedTool
    from migrator.simulator.contract import Contract, Order

_OWN = ("type", "action", "input_image_mask", "partial_images", "svg")
"""Parameters of the tool that say nothing to the Images API."""
_CALL = "image_generation_call"
_WORDS = "Nobody talks here: this is an answer of the simulator."


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was read. ``pictures`` are references; ``place`` is where its drawing tool stands."""

    parameters: dict[str, Any]
    prompt: str
    pictures: list[dict[str, str]] = field(default_factory=list)
    tool: dict[str, Any] | None = None
    place: str = ""

    @property
    def partials(self) -> int:
        """Partial pictures of a stream."""
        wanted = (self.tool or {}).get("partial_images")
        return min(wanted, 3) if isinstance(wanted, int) and wanted > 0 else 0


def read(parameters: dict[str, Any], hosted: HostedTool) -> Asked:
    """What a body of ``POST /v1/responses`` asks for.

    Raises:
        RefusedError: 400 for a request without model or input, or for a parameter that the tool does not have.
    """
    for name in ("model", "input"):
        if not parameters.get(name):
            message = f"Missing required parameter: '{name}'."
            raise RefusedError(errors.Refusal(400, message, param=name, code="missing_required_parameter"))
    texts, pictures = _said(parameters["input"])
    asked = Asked(parameters, texts[-1] if texts else "", pictures)
    if parameters.get("tool_choice") == "none":
        return asked
    listed = parameters.get("tools")
    for index, tool in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(tool, dict) and tool.get("type") == hosted.type:
            place = f"tools[{index}]"
            for name in tool:
                if name not in hosted.parameters:
                    raise RefusedError(errors.unknown_parameter(f"{place}.{name}"))
            return replace(asked, tool=tool, place=place)
    return asked


def _said(given: Any) -> tuple[list[str], list[dict[str, str]]]:
    """The texts and the references to pictures of an input, in order."""
    if isinstance(given, str):
        return [given], []
    texts: list[str] = []
    pictures: list[dict[str, str]] = []
    for item in given if isinstance(given, list) else []:
        if not isinstance(item, dict):
            continue
        if item.get("type") == _CALL:
            pictures += _shown(item)
        content = item.get("content")
        for part in content if isinstance(content, list) else [content]:
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, dict) and isinstance(part.get("text"), str):
                texts.append(part["text"])
            elif isinstance(part, dict) and part.get("type") == "input_image":
                pictures.append({name: part[name] for name in ("image_url", "file_id") if part.get(name)})
    return texts, pictures


def _shown(item: dict[str, Any]) -> list[dict[str, str]]:
    """A call of an earlier answer as a reference: by what it holds, else by its id."""
    if isinstance(item.get("result"), str):
        return [{"image_url": f"data:image/png;base64,{item['result']}"}]
    return [{"file_id": item["id"]}] if isinstance(item.get("id"), str) else []


def order(
    asked: Asked, hosted: HostedTool, contract: Contract, lookup: Callable[[str], bytes | None]
) -> tuple[Order, Intake]:
    """The order that the drawing tool of a request amounts to, and what was uploaded for it.

    Raises:
        RefusedError: With the first parameter that the picture model does not take.
    """
    tool = asked.tool or {}
    action = tool.get("action") or "auto"
    if action not in ("generate", "edit", "auto") or (action == "edit" and not asked.pictures):
        message = f"Invalid value: {str(action)[:100]!r}. There is no image to edit, or no such action."
        raise RefusedError(errors.invalid_value(message, f"{asked.place}.action"))
    endpoint: EndpointName = "edits" if asked.pictures and action != "generate" else "generations"
    wanted = {name: value for name, value in tool.items() if name not in _OWN and value is not None}
    intake = Intake({"model": _default(hosted, contract), **wanted, "prompt": asked.prompt})
    if endpoint == "edits":
        intake.parameters["images"] = asked.pictures
        if tool.get("input_image_mask"):
            intake.parameters["mask"] = tool["input_image_mask"]
        resolve_references(intake, lookup)
        intake.uploads = [replace(upload, media_type="image/png") for upload in intake.uploads]
    try:
        return contract.take(endpoint, intake), intake
    except RefusedError as refused:
        reason = refused.refusal
        inside = reason.param in tool
        raise RefusedError(
            replace(reason, param=f"{asked.place}.{reason.param}") if inside else reason
        ) from None


def _default(hosted: HostedTool, contract: Contract) -> str:
    """The model of a tool that names none: as documented, and before its release the newest one of its day."""
    model = contract.find(hosted.default)
    if model is not None and contract.alive(model):
        return model.id
    drawing = [one for one in contract.live_models() if not one.returns_url]
    return max(drawing, key=lambda one: one.released).id if drawing else hosted.default


def call(asked: Asked, made: Order, picture: bytes, name: str) -> dict[str, Any]:
    """The item of an answer that holds the picture."""
    return {
        "id": f"ig_{name}",
        "type": _CALL,
        "status": "completed",
        "action": "edit" if made.endpoint == "edits" else "generate",
        "background": "transparent" if made.transparent else "opaque",
        "output_format": made.format,
        "quality": made.quality,
        "size": made.size,
        "revised_prompt": f"{asked.prompt.strip()} The scene is rendered in fine detail.",
        "result": base64.b64encode(picture).decode(),
    }


def body(asked: Asked, items: list[dict[str, Any]], name: str, now: int) -> dict[str, Any]:
    """The ``Response`` object with ``items`` and a line of text as its output."""
    text = {"type": "output_text", "text": "" if items else _WORDS, "annotations": [], "logprobs": []}
    said = {"id": f"msg_{name}", "type": "message", "role": "assistant", "status": "completed"}
    read_tokens, written = max(1, len(asked.prompt) // 4), max(1, len(str(text["text"])) // 4)
    return {
        "id": f"resp_{name}",
        "object": "response",
        "created_at": now,
        "status": "completed",
        "model": str(asked.parameters["model"]),
        "output": [*items, {**said, "content": [text]}],
        "error": None,
        "incomplete_details": None,
        "instructions": asked.parameters.get("instructions"),
        "metadata": {},
        "parallel_tool_calls": True,
        "previous_response_id": asked.parameters.get("previous_response_id"),
        "temperature": 1.0,
        "tool_choice": asked.parameters.get("tool_choice") or "auto",
        "tools": asked.parameters.get("tools") or [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": read_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": read_tokens + written,
        },
    }


def events(whole: dict[str, Any], partials: list[bytes]) -> Iterator[bytes]:
    """The server-sent events of an answer: its start, the pictures on their way, its end."""
    began = {**whole, "status": "in_progress", "output": [], "usage": None}
    parts: list[dict[str, Any]] = [
        {"type": f"response.{step}", "response": began} for step in ("created", "in_progress")
    ]
    for place, item in enumerate(whole["output"]):
        at = {"output_index": place}
        if item["type"] == _CALL:
            waiting = {**item, "status": "in_progress", "result": None}
            here = {**at, "item_id": item["id"]}
            parts.append({"type": "response.output_item.added", **at, "item": waiting})
            parts += [{"type": f"response.{_CALL}.{step}", **here} for step in ("in_progress", "generating")]
            parts += [
                {
                    "type": f"response.{_CALL}.partial_image",
                    **here,
                    "partial_image_index": index,
                    "partial_image_b64": base64.b64encode(partial).decode(),
                }
                for index, partial in enumerate(partials)
            ]
            parts.append({"type": f"response.{_CALL}.completed", **here})
        else:
            parts.append({"type": "response.output_item.added", **at, "item": {**item, "content": []}})
        parts.append({"type": "response.output_item.done", **at, "item": item})
    parts.append({"type": "response.completed", "response": whole})
    for number, part in enumerate(parts):
        yield f"event: {part['type']}\ndata: {json.dumps({**part, 'sequence_number': number})}\n\n".encode()
