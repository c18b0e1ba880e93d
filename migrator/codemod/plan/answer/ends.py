"""What each use of a picture's url asks for: a data: URI, bytes, or a person."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import runner_position
from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.flow.signatures import decorator_names
from migrator.codemod.flow.trace import UNCALLED
from migrator.codemod.plan.answer.columns import kept_in
from migrator.codemod.plan.answer.file_names import named_anew
from migrator.codemod.plan.answer.follow import stops_at_helper
from migrator.codemod.plan.answer.handing import as_keyword, handing_over
from migrator.codemod.plan.answer.model import URL, End
from migrator.codemod.plan.answer.prefixes import begins, is_passed_by
from migrator.codemod.plan.answer.readers import found_again, taken_over
from migrator.codemod.plan.answer.texts import (
    compares_to_empty,
    handles_data_uris,
    is_page,
    measures,
    shortened,
    writes_text,
)
from migrator.codemod.plan.attachments import attaching
from migrator.codemod.plan.downloads import (
    Download,
    decoding,
    pure_reads,
    status_read,
    teaching,
)
from migrator.codemod.plan.shown import shown_by

if TYPE_CHECKING:
    from migrator.catalog.model import Consumer
    from migrator.codemod.flow.forward import Event, Trail
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.model import Read
    from migrator.codemod.plan.consumers import ConsumerTable
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import FileEdit
    from migrator.types import Fix


_ROUTES = {"route", "get", "post", "put", "patch", "api_view", "websocket", "api_route", "endpoint"}
_URL_LIMIT = 400
"""Places after which a url counts as out of sight."""


_LOOK = (
    "Look at what happens to it there. If a data: URI suits, take the change with --unsafe; if the url is fetched or "
    "kept in a short column, hand over bytes or the path of a saved picture (--url-as file)."
)
_NAMED = "A data: URI holds no file name, so the picture gets one of its own; ordinary urls keep theirs."


class EndReader:
    """Follows urls to their ends. ``marked`` knows the places where urls are read."""

    def __init__(self, context: Context, consumers: ConsumerTable, marked: Tracer) -> None:
        self.context = context
        self.consumers = consumers
        self.marked = marked

    def ends(self, read: Read) -> None:
        """Follow the url of one read, and note what its uses ask for."""
        read.trail = self._follow_url(read)
        read.ends = [end for event in read.trail.events if (end := self._end(read, event)) is not None]
        read.ends.extend(self._checked_fields(read))

    def _follow_url(self, read: Read) -> Trail:
        def passes(state: State, step: Step, node: ast.expr) -> State | None:
            if step[0] == "attr" and step[1] in {"strip", "encode", "decode", "rstrip", "lstrip"}:
                return State(state.module, node, state.kind, (("call", None),))
            if state.kind == "json" and step == ("call", "json.loads"):
                return State(state.module, node, URL)
            return None

        walker = Walker(
            self.context.tracer,
            passes,
            frozenset({URL, "text"}),
            {URL: "text", "text": "text", "json": "json"},
            stops_at_helper,
            _URL_LIMIT,
            wary=True,
        )
        return walker.follow([State(read.module, read.node, URL)])

    def _checked_fields(self, read: Read) -> list[End]:
        """Fields on the way whose type only takes http urls."""
        assert read.trail is not None
        found = []
        for module, annotation in sorted(
            read.trail.annotations, key=lambda item: (item[0].path, item[1].lineno)
        ):
            for child in ast.walk(annotation):
                name = child.attr if isinstance(child, ast.Attribute) else getattr(child, "id", "")
                if name in {"HttpUrl", "AnyHttpUrl", "HttpsUrl", "FileUrl", "URLField"}:
                    found.append(
                        End(
                            "text", "manual", "IMG013", module, annotation,
                            f"The field's type {name} takes http urls only; a data: URI is refused here.",
                            "Make the field a str, then run the tool again.",
                        )
                    )  # fmt: skip
                    break
        return found

    def _end(self, read: Read, event: Event) -> End | None:
        state = event.state
        module, node = state.module, state.node
        if (
            event.what in {"access", "compare"}
            and not state.path
            and module.is_test
            and not read.module.is_test
        ):
            return End("text", "safe", "IMG011", module, event.parent or node, tested=True)
        plain = state.kind == URL and not state.path and self.context.url_as == "data-uri"
        if plain and is_passed_by(module, node):
            return End("any", "safe", "IMG011", module, node)
        match event.what:
            case "truth" if not state.path and measures(module, event.parent):
                return End(
                    "text", "review", "IMG013", module, event.parent or node,
                    "The length of the url is tested here; a data: URI is as long as its picture.",
                    "Drop the test, or give a file path instead (--url-as file).",
                )  # fmt: skip
            case "truth" | "key":
                return End("any", "safe", "IMG010", module, node)
            case "discard":
                return End("any", "safe", "IMG011", module, node)
            case "argument" if isinstance(event.parent, ast.Call):
                return self._argument(read, event, event.parent)
            case "return":
                return self._returned(event)
            case "store":
                return End(
                    "text", "review", "IMG017", module, event.parent or node,
                    "The picture's url is stored where this tool cannot see who reads it."
                    + (f" ({event.detail})" if event.detail else ""),
                    self._suggestion("IMG017"),
                )  # fmt: skip
            case "access":
                name = getattr(event.parent, "attr", "")
                if handles_data_uris(module, node):
                    return End("text", "safe", "IMG011", module, node)
                if plain and name == "startswith" and (end := begins(module, node, self.marked)) is not None:
                    return end
                if name in {"startswith", "endswith"}:
                    return End(
                        "text", "review", "IMG013", module, event.parent or node,
                        f"The url is tested with {name}() here; a data: URI starts with \"data:\".",
                        "Make sure that the test lets a data: URI through.",
                    )  # fmt: skip
                if edits := self._named_anew(event):
                    return End("text", "safe", "IMG013", module, event.parent or node, _NAMED, edits=edits)
                return End(
                    "text", "manual", "IMG013", module, event.parent or node,
                    "The text of the url is taken apart here; a picture without a url has no such parts.",
                    "Choose a file name or a check of your own, then run the tool again.",
                )  # fmt: skip
            case "compare" if state.path:
                return End("any", "safe", "IMG010", module, node)
            case "compare":
                if isinstance(event.parent, ast.Compare) and compares_to_empty(event.parent, node):
                    return End("any", "safe", "IMG010", module, node)
                return End(
                    "text", "manual", "IMG013", module, event.parent or node,
                    "The url is compared here; the base64 of a picture has nothing in common with a url.",
                )  # fmt: skip
            case _:
                return End(
                    "text", "review", "IMG012", module, event.parent or node,
                    "The url goes a way that this tool cannot follow"
                    + (f" ({event.detail})." if event.detail else "."),
                    _LOOK,
                )  # fmt: skip

    def _returned(self, event: Event) -> End:
        module, function = event.state.module, event.parent
        name = getattr(function, "name", "the function")
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and _is_route(function):
            return End(
                "text", self._shown_fix(), "IMG011", module, event.state.node,
                f"{name}() answers a page with the url; a data: URI shows there in the same way.",
            )  # fmt: skip
        fix: Fix = "safe" if self._is_decided(event, module, function) else "review"
        return End(
            "text", fix, "IMG012", module, event.state.node,
            f"{name}() hands the url to code outside the project ({event.detail}); it becomes "
            + ("the path of a saved file." if self.context.url_as == "file" else "a data: URI."),
            "" if fix == "safe" else self._suggestion("IMG012") if event.detail == UNCALLED else _LOOK,
        )  # fmt: skip

    def _is_decided(self, event: Event, module: Module, function: ast.AST | None) -> bool:
        """Whether a person's choice of a form settles what leaves: only where no code of the project can get it.

        A function that the project registers, or names in a text, is called in a way that cannot be followed.
        """
        if not self.context.url_chosen or self.context.url_as == "review" or event.detail != UNCALLED:
            return False
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        own = (
            self.context.tracer.functions(module, one.func if isinstance(one, ast.Call) else one)
            for one in function.decorator_list
        )
        named = (f'"{function.name}"', f"'{function.name}'")
        texts = (one.file.text for one in self.context.index.modules.values())
        return not any(own) and not any(name in text for text in texts for name in named)

    def _shown_fix(self) -> Fix:
        return "safe" if self.context.url_as == "data-uri" else "review"

    def _argument(self, read: Read, event: Event, call: ast.Call) -> End:
        state = event.state
        module, node = state.module, state.node
        callee, shift = self._runner(module, call)
        consumer = self.consumers.find(module, call, node, callee, shift)
        called = module.source(callee)
        plain = state.kind == URL and not state.path and self.context.url_as == "data-uri" and not shift
        if consumer is None:
            if state.kind == "text" and isinstance(module.parent(call), ast.Raise):
                return End(
                    "text",
                    "safe",
                    "IMG036",
                    module,
                    node,
                    f"{called}() tells people a data: URI, which is long.",
                )
            if handles_data_uris(module, node) and called == "re.sub":
                return End("text", "safe", "IMG011", module, node)
            if writes_text(call):
                if state.kind == "json" or not is_page(read):
                    return End(
                        "text", "review", "IMG017", module, node,
                        "The url is written to a file, and whoever reads it later gets a data: URI.",
                        self._suggestion("IMG017"),
                    )  # fmt: skip
                return found_again(self.context, module, node) or End(
                    "text", "safe", "IMG011", module, node, "The url is written as text."
                )
            return kept_in(self.context, module, call, node) or End(
                "text", "review", "IMG012", module, call,
                f"{called}() gets the url, and it is not known whether it takes {self._form}.",
                _LOOK,
            )  # fmt: skip
        if consumer.role == "store":
            return End(
                "text", "review", "IMG017", module, call,
                f"{called}() ({consumer.title}) keeps the url; a data: URI is long, and must fit where it is kept.",
                consumer.suggestion or self._suggestion("IMG017"),
            )  # fmt: skip
        if consumer.role == "download":
            return self._download(event, call, consumer, callee, shift)
        if "data-uri" in consumer.accepts:
            if consumer.role == "log":
                if (picture := self._as_picture(event, call, consumer)) is not None:
                    return picture
                if consumer.id == "print" and (taken := taken_over(self.context, module, node)) is not None:
                    return taken
                if edits := shortened(read, module, call, consumer):
                    return End(
                        "text", "safe", "IMG036", module, node,
                        f"{called}() logs the start of the data: URI only.", edits=edits,
                    )  # fmt: skip
                return End(
                    "text", "safe", "IMG036", module, node, f"{called}() prints a data: URI, which is long."
                )
            fix: Fix = self._shown_fix() if consumer.role in {"show", "send"} else "safe"
            rule = "IMG011"
            if called in {"json.dump", "ujson.dump"}:
                fix, rule = "review", "IMG017"
            return End("text", fix, rule, module, node, f"{called}() takes a data: URI ({consumer.title}).",
                       consumer.suggestion)  # fmt: skip
        if "bytes" in consumer.accepts and state.kind == URL and not state.path:
            found = self._as_bytes(event, call, consumer)
            if found is not None:
                return found
        if (
            consumer.url_argument
            and plain
            and (edits := as_keyword(module, call, node, consumer.url_argument))
        ):
            return End(
                "text", "safe", "IMG011", module, node,
                f"{called}() takes a data: URI as {consumer.url_argument}= ({consumer.title}).", edits=edits,
            )  # fmt: skip
        if consumer.attachment and state.kind == URL and not state.path:
            attached = self._attached(event, call, consumer)
            if attached is not None:
                return attached
        if consumer.role == "text" and (edits := self._named_anew(event)):
            return End("text", "safe", "IMG013", module, call, _NAMED, edits=edits)
        return End(
            "text", "manual", "IMG013", module, call,
            f"{called}() ({consumer.title}) needs a real url; it does not take {self._form}.",
            consumer.suggestion,
        )  # fmt: skip

    def _as_picture(self, event: Event, call: ast.Call, consumer: Consumer) -> End | None:
        """Show the picture where a person was shown its url."""
        state = event.state
        if not consumer.shown_by or self.context.url_as != "data-uri" or state.kind != URL or state.path:
            return None
        if not pure_reads(self.marked, state.module, state.node):
            return None
        return End(
            "text", "safe", "IMG011", state.module, state.node,
            "The cell shows the picture instead of its url.",
            edits=shown_by(state.module, call, state.node, consumer.shown_by),
        )  # fmt: skip

    def _runner(self, module: Module, call: ast.Call) -> tuple[ast.expr, int]:
        """The callable that really gets the arguments of a call, and where they start."""
        position = runner_position(call, self.context.tracer.qualified(module, call.func))
        if position is None and self.context.tracer.runs_callable(module, call):
            position = 0
        if position is not None and position < len(call.args):
            return call.args[position], position + 1
        return call.func, 0

    def _as_bytes(self, event: Event, call: ast.Call, consumer: Consumer) -> End | None:
        """Hand decoded bytes to a consumer that takes them in the same argument."""
        module, node = event.state.module, event.state.node
        reads = pure_reads(self.marked, module, node)
        if not reads or consumer.bytes_argument or "url" not in consumer.accepts:
            return None
        found = handing_over(module, call, node, consumer, reads, f"image.{self.context.picture}")
        if found is None:
            return None
        return End(
            "b64", "safe", "IMG013", module, node,
            f"{module.source(call.func)}() ({consumer.title}) gets the picture's bytes instead of a url.",
            decoding=found,
        )  # fmt: skip

    def _named_anew(self, event: Event) -> tuple[FileEdit, ...]:
        """Edits that give the picture a file name, where code takes one from the text of its url."""
        state = event.state
        if self.context.url_as != "data-uri" or state.kind != URL or state.path:
            return ()
        if (
            state.node in self.marked.marks
        ):  # the name would be made where the url is read, which changes itself
            return ()
        return named_anew(self.context.tracer, state.module, state.node, self.context.picture)

    def _attached(self, event: Event, call: ast.Call, consumer: Consumer) -> End | None:
        """Send the picture as a file beside the message that showed its url."""
        module, node = event.state.module, event.state.node
        reads = pure_reads(self.marked, module, node)
        imports = self.consumers.imports(module)
        package = next((name for name in consumer.attached_in if name in imports), None)
        if not reads or package is None or module.source(call.func).rpartition(".")[2] == package:
            return None
        found = attaching(module, call, node, consumer, package, reads)
        if found is None:
            return None
        return End(
            "b64" if found.local else "text", "safe", "IMG013", module, call,
            f"{module.source(call.func)}() ({consumer.title}) shows an attached file instead of a url.",
            decoding=found,
        )  # fmt: skip

    def _download(
        self, event: Event, call: ast.Call, consumer: Consumer, callee: ast.expr, shift: int
    ) -> End:
        state = event.state
        module, node = state.module, state.node
        called = module.source(callee)
        if handles_data_uris(module, node):
            return End("text", "safe", "IMG011", module, node)
        if state.kind != URL or state.path:
            return End(
                "text", "manual", "IMG013", module, call, f"{called}() gets a text that contains the url."
            )
        if "bytes" in consumer.accepts:  # what it gives back is more than the bytes
            as_bytes = self._as_bytes(event, call, consumer)
            if as_bytes is not None:
                return as_bytes
        names = self.consumers.names(module, callee)
        facts = self.context.catalog.downloads
        awaited = isinstance(module.parent(call), ast.Await)
        download = Download(
            module, call, node, facts.form(names), awaited, shift, streams=facts.streams_body(names)
        )
        found = decoding(facts, self.marked, self.context.tracer, download) if consumer.gives_answer else None
        if found is not None and "data-uri" not in consumer.accepts:
            return End(
                "b64" if found.local else "text", "safe", "IMG010", module, call,
                f"The picture is in the answer: it is decoded instead of fetched with {called}().",
                decoding=found,
            )  # fmt: skip
        if "data-uri" in consumer.accepts:
            asked = status_read(facts, module, call) if facts.hides_status(names) else None
            if asked is not None:
                return End(
                    "text", "manual", "IMG013", module, asked,
                    f"{called}() reads a data: URI as it is, but the answer has no status then: it is None here.",
                    "Test the status only where the url begins with http.",
                )  # fmt: skip
            return End("text", "safe", "IMG011", module, call, f"{called}() reads a data: URI as it is.")
        edits = teaching(facts, download, self.context.url_as, self.context.picture)
        if edits is not None:
            return End(
                "text", "safe", "IMG014", module, call,
                f"{called}() learns to read {self._form}; ordinary urls are fetched as before.",
                edits=edits,
            )  # fmt: skip
        return End(
            "text", "manual", "IMG013", module, call,
            f"{called}() ({consumer.title}) cannot read {self._form}.",
            consumer.suggestion,
        )  # fmt: skip

    @property
    def _form(self) -> str:
        """What stands in the place of a url, in words."""
        return "the path of a saved picture" if self.context.url_as == "file" else "a data: URI"

    def _suggestion(self, rule: str) -> str:
        found = self.context.catalog.rules.get(rule)
        return found.suggestion if found else ""


def _is_route(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        name in _ROUTES and isinstance(decorator.func if isinstance(decorator, ast.Call) else decorator,
                                       (ast.Attribute, ast.Name))
        for name, decorator in zip(decorator_names(function), function.decorator_list, strict=True)
    )  # fmt: skip
