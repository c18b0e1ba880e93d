"""YAML by its events: positions are exact, nothing is built, and deep nesting costs no recursion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from migrator.hosts.config.document import (
    MAX_DEPTH,
    Document,
    Key,
    ParseError,
    Place,
    Setting,
    core,
    variable_name,
)

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class _Frame:
    """A mapping or a list that is being read."""

    path: tuple[Key, ...]
    mapping: bool
    anchor: str | None
    own: list[Setting] = field(default_factory=list)
    key: str | None = None
    count: int = 0
    named: dict[str, Setting] = field(default_factory=dict)


def read(text: str) -> Document:
    """The settings of YAML ``text``, all its documents.

    Raises:
        ParseError: For text that is no YAML.
    """
    document = Document()
    stack: list[_Frame] = []
    anchors: dict[str, list[Setting]] = {}
    aliased: set[str] = set()
    holders: list[tuple[str, Setting, Literal["value", "mapping"]]] = []
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            _step(event, text, document, stack, anchors, aliased, holders)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join((error.problem or error.context or "it cannot be read").split())
        raise ParseError(problem, mark.index if mark else 0) from None
    except yaml.reader.ReaderError as error:
        raise ParseError(f"{error.reason} (character {error.character:#x})", error.position) from None
    except yaml.YAMLError as error:
        raise ParseError(" ".join(str(error).split()), 0) from None
    for name, setting, how in holders:
        if name in aliased and setting.shared != "value":
            setting.shared = how
    return document


def _step(
    event: Any,
    text: str,
    document: Document,
    stack: list[_Frame],
    anchors: dict[str, list[Setting]],
    aliased: set[str],
    holders: list[tuple[str, Setting, Literal["value", "mapping"]]],
) -> None:
    frame = stack[-1] if stack else None
    kind = type(event).__name__.removesuffix("Event")
    shape: tuple[object, ...] = (kind, getattr(event, "anchor", None), getattr(event, "tag", None))
    if kind == "Scalar":
        document.shape.append((*shape, event.value))
        setting = _scalar(event, text, frame)
        if frame is None or frame.mapping is False or frame.key is not None:
            document.settings.append(setting)
            if event.anchor:
                holders.append((event.anchor, setting, "value"))
            for outer in stack:
                if outer.anchor:
                    holders.append((outer.anchor, setting, "mapping"))
        if frame is not None:
            _place(frame, setting, document)
    elif kind == "Alias":
        document.shape.append(shape)
        aliased.add(event.anchor)
        if frame is not None:
            if frame.mapping and frame.key == "<<":
                frame.own.extend(anchors.get(event.anchor, ()))
            _advance(frame, None)
    elif kind in {"MappingStart", "SequenceStart"}:
        document.shape.append(shape)
        if len(stack) >= MAX_DEPTH:
            raise ParseError("it is nested too deeply", event.start_mark.index)
        stack.append(_Frame(_next_path(frame), kind == "MappingStart", event.anchor))
    elif kind in {"MappingEnd", "SequenceEnd"}:
        document.shape.append(shape)
        done = stack.pop()
        _close(done, document, stack[-1] if stack else None, anchors)
    else:
        document.shape.append((kind,))


def _next_path(frame: _Frame | None) -> tuple[Key, ...]:
    if frame is None:
        return ()
    if frame.mapping:
        return (*frame.path, frame.key if frame.key is not None else "?")
    return (*frame.path, frame.count)


def _scalar(event: Any, text: str, frame: _Frame | None) -> Setting:
    start, end = event.start_mark.index, event.end_mark.index
    value: str = event.value
    is_key = frame is not None and frame.mapping and frame.key is None
    path = (*frame.path, value) if frame is not None and is_key else _next_path(frame)
    raw = text[start:end]
    if event.style in {"'", '"'} and raw.endswith(f"{event.style}{value}{event.style}"):
        found: tuple[int, int] | None = (end - 1 - len(value), end - 1)
    elif event.style is None and raw.endswith(value):
        found = (end - len(value), end)
    else:
        found = core(text, start, end, value)
    place: Place = "key" if is_key else "value" if frame is None or frame.mapping else "item"
    if found is None:
        return Setting(path, value.strip(), start, end, False, place)
    return Setting(path, text[found[0] : found[1]], *found, True, place)


def _place(frame: _Frame, setting: Setting, document: Document) -> None:
    if not frame.mapping:
        _advance(frame, setting)
    elif frame.key is None:
        frame.key = setting.path[-1] if isinstance(setting.path[-1], str) else "?"
        document.settings.append(setting)
    else:
        frame.named[frame.key.lower()] = setting
        _advance(frame, setting)


def _advance(frame: _Frame, setting: Setting | None) -> None:
    if setting is not None:
        frame.own.append(setting)
    if not frame.mapping:
        frame.count += 1
    else:
        # a list or a mapping as a key has no name
        frame.key = None if frame.key is not None else "?"


def _close(
    done: _Frame, document: Document, parent: _Frame | None, anchors: dict[str, list[Setting]]
) -> None:
    if done.own:
        document.groups.append(done.own)
    if done.anchor:
        anchors[done.anchor] = list(done.own)
    if parent is None:
        return
    name, value = variable_name(done.named, done.path), done.named.get("value")
    if not parent.mapping and done.mapping and name is not None and value is not None:
        # {name: IMAGE_MODEL, value: some-model}: what Kubernetes and others call an environment variable
        known = Setting(
            (*done.path[:-1], name.value), value.value, value.start, value.end, value.editable, "value"
        )
        parent.own.append(known)
        at = next(n for n in range(len(document.settings) - 1, -1, -1) if document.settings[n] is value)
        document.settings[at] = known
        done.own.remove(value)
    _advance(parent, None)
