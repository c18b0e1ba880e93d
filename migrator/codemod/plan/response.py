"""Planning the answer: every place that a picture's url reaches, in the function, the module and the project."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import runner_position
from migrator.codemod.flow.forward import Event, State, Trail, Walker
from migrator.codemod.flow.trace import UNCALLED, Tracer, decorator_names, is_test_path
from migrator.codemod.plan import helpers
from migrator.codemod.plan.attachments import Attaching, attaching
from migrator.codemod.plan.consumers import ConsumerTable
from migrator.codemod.plan.context import is_simple, quote_of
from migrator.codemod.plan.downloads import Decoding, Download, decoding, pure_reads, teaching
from migrator.codemod.plan.imports import with_imports
from migrator.codemod.plan.legacy.answer import read_as
from migrator.codemod.plan.membership import asked_for, has_url_test, is_membership
from migrator.codemod.plan.mixed import mixed_parts
from migrator.codemod.plan.part import FileEdit, Part, Plan
from migrator.codemod.plan.payloads import prompt_of
from migrator.codemod.plan.shown import shown_by
from migrator.codemod.rewrite import AddHelper, Around, Replace, string_literal
from migrator.codemod.sites.http.answers import http_step
from migrator.types import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.catalog.model import Consumer
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.site import Site
    from migrator.types import Fix

URL, B64, REVISED = "url", "b64_json", "revised_prompt"
_AS_DICT = {"model_dump", "to_dict", "to_dict_recursive", "dict"}
_AS_JSON = {"model_dump_json", "to_json", "json"}
_ROUTES = {"route", "get", "post", "put", "patch", "api_view", "websocket", "api_route", "endpoint"}
_SHORT = 100
"""Characters that every url and every picture has."""
_URL_LIMIT = 400
"""Places after which a url counts as out of sight."""


@dataclass(eq=False, slots=True)
class Read:
    """One place where a url is read from a picture. ``node`` is the expression whose value is the url."""

    site: Site
    module: Module
    node: ast.expr
    guarded: bool = False
    ends: list[End] = field(default_factory=list)
    trail: Trail | None = None


@dataclass(frozen=True, slots=True)
class End:
    """What one use of a url asks for.

    ``form``: ``any`` every form will do, ``b64`` plain base64 is best, ``text`` it must be a string that stands for
    the picture.
    """

    form: str
    fix: Fix
    rule: str
    module: Module
    node: ast.AST
    message: str = ""
    suggestion: str = ""
    edits: tuple[FileEdit, ...] = ()
    decoding: Decoding | Attaching | None = None
    tested: bool = False
    """Whether a test of the project looks at the url here: the test has to follow, the program can move."""


@dataclass(eq=False, slots=True)
class Answer:
    """Everything that the answer of one site reaches."""

    site: Site
    reads: list[Read] = field(default_factory=list)
    b64_reads: list[tuple[Module, ast.expr]] = field(default_factory=list)
    revised: list[tuple[Module, ast.expr]] = field(default_factory=list)
    parsed: list[tuple[Module, ast.expr]] = field(default_factory=list)
    """Where the body of an HTTP answer becomes a mapping."""
    trail: Trail | None = None
    accesses: list[tuple[State, Step, ast.expr]] = field(default_factory=list)
    """Every read of a field of an answer of openai<1, with the expression that reads."""


class ResponsePlanner:
    """Plans the consumers of all sites together: one download can serve several of them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.consumers = ConsumerTable(context)
        self.answers: dict[int, Answer] = {}
        self._known: set[ast.expr] = set()
        self._readers: dict[ast.expr, set[int]] = {}
        """The sites whose answers one place reads."""

    # gathering

    def gather(self, sites: list[Site], dead: Sequence[Site] = ()) -> None:
        """Follow the answers of all sites; must run before :meth:`plan`.

        ``dead`` are sites that fail today whatever happens, so that nobody has to read their answers.
        """
        for site in sites:
            self.answers[id(site)] = self._answer(site)
        answers = [*self.answers.values(), *(self._answer(site) for site in dead)]
        self._known = {state.node for one in answers if one.trail is not None for state in one.trail.states}
        for one in self.answers.values():
            for found in one.reads:
                self._readers.setdefault(found.node, set()).add(id(one.site))
        for answer in self.answers.values():
            self._mark_guarded(answer)
        reads = [r for a in self.answers.values() for r in a.reads if not r.guarded]
        self.marked = Tracer(self.context.index, frozenset(read.node for read in reads))
        self._site_of_read = {read.node: read for read in reads}
        for read in reads:
            read.trail = self._follow_url(read)
            read.ends = [end for event in read.trail.events if (end := self._end(read, event)) is not None]
            read.ends.extend(self._checked_fields(read))

    def _answer(self, site: Site) -> Answer:
        answer = Answer(site)

        def read(state: State, step: Step, node: ast.expr) -> State | None:
            return self._read_response(answer, state, step, node)

        texts = {"json": "json"}
        if site.dialect == "legacy":  # the text of an answer of openai<1 is JSON
            texts |= {"response": "response", "image": "image"}
        walker = Walker(self.context.tracer, read, frozenset({"image"}), texts, _stops_at_helper)
        answer.trail = walker.follow(site.results)
        return answer

    def _read_response(self, answer: Answer, state: State, step: Step, node: ast.expr) -> State | None:
        kind, name = step
        module = state.module
        if answer.site.dialect == "legacy":
            answer.accesses.append((state, step, node))
        if answer.site.dialect == "http" and state.kind in {"raw", "json"}:
            found = http_step(state, step, node)
            if found is not None:
                if found.kind == "response":
                    answer.parsed.append((module, _whole_value(module, found)))
                return found
            if state.kind == "raw":
                return None

        def to(new: str, *path: Step) -> State:
            return State(module, node, new, tuple(path))

        match state.kind, name:
            case "raw", "parse":
                return to("response", ("call", None))
            case "raw", "json":
                return to("response", ("call", None))
            case "raw", "text" | "content" | "read":
                return to("json", ("call", None)) if name == "read" else to("json")
            case "response", "data":
                return to("data")
            case "response" | "image", "__dict__":
                return to(state.kind)
            case "response" | "image", str() if name in _AS_DICT and kind == "attr":
                return to(state.kind, ("call", None))
            case "response" | "image", str() if name in _AS_JSON and kind == "attr":
                return to(f"json-{state.kind}" if state.kind == "image" else "json", ("call", None))
            case "json" | "json-image", "json.loads":
                answer.parsed.append((module, node))
                return to("image" if state.kind == "json-image" else "response")
            case "response" | "image", "json.loads" if answer.site.dialect == "legacy":
                return to(state.kind)
            case "response", "get":
                return self._dict_get(state, node, {"data": "data"})
            case "data", "[:]":
                return to("data")
            case "data", "pop" | "__getitem__":
                return to("image", ("call", None))
            case "data", None | int():
                return to("image")
            case "image", "url":
                answer.reads.append(Read(answer.site, module, node))
                return None
            case "image", "b64_json":
                answer.b64_reads.append((module, node))
                return None
            case "image", "revised_prompt":
                answer.revised.append((module, node))
                return None
            case "image", "get" | "pop" | "setdefault":
                call = module.parent(node)
                if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                    return self._read_response(answer, state, ("key", str(call.args[0].value)), call)
        return None

    def _dict_get(self, state: State, node: ast.expr, kinds: dict[str, str]) -> State | None:
        call = state.module.parent(node)
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
            kind = kinds.get(str(call.args[0].value))
            return State(state.module, call, kind) if kind else None
        return None

    def _mark_guarded(self, answer: Answer) -> None:
        """Code that takes the base64 where there is no url works as it is."""
        if not answer.b64_reads:
            return
        ways = [_guards_url(read.module, read.node) for read in answer.reads]
        if answer.site.dialect == "legacy":
            # a key that is not there is an error, unless it is asked for with get()
            ways = [
                way and isinstance(read.node, ast.Call) for way, read in zip(ways, answer.reads, strict=True)
            ]
        if answer.reads and all(ways):
            for read in answer.reads:
                read.guarded = True
            return
        for read in answer.reads:
            read.guarded = _after_b64(read.module, read.node)

    # following urls

    def _follow_url(self, read: Read) -> Trail:
        def passes(state: State, step: Step, node: ast.expr) -> State | None:
            if step[0] == "attr" and step[1] in {"strip", "encode", "rstrip", "lstrip"}:
                return State(state.module, node, state.kind, (("call", None),))
            if state.kind == "json" and step == ("call", "json.loads"):
                return State(state.module, node, URL)
            return None

        walker = Walker(
            self.context.tracer,
            passes,
            frozenset({URL, "text"}),
            {URL: "text", "text": "text", "json": "json"},
            _stops_at_helper,
            _URL_LIMIT,
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
            and is_test_path(module.path)
            and not is_test_path(read.module.path)
        ):
            return End("text", "safe", "IMG011", module, event.parent or node, tested=True)
        match event.what:
            case "truth" if not state.path and _measures(module, event.parent):
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
                if _handles_data_uris(module, node):
                    return End("text", "safe", "IMG011", module, node)
                if name in {"startswith", "endswith"}:
                    return End(
                        "text", "review", "IMG013", module, event.parent or node,
                        f"The url is tested with {name}() here; a data: URI starts with \"data:\".",
                        "Make sure that the test lets a data: URI through.",
                    )  # fmt: skip
                return End(
                    "text", "manual", "IMG013", module, event.parent or node,
                    "The text of the url is taken apart here; a picture without a url has no such parts.",
                    "Choose a file name or a check of your own, then run the tool again.",
                )  # fmt: skip
            case "compare" if state.path:
                return End("any", "safe", "IMG010", module, node)
            case "compare":
                if isinstance(event.parent, ast.Compare) and _compares_to_empty(event.parent, node):
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
                    self._suggestion("IMG012"),
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
            "" if fix == "safe" else self._suggestion("IMG012"),
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
        if consumer is None:
            if _writes_text(call):
                if state.kind == "json" or not _is_page(read):
                    return End(
                        "text", "review", "IMG017", module, node,
                        "The url is written to a file, and whoever reads it later gets a data: URI.",
                        self._suggestion("IMG017"),
                    )  # fmt: skip
                return End("text", "safe", "IMG011", module, node, "The url is written as text.")
            return End(
                "text", "review", "IMG012", module, call,
                f"{called}() gets the url, and it is not known whether it takes a data: URI.",
                self._suggestion("IMG012"),
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
        if consumer.attachment and state.kind == URL and not state.path:
            attached = self._attached(event, call, consumer)
            if attached is not None:
                return attached
        return End(
            "text", "manual", "IMG013", module, call,
            f"{called}() ({consumer.title}) needs a real url; it takes no data: URI.",
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
        if not reads or consumer.bytes_argument or consumer.bytes_form == "file":
            return None
        found = Decoding(reads, node, node, module, ())
        return End(
            "b64", "safe", "IMG013", module, node,
            f"{module.source(call.func)}() ({consumer.title}) gets the picture's bytes instead of a url.",
            decoding=found,
        )  # fmt: skip

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
        if _handles_data_uris(module, node):
            return End("text", "safe", "IMG011", module, node)
        if state.kind != URL or state.path:
            return End(
                "text", "manual", "IMG013", module, call, f"{called}() gets a text that contains the url."
            )
        library = _library(self.consumers.names(module, callee))
        awaited = isinstance(module.parent(call), ast.Await)
        download = Download(module, call, node, library, awaited, shift)
        found = decoding(self.marked, self.context.tracer, download)
        if found is not None and "data-uri" not in consumer.accepts:
            return End(
                "b64" if found.local else "text", "safe", "IMG010", module, call,
                f"The picture is in the answer: it is decoded instead of fetched with {called}().",
                decoding=found,
            )  # fmt: skip
        if "data-uri" in consumer.accepts:
            return End("text", "safe", "IMG011", module, call, f"{called}() reads a data: URI as it is.")
        if "bytes" in consumer.accepts:
            as_bytes = self._as_bytes(event, call, consumer)
            if as_bytes is not None:
                return as_bytes
        edits = teaching(download, self.context.url_as, self.context.picture)
        if edits is not None:
            return End(
                "text", "safe", "IMG014", module, call,
                f"{called}() learns to read a data: URI; ordinary urls are fetched as before.",
                edits=edits,
            )  # fmt: skip
        return End(
            "text", "manual", "IMG013", module, call,
            f"{called}() ({consumer.title}) cannot read a data: URI.",
            consumer.suggestion,
        )  # fmt: skip

    def _suggestion(self, rule: str) -> str:
        found = self.context.catalog.rules.get(rule)
        return found.suggestion if found else ""

    # planning

    def forms(self) -> dict[ast.expr, str]:
        """The form of every url read: ``b64`` or ``text``. Reads that share a consumer share the form."""
        forms: dict[ast.expr, str] = {}
        for read in self._site_of_read.values():
            wanted = {end.form for end in read.ends}
            forms[read.node] = "b64" if wanted and "text" not in wanted else "text"
        changed = True
        while changed:
            changed = False
            for read in self._site_of_read.values():
                for end in read.ends:
                    if end.decoding is None:
                        continue
                    if any(forms.get(other) == "text" for other in end.decoding.reads):
                        for other in end.decoding.reads:
                            if forms.get(other) != "text":
                                forms[other] = "text"
                                changed = True
        return forms

    def plan(self, site: Site, plan: Plan, forms: dict[ast.expr, str]) -> None:
        """Add the parts that make the consumers of a site's answer work."""
        answer = self.answers[id(site)]
        plan.parts.extend(asked_for(answer))
        plan.parts.extend(mixed_parts(self.context.tracer, answer, self._known))
        for read in answer.reads:
            plan.needs.update(self._readers[read.node] - {id(site)})
            if not read.guarded:
                self._plan_read(plan, read, forms[read.node])
        self._plan_revised(site, plan, answer)
        self._plan_whole(site, plan, answer)

    def _plan_read(self, plan: Plan, read: Read, form: str) -> None:
        kind = self.context.url_as if form == "text" else "b64"
        parts: list[Part] = []
        for end in read.ends:
            if end.tested:
                plan.tested.append((end.module, end.node))
            edits = list(end.edits)
            fix = end.fix
            if end.decoding is not None:
                decode_form = "b64" if form == "b64" else "file" if kind == "file" else "data-uri"
                edits.extend(end.decoding.edits(decode_form))
                for other in end.decoding.reads:
                    plan.needs.add(id(self._site_of_read[other].site))
            if kind == "review" and end.form == "text" and end.rule not in {"IMG014", "IMG036"}:
                fix = "review" if fix == "safe" else fix
            if end.message:
                parts.append(
                    Part(end.rule, fix, end.module, end.node, end.message, end.suggestion, tuple(edits))
                )
            elif edits:
                parts.append(
                    Part(end.rule, fix, end.module, end.node, "The picture is decoded.", "", tuple(edits))
                )
        if any(part.rule in {"IMG012", "IMG017"} for part in parts):
            parts.extend(self._linked(read))
        gone = any(isinstance(end.decoding, Attaching) and end.decoding.replaces_read for end in read.ends)
        edits_of_read = () if gone else self._read_edits(read, kind)
        if edits_of_read is None:
            parts.append(
                Part(
                    "IMG027",
                    "manual",
                    read.module,
                    read.node,
                    "This way of reading the url is not understood.",
                )
            )
            edits_of_read = ()
        rule = {"b64": "IMG010", "file": "IMG018"}.get(kind, "IMG011")
        if kind == "b64" and any(part.rule == "IMG010" and part.edits for part in parts):
            first = next(part for part in parts if part.rule == "IMG010" and part.edits)
            parts[parts.index(first)] = replace(first, edits=first.edits + edits_of_read)
            plan.parts.extend(parts)
            return
        message = {
            "b64": "The picture is read as base64.",
            "file": "The picture is saved and its path takes the place of the url.",
        }.get(kind, "The url becomes a data: URI made of the picture's base64.")
        if not gone:
            parts.append(Part(rule, "safe", read.module, read.node, message, edits=edits_of_read))
        plan.parts.extend(parts)

    def _linked(self, read: Read) -> list[Part]:
        """Downloads that may meet the url later: they read a key or attribute of the name that it was kept under."""
        assert read.trail is not None
        names = {value for state in read.trail.states for _, value in state.path if isinstance(value, str)}
        if not names or self.context.url_as == "review":
            return []
        self.context.index.search(*sorted(names))
        reached = {end.node for end in read.ends}
        parts: list[Part] = []
        for path in sorted(self.context.index.modules):
            module = self.context.index.modules[path]
            for call in module.calls:
                if call in reached:
                    continue
                for argument in call.args[:1]:
                    if _kept_name(module, argument) not in names:
                        continue
                    consumer = self.consumers.find(module, call, argument)
                    if consumer is None or consumer.role != "download" or helpers_stop(module, call):
                        continue
                    library = _library(self.consumers.names(module, call.func))
                    edits = teaching(
                        Download(module, call, argument, library, awaited=False),
                        self.context.url_as,
                        self.context.picture,
                    )
                    if edits is not None:
                        parts.append(
                            Part(
                                "IMG014",
                                "safe",
                                module,
                                call,
                                f"{module.source(call.func)}() may get the picture from here on, so it learns to read "
                                "a data: URI; ordinary urls are fetched as before.",
                                edits=edits,
                            )
                        )
        return parts

    # the read itself

    def _read_edits(self, read: Read, kind: str) -> tuple[FileEdit, ...] | None:
        module, node = read.module, read.node
        value, rename = self._renamed(module, node)
        if read.site.dialect == "legacy" and self.context.sdk == "latest":
            rename = read_as(module, node, f".{B64}")
        if rename is None:
            return None
        if kind == "b64":
            return ((module.path, rename),)
        if kind == "file":
            folder = self.context.url_folder
            name, code = helpers.placed(
                module, helpers.SAVE, helpers.save_helper(folder, self.context.picture).strip("\n")
            )
            code, imports = with_imports(module, code, ("base64", "pathlib", "uuid"))
            before, after = f"{name}(", ")"
            return (
                (module.path, rename),
                (module.path, Around(module.span(node), module.span(node), before, after)),
                (module.path, AddHelper(code)),
                *imports,
            )
        del value
        prefix = f"data:image/{self.context.picture};base64,"
        parent = module.parent(node)
        span = module.span(node)
        text = module.file.text
        if isinstance(parent, ast.FormattedValue) and parent.conversion == -1 and parent.format_spec is None:
            brace = span.start - 1
            while brace >= 0 and text[brace] in " \t":
                brace -= 1
            end = span.end
            while end < len(text) and text[end] in " \t":
                end += 1
            if text[brace] == "{" and text[end : end + 1] == "}":
                return ((module.path, rename), (module.path, Replace(Span(brace, brace), prefix)))
        inside = _in_fstring(module, node)
        source = module.source(node)
        plain = (
            not any(mark in source for mark in "'\"\\\n\r{}#")
            and isinstance(node, ast.Attribute)
            and not inside
            and not any(
                isinstance(child, ast.Call) for child in ast.walk(node)
            )  # a change there may add quotes
        )
        if plain:
            quote = quote_of(module)
            around = Around(span, span, f"f{quote}{prefix}{{", f"}}{quote}")
        else:
            quote = quote_of(module)
            if inside:
                quote = "'" if '"' in inside else '"'
            before, after = f"{quote}{prefix}{quote} + ", ""
            if _needs_parentheses(module, node):
                before, after = f"({before}", ")"
            around = Around(span, span, before, after)
        return ((module.path, rename), (module.path, around))

    def _renamed(self, module: Module, node: ast.expr) -> tuple[ast.expr | None, Replace | None]:
        """The edit that reads ``b64_json`` instead of ``url``, in whatever way the url was read."""
        match node:
            case ast.Attribute(value=value):
                span = module.span(node)
                name = Span(span.end - len(URL), span.end)
                if module.file.text[name.start : name.end] != URL:
                    return None, None
                return value, Replace(name, B64)
            case ast.Subscript(value=value, slice=ast.Constant() as key):
                return value, Replace(module.span(key), string_literal(B64, module.source(key)))
            case ast.Call(args=args):
                for argument in args:
                    if isinstance(argument, ast.Constant) and argument.value == URL:
                        return node, Replace(
                            module.span(argument), string_literal(B64, module.source(argument))
                        )
        return None, None

    # revised_prompt and whole answers

    def _plan_revised(self, site: Site, plan: Plan, answer: Answer) -> None:
        for module, node in answer.revised:
            fallback = self._prompt_at(site, module, node)
            demanded = _is_demanded(module, node)
            reading: tuple[FileEdit, ...] = ()
            if site.dialect == "http" or (site.dialect == "legacy" and self.context.sdk == "keep"):
                # what is not in a JSON answer, or in one of openai<1, is no None there, but an error
                quote = "'" if '"' in _in_fstring(module, node) else '"'
                found = read_as(module, node, f".get({quote}{REVISED}{quote})")
                reading = ((module.path, found),) if found and not isinstance(node, ast.Call) else ()
                if reading:
                    plan.parts.append(
                        Part("IMG016", "safe", module, node, "The field is missing now.", edits=reading)
                    )
            if _is_tested(module, node) and not (demanded and fallback):
                if demanded:
                    plan.parts.append(
                        Part(
                            "IMG016", "manual", module, node,
                            "GPT Image returns no revised prompt, and this code insists on one.",
                            "Drop the check, or use the prompt itself.",
                        )
                    )  # fmt: skip
                continue
            span = module.span(node)
            inside = _in_fstring(module, node)
            quote = quote_of(module)
            if inside:
                quote = "'" if '"' in inside else '"'
            before, after = "", f" or {fallback or quote * 2}"
            parent = module.parent(node)
            if _needs_parentheses(module, node) and not isinstance(parent, ast.FormattedValue):
                before, after = "(", after + ")"
            careful = not fallback and self._is_worked_on(module, node)
            plan.parts.append(
                Part(
                    "IMG016",
                    "review" if careful else "safe",
                    module,
                    node,
                    "GPT Image returns no revised prompt; "
                    + ("the prompt itself takes its place." if fallback else "it is empty from now on.")
                    + (" Make sure that the code after it takes an empty text." if careful else ""),
                    edits=((module.path, Around(span, span, before, after)),),
                )
            )

    def _is_worked_on(self, module: Module, node: ast.expr) -> bool:
        """Whether code takes the revised prompt apart, so that an empty one may break it."""

        def read(state: State, step: Step, reading: ast.expr) -> State | None:
            del state, step, reading
            return None

        walker = Walker(self.context.tracer, read, frozenset({"revised", "part"}), {"revised": "part"})
        for event in walker.follow([State(module, node, "revised")]).events:
            if event.what in {"access", "compare", "operate"} and not event.state.path:
                return True
            if event.what == "argument" and isinstance(event.parent, ast.Call):
                consumer = self.consumers.find(event.state.module, event.parent, event.state.node)
                if consumer is None and not event.state.path and not _writes_text(event.parent):
                    return True
        return False

    def _prompt_at(self, site: Site, module: Module, node: ast.expr) -> str:
        """The expression that holds the prompt where the revised one is read, if it means the same there."""
        for argument_call in site.calls:
            given = [
                (argument_call.module, keyword.value)
                for keyword in argument_call.call.keywords
                if keyword.arg == "prompt"
            ]
            for where, value in (*given, *prompt_of(site, self.context.tracer)):
                if where is not module:
                    continue
                if module.function(value) is not module.function(node) or not is_simple(value):
                    return ""
                root: ast.expr = value
                while isinstance(root, (ast.Attribute, ast.Subscript)):
                    root = root.value
                if not isinstance(root, ast.Name):
                    return ""
                bindings = module.bindings(root)
                if len(bindings) == 1:
                    binding = next(iter(bindings))
                    if len(binding.scope.bindings.get(root.id, ())) == 1:
                        return module.source(value)
        return ""

    def _plan_whole(self, site: Site, plan: Plan, answer: Answer) -> None:
        """The whole answer leaves: whoever gets it will look for a url."""
        assert answer.trail is not None
        leaks: list[tuple[Module, ast.AST, str]] = []
        for event in answer.trail.events:
            if event.what in {"truth", "discard", "key"}:
                continue
            if event.what == "access" and not _walks_fields(event):
                continue
            if event.what == "compare" and (event.state.path or is_membership(event)):
                continue
            if event.what == "argument" and isinstance(
                event.state.module.statement(event.state.node), ast.Raise
            ):
                continue  # text for people
            if event.what == "operate" and isinstance(event.parent, (ast.JoinedStr, ast.BinOp)):
                continue  # text for people
            module, node = event.state.module, event.state.node
            if event.what == "return":
                name = getattr(event.parent, "name", "the function")
                leaks.append(
                    (module, node, f"{name} hands the answer to code outside the project ({event.detail})")
                )
            elif event.what != "argument":
                leaks.append(
                    (module, event.parent or node, "the answer goes where this tool cannot follow it")
                )
            elif event.what == "argument" and isinstance(event.parent, ast.Call):
                consumer = self.consumers.find(module, event.parent, node)
                if consumer is not None and consumer.id == "text-kept":
                    continue  # text for people
                if consumer is None or consumer.role != "log" or self._is_output(event, event.parent):
                    leaks.append(
                        (module, event.parent, f"{module.source(event.parent.func)}() gets the answer")
                    )
        if not leaks:
            return
        if answer.b64_reads and not answer.reads:
            return
        edits = self._with_urls(site, answer)
        module, place, why = leaks[0]
        plan.parts.append(
            Part(
                "IMG015",
                "review" if edits else "manual",
                module,
                place if hasattr(place, "lineno") else site.node,
                f"The whole answer leaves the project's sight: {why}. Its pictures have no url any more.",
                self._suggestion("IMG015"),
                edits,
            )
        )

    def _is_output(self, event: Event, call: ast.Call) -> bool:
        """Whether a program prints JSON that it made with the answer, for another program to read."""
        node = event.state.node
        qualified = self.context.tracer.qualified
        return (
            isinstance(node, ast.Call)
            and qualified(event.state.module, node.func) == "json.dumps"
            and qualified(event.state.module, call.func) == "builtins.print"
        )

    def _with_urls(self, site: Site, answer: Answer) -> tuple[FileEdit, ...]:
        """Give the pictures of an answer their url back, as a data: URI, where the answer arrives."""
        edits: list[FileEdit] = []
        if site.dialect == "http":
            return self._with_urls_in_json(answer)
        for state in site.results:
            if state.kind != "response" or state.path:
                return ()
            module, node = state.module, state.node
            parent = module.parent(node)
            function = module.function(node)
            if not (isinstance(node, ast.Call) and node.func is site.method):
                return ()
            if isinstance(parent, ast.Await):
                node = parent
            elif (
                isinstance(function, ast.AsyncFunctionDef) and isinstance(parent, ast.Return)
            ) or isinstance(parent, ast.Lambda):
                return ()
            span = module.span(node)
            helper = helpers.with_urls_helper(self.context.picture).strip("\n")
            name, code = helpers.placed(module, helpers.WITH_URLS, helper)
            edits.append((module.path, Around(span, span, f"{name}(", ")")))
            edits.append((module.path, AddHelper(code)))
        return tuple(edits)

    def _with_urls_in_json(self, answer: Answer) -> tuple[FileEdit, ...]:
        """The same where the answer is a mapping that was read from JSON."""
        edits: list[FileEdit] = []
        whole = [(s.module, s.node) for s in answer.site.results if s.kind == "response" and not s.path]
        for module, node in dict.fromkeys((*answer.parsed, *whole)):
            parent = module.parent(node)
            span = module.span(parent if isinstance(parent, ast.Await) else node)
            helper = helpers.with_urls_in_json_helper(self.context.picture).strip("\n")
            name, code = helpers.placed(module, helpers.WITH_URLS_IN_JSON, helper)
            edits.append((module.path, Around(span, span, f"{name}(", ")")))
            edits.append((module.path, AddHelper(code)))
        return tuple(edits)


def _whole_value(module: Module, state: State) -> ast.expr:
    """The expression that holds what a method gives: its call, where the state is the method itself."""
    parent = module.parent(state.node)
    if state.path == (("call", None),) and isinstance(parent, ast.Call):
        return parent
    return state.node


def _stops_at_helper(state: State, parent: ast.AST | None) -> bool:
    """What this tool's own helpers receive needs no further thought."""
    return helpers.calls_own(state.module, parent)


def helpers_stop(module: Module, call: ast.Call) -> bool:
    """Whether a call stands inside one of this tool's own helpers."""
    function = module.function(call)
    return helpers.is_own(module, getattr(function, "name", ""))


def _kept_name(module: Module, node: ast.expr) -> str | None:
    """The key or attribute under which a value was kept, one assignment away at most."""
    if isinstance(node, ast.Name):
        bindings = module.bindings(node)
        if len(bindings) == 1:
            value = next(iter(bindings)).value
            return (
                _kept_name(module, value) if value is not None and not isinstance(value, ast.Name) else None
            )
        return None
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return node.slice.value if isinstance(node.slice.value, str) else None
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and node.args
    ):
        key = node.args[0]
        return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
    return None


def _library(names: list[str]) -> str:
    for name in names:
        if name.startswith("requests") or name.endswith("create_scraper.get"):
            return "requests"
        if name.startswith("aiohttp.") and name.endswith("get"):
            return "aiohttp"
        if name.startswith("httpx."):
            if name.endswith("stream"):
                return "httpx-stream"
            if "AsyncClient" in name:
                return "httpx-async" if name.endswith(".get") else "other"
            return "httpx" if name.endswith(".get") else "other"
    return "other"


def _is_route(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        name in _ROUTES and isinstance(decorator.func if isinstance(decorator, ast.Call) else decorator,
                                       (ast.Attribute, ast.Name))
        for name, decorator in zip(decorator_names(function), function.decorator_list, strict=True)
    )  # fmt: skip


def _compares_to_empty(compare: ast.Compare, node: ast.expr) -> bool:
    return all(
        isinstance(other, ast.Constant) and other.value in (None, "")
        for other in (compare.left, *compare.comparators)
        if other is not node
    )


def shortened(read: Read, module: Module, call: ast.Call, consumer: Consumer) -> tuple[FileEdit, ...]:
    """Edits that keep all but the start of a picture out of a log; none where its name does not stand in the call."""
    assert read.trail is not None
    if not consumer.id.startswith("logg"):
        return ()
    urls = {state.node for state in read.trail.states if state.kind == URL and not state.path}
    found: list[FileEdit] = []
    for argument in call.args:
        plain = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
        for part in plain:
            node = part.value if isinstance(part, ast.FormattedValue) else part
            if isinstance(node, ast.Name) and node in urls:
                span = module.span(node)
                found.append((module.path, Around(span, span, "str(", f")[:{_SHORT}]")))
    return tuple(found)


def _measures(module: Module, call: ast.AST | None) -> bool:
    """Whether the length of a text is compared with a limit that a url can keep and a picture cannot."""
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "len"):
        return False
    compare = module.parent(call)
    return isinstance(compare, ast.Compare) and any(
        not (isinstance(side, ast.Constant) and isinstance(side.value, int) and side.value < _SHORT)
        for side in (compare.left, *compare.comparators)
        if side is not call
    )


def _writes_text(call: ast.Call) -> bool:
    """``file.write(text)`` and ``path.write_text(text)`` keep a string, whatever it says."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in {
        "write", "write_text", "writelines", "writerow", "writerows",
    }  # fmt: skip


def _walks_fields(event: Event) -> bool:
    """Whether code goes over all fields of a picture: it meets ``url`` without naming it."""
    parent = event.parent
    if isinstance(parent, ast.Attribute):
        return parent.attr in {"items", "values", "keys"}
    if isinstance(parent, ast.Subscript):  # item[name]: which field that is, is not in the code
        return not isinstance(parent.slice, (ast.Constant, ast.Slice))
    return isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension))


def _is_page(read: Read) -> bool:
    """Whether the url is put into HTML or Markdown on its way."""
    assert read.trail is not None
    for state in read.trail.states:
        if state.kind == "text" and isinstance(state.node, (ast.JoinedStr, ast.BinOp, ast.Call)):
            for child in ast.walk(state.node):
                if isinstance(child, ast.Constant) and isinstance(child.value, str):
                    if any(mark in child.value for mark in ("<", "](", "{{")):
                        return True
    return False


def _handles_data_uris(module: Module, node: ast.expr) -> bool:
    """Whether the function around a url already has a branch for ``data:`` URIs."""
    function = module.function(node)
    if function is None:
        return False
    for child in ast.walk(function):
        if (
            isinstance(child, ast.Call)
            and isinstance(child.func, ast.Attribute)
            and child.func.attr in {"startswith", "match", "partition", "split"}
            and any(
                isinstance(a, ast.Constant) and isinstance(a.value, str) and a.value.startswith("data:")
                for argument in child.args
                for a in (argument.elts if isinstance(argument, ast.Tuple) else [argument])
            )
        ):
            return True
    return False


def _in_fstring(module: Module, node: ast.AST) -> str:
    """The opening of the f-string around a node, prefix and quote, or an empty text."""
    parent = module.parent(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.JoinedStr):
            source = module.source(parent)
            return (
                source[: source.find('"') + 1]
                if source.rstrip().endswith('"')
                else source[: source.find("'") + 1]
            )
        parent = module.parent(parent)
    return ""


def _needs_parentheses(module: Module, node: ast.expr) -> bool:
    """Whether an operator expression in this place would be read differently."""
    parent = module.parent(node)
    if isinstance(
        parent, (ast.Assign, ast.AnnAssign, ast.Return, ast.keyword, ast.List, ast.Tuple, ast.Set, ast.Dict)
    ):
        return False
    if isinstance(parent, ast.Call):
        return parent.func is node
    if isinstance(parent, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.Expr, ast.Yield, ast.NamedExpr)):
        return False
    return not isinstance(parent, (ast.FormattedValue, ast.If, ast.While))


def _is_tested(module: Module, node: ast.expr) -> bool:
    """Whether the code copes with ``None`` itself: a test, an ``or``, or a branch on the same expression."""
    parent = module.parent(node)
    if isinstance(parent, ast.BoolOp):
        return parent.values[-1] is not node
    if isinstance(parent, (ast.If, ast.While, ast.UnaryOp, ast.Assert, ast.Compare)):
        return True
    if isinstance(parent, ast.IfExp) and parent.test is node:
        return True
    return bool(_branch_on(module, node, ast.dump(node)))


def _is_demanded(module: Module, node: ast.expr) -> bool:
    """Whether code raises or gives up when the value is missing."""
    parent = module.parent(node)
    if isinstance(parent, ast.Assert):
        return True
    if isinstance(parent, (ast.UnaryOp, ast.Compare)):
        statement = module.parent(parent)
        return isinstance(statement, ast.If) and any(
            isinstance(s, (ast.Raise, ast.Return)) for s in statement.body
        )
    return False


def _branch_on(module: Module, node: ast.AST, wanted: str) -> ast.AST | None:
    """The ``if`` around a node whose test mentions the same expression, with the node in its body."""
    child, parent = node, module.parent(node)
    while parent is not None and not isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
        if (isinstance(parent, ast.If) and child in parent.body) or (
            isinstance(parent, ast.IfExp) and child is parent.body
        ):
            assert isinstance(parent, (ast.If, ast.IfExp))
            if any(
                ast.dump(inner) == wanted for inner in ast.walk(parent.test) if isinstance(inner, ast.expr)
            ):
                return parent
        child, parent = parent, module.parent(parent)
    return None


def _guards_url(module: Module, node: ast.expr) -> bool:
    """Whether a url is only used where it is known to be there."""
    parent = module.parent(node)
    if isinstance(parent, ast.BoolOp):
        return parent.values[-1] is not node
    if isinstance(parent, (ast.If, ast.While, ast.Assert)) or (
        isinstance(parent, ast.IfExp) and parent.test is node
    ):
        return True
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        return not _raises(module, parent)
    if isinstance(parent, ast.Compare):
        return True
    if _branch_on(module, node, ast.dump(node)) or _after_b64(module, node) or has_url_test(module, node):
        return True
    if (
        isinstance(parent, ast.Assign)
        and len(parent.targets) == 1
        and isinstance(parent.targets[0], ast.Name)
    ):
        target = parent.targets[0]
        for binding in module.scope_at(target).bindings.get(target.id, ()):
            if binding.node is target:
                return bool(binding.uses) and all(_use_is_guarded(module, use) for use in binding.uses)
    return False


def _use_is_guarded(module: Module, use: ast.Name) -> bool:
    parent = module.parent(use)
    if isinstance(parent, (ast.If, ast.While, ast.UnaryOp, ast.Compare)):
        return True
    if isinstance(parent, ast.BoolOp):
        return parent.values[-1] is not use
    if isinstance(parent, ast.IfExp) and parent.test is use:
        return True
    return bool(_branch_on(module, use, ast.dump(use)))


def _raises(module: Module, test: ast.expr) -> bool:
    statement = module.parent(test)
    return isinstance(statement, ast.If) and any(isinstance(s, ast.Raise) for s in statement.body)


def _after_b64(module: Module, node: ast.AST) -> bool:
    """Whether a url is only read where a test for base64 failed."""
    child, parent = node, module.parent(node)
    while parent is not None and not isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
        orelse = parent.orelse if isinstance(parent, (ast.If, ast.IfExp)) else None
        inside = child is orelse or (isinstance(orelse, list) and child in orelse)
        if inside and isinstance(parent, (ast.If, ast.IfExp)):
            for inner in ast.walk(parent.test):
                if isinstance(inner, ast.Attribute) and inner.attr == B64:
                    return True
                if isinstance(inner, ast.Constant) and inner.value == B64 and not _names_format(parent.test):
                    return True
        child, parent = parent, module.parent(parent)
    return False


def _names_format(test: ast.expr) -> bool:
    return any(isinstance(inner, ast.Name) and "format" in inner.id for inner in ast.walk(test))
