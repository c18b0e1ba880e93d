"""Pictures that are uploaded: GPT Image models refuse one whose name does not say what it is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant, Display, Made
from migrator.codemod.plan.context import literal
from migrator.codemod.plan.part import FileEdit, Part
from migrator.codemod.rewrite import AddArgument, AddElement, Arguments, Around, Elements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.origins import Origin
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import Plan
    from migrator.codemod.sites.site import Site
    from migrator.types import Fix

UPLOADS = ("image", "mask")
_NAME = "image.png"
_TYPE = "image/png"
"""DALL-E took PNG only, so that is what the bytes are."""
_NAMED = frozenset(
    {"builtins.open", "io.open", "pathlib.Path.open", "pathlib.Path", "tempfile.NamedTemporaryFile"}
)
_READS = frozenset({"read", "getvalue", "getbuffer", "tobytes", "read_bytes", "content"})


def models_of(plan: Plan) -> list[object]:
    """The models that a call names; ``None`` where it leaves that to the API, which took DALL-E 2 for edits."""
    return [plan.before.get("model")]


def upload_parts(context: Context, site: Site, models: list[object]) -> Iterator[Part]:
    """The parts that name bytes without a name. ``models`` are the models of the call; another family's stay."""
    if site.endpoint != "edits" or not all(_only_png(context, model) for model in models):
        return
    yield from _labelled_parts(context, site)
    yield from _labelled_fields(context, site)
    for call in site.calls if site.dialect != "http" else ():
        for keyword in call.call.keywords:
            if keyword.arg in UPLOADS and is_named(context, call.module, keyword.value) is False:
                yield Part(
                    "IMG074", "safe", call.module, keyword.value,
                    f"The {keyword.arg} has no file name, so it would be uploaded as application/octet-stream.",
                    edits=(named(call.module, keyword.value),),
                )  # fmt: skip


def _labelled_parts(context: Context, site: Site) -> Iterator[Part]:
    """HTTP clients send a part of a form with the label that the program gives it, and most programs give none."""
    for payload in site.payloads:
        if payload.form != "files":
            continue
        for origin in context.tracer.origins(payload.module, payload.node):
            if not (isinstance(origin, Display) and isinstance(origin.node, ast.Dict)):
                continue
            for key, value in zip(origin.node.keys, origin.node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in UPLOADS:
                    edit = _label(origin.module, value)
                    fix = _certainty(context, origin.module, value)
                    if edit is not None and fix is not None:
                        yield Part(
                            "IMG074", fix, origin.module, value,
                            f"The {key.value} does not say that it is a PNG, so it would be uploaded as "
                            "application/octet-stream.",
                            edits=(edit,),
                        )  # fmt: skip


def _labelled_fields(context: Context, site: Site) -> Iterator[Part]:
    """``form.add_field("image", data, filename="image.png")`` labels open files only, whatever their name is."""
    for payload in site.payloads:
        for one in payload.fields:
            given = {keyword.arg for keyword in one.call.keywords}
            if one.name not in UPLOADS or "content_type" in given or None in given:
                continue
            known = is_named(context, one.module, one.value)
            if known and "filename" not in given:
                continue
            edit = Arguments(
                one.module.span(one.call), (AddArgument("content_type", literal(_TYPE, one.module)),)
            )
            yield Part(
                "IMG074", "safe" if "filename" in given or known is not None else "review",
                one.module, one.value,
                f"The {one.name} does not say that it is a PNG, so it would be uploaded as application/octet-stream.",
                edits=((one.module.path, edit),),
            )  # fmt: skip


def _certainty(context: Context, module: Module, value: ast.expr) -> Fix | None:
    """``safe`` for files and bytes, ``None`` for parts that are labelled where they are made."""
    if isinstance(value, ast.Tuple):
        return "safe"
    origins = [one for one in context.tracer.origins(module, value) if not _is_none(one)]
    if any(isinstance(one, Display) for one in origins):
        return None
    plain = bool(origins) and all(_names(context, one) is not None for one in origins)
    return "safe" if plain else "review"


def _label(module: Module, value: ast.expr) -> FileEdit | None:
    """The edit that gives a part of a form its name and type."""
    if isinstance(value, ast.Tuple):
        if len(value.elts) != 2:
            return None
        return module.path, Elements(module.span(value), (AddElement(literal(_TYPE, module)),))
    if isinstance(value, ast.Constant) and value.value is None:
        return None
    span = module.span(value)
    return module.path, Around(span, span, f"({literal(_NAME, module)}, ", f", {literal(_TYPE, module)})")


def _only_png(context: Context, model: object) -> bool:
    known = context.catalog.model(model) if isinstance(model, str) else None
    return model is None or (known is not None and known.returns_url)


def named(module: Module, value: ast.expr, prefix: str = "") -> FileEdit:
    """The edit that gives an upload a name, with something in front of it."""
    span = module.span(value)
    return module.path, Around(span, span, f"{prefix}({literal(_NAME, module)}, ", ")")


def is_named(context: Context, module: Module, value: ast.expr) -> bool | None:
    """Whether the SDK learns a file name from what is uploaded; ``None`` where that is not known."""
    if isinstance(value, (ast.Tuple, ast.List)):
        return True
    answers = {
        _names(context, origin) for origin in context.tracer.origins(module, value) if not _is_none(origin)
    }
    return answers.pop() if len(answers) == 1 else None


def _is_none(origin: Origin) -> bool:
    return isinstance(origin, Constant) and origin.node.value is None


def _names(context: Context, origin: Origin) -> bool | None:
    match origin:
        case Constant(node=node):
            return False if isinstance(node.value, bytes) else None
        case Display():
            return True
        case Made(name=name, path=path):
            steps = {step for kind, step in path if kind == "attr"}
            last = name.rpartition(".")[2]
            if steps & _READS or last in _READS:
                return False
            if name in _NAMED and not steps:
                return True
            if name == "io.BytesIO" and not path:
                return _gets_name(context, origin)
    return None


def _gets_name(context: Context, origin: Made) -> bool:
    """Whether somebody writes ``buffer.name = …``."""
    return any(
        isinstance(found, Made) and found.node is origin.node
        for module, target in list(context.index.stores("name"))
        for found in context.tracer.origins(module, target.value)
    )
