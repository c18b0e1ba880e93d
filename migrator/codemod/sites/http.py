"""Finding call sites without the SDK: requests that HTTP clients send to the Images API.

The search starts at the texts that end in the path of an endpoint and follows them to the calls that they reach.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.catalog.http import Post
from migrator.codemod.flow.callables import runner_position
from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.flow.naming import callable_names
from migrator.codemod.flow.origins import Constant, Display, Made
from migrator.codemod.flow.trace import is_test_path
from migrator.codemod.sites.answers import answer_step
from migrator.codemod.sites.bodies import BodyReader, argument
from migrator.codemod.sites.site import ArgumentCall, Receiver, Site
from migrator.codemod.sites.urls import OWN, UNKNOWN, Address, Frame, UrlReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.queries import Catalog
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.project import ProjectIndex

_FRAMES = 3
"""How many helpers may stand between a site and the call that sends."""
_ANY = Post((), (0, 1, "url"), (), ("json",), ("content", "body"), ("data",), ("files",))
_CALLERS = 60


class HttpFinder:
    """Yields the call sites of all loaded modules that send their requests themselves."""

    def __init__(self, index: ProjectIndex, tracer: Tracer, catalog: Catalog) -> None:
        self.index = index
        self.tracer = tracer
        self.catalog = catalog
        self.facts = catalog.http
        self.urls = UrlReader(tracer, catalog.http)
        self.bodies = BodyReader(tracer, catalog.http)
        self.posts = {name: post for post in self.facts.posts for name in post.calls}
        self._paths = re.compile("|".join(re.escape(path) for path in self.facts.endpoints))
        self.failures: list[tuple[Module, Exception]] = []

    def find(self) -> list[Site]:
        """All sites, each once."""
        found: list[Site] = []
        seen: set[ast.Call] = set()
        for path in sorted(self.index.modules):
            module = self.index.modules[path]
            try:
                for where, call, state in self._reached(module):
                    if call not in seen:
                        seen.add(call)
                        found.extend(self._sites(where, call, state))
            except Exception as error:  # a flaw of this tool costs one file, never the run
                self.failures.append((module, error))
        unique: dict[ast.expr, Site] = {}
        for site in found:
            known = unique.setdefault(site.node, site)
            if known is not site:
                _merge(known, site)
        return [site for site in unique.values() if self._stands(site)]

    def _stands(self, site: Site) -> bool:
        models = self.models(site)
        if site.receiver.provider in {"foreign", "unresolved"} and models:
            return any(self.catalog.model(name) is not None for name in models)
        return site.receiver.provider != "unresolved" or not self._strange_fields(site)

    def _strange_fields(self, site: Site) -> set[str]:
        """Fields of the bodies that no image model of OpenAI ever took."""
        written = {
            key.value
            for payload in site.payloads
            for origin in self.tracer.origins(payload.module, payload.node)
            if isinstance(origin, Display) and isinstance(origin.node, ast.Dict)
            for key in origin.node.keys
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
        known = {
            parameter
            for model in self.catalog.models.values()
            for parameters in model.endpoints.values()
            for parameter in parameters
        }
        return written - known

    def models(self, site: Site) -> list[str]:
        """The models that the bodies of a site name."""
        return [name for payload in site.payloads for name in self._models(payload.module, payload.node)]

    def _models(self, module: Module, node: ast.expr) -> list[str]:
        path: tuple[Step, ...] = (("key", "model"),)
        return [
            origin.node.value
            for origin in self.tracer.origins(module, node, path)
            if isinstance(origin, Constant) and isinstance(origin.node.value, str)
        ]

    # from texts to calls

    def _reached(self, module: Module) -> Iterator[tuple[Module, ast.Call, State]]:
        """The calls that get a text which names an endpoint."""
        for constant in module.strings:
            text = str(constant.value)
            if not self._paths.search(text) or "\n" in text.strip():
                continue
            parent = module.parent(constant)
            start: ast.expr = parent if isinstance(parent, ast.JoinedStr) else constant
            todo = [State(module, start, "url")]
            seen: set[ast.expr] = set()
            while todo:
                state = todo.pop()
                if state.node in seen:
                    continue
                seen.add(state.node)
                trail = Walker(self.tracer, _text_step, frozenset(), {"url": "url"}).follow([state])
                for event in trail.events:
                    node = event.parent
                    if event.what == "argument" and isinstance(node, ast.Call):
                        where = event.state.module
                        if self.tracer.qualified(where, node.func) in self.facts.joins:
                            todo.append(State(where, node, "url"))
                        else:
                            yield where, node, event.state
                    elif event.what == "operate" and isinstance(node, ast.BinOp):
                        todo.append(State(event.state.module, node, "url"))

    # from calls to sites

    def _sites(self, module: Module, call: ast.Call, state: State) -> Iterator[Site]:
        callee, shift = self._callee(module, call)
        names = callable_names(self.tracer, module, callee)
        post = next((self.posts[name] for name in names if name in self.posts), None)
        if post is None and any(name in self.facts.commands for name in names):
            yield from self._by_command(module, call, state)
        elif post is not None:
            yield from self._posted(module, call, callee, shift, post)
        elif not is_test_path(module.path):
            yield from self._unknown_client(module, call, callee, shift)

    def _callee(self, module: Module, call: ast.Call) -> tuple[ast.expr, int]:
        position = runner_position(call, self.tracer.qualified(module, call.func))
        if position is not None and position < len(call.args):
            return call.args[position], position + 1
        return call.func, 0

    def _posted(
        self, module: Module, call: ast.Call, callee: ast.expr, shift: int, post: Post
    ) -> Iterator[Site]:
        url = argument(call, post.url, shift)
        if url is None or not self._may_post(module, call, post, shift):
            return
        good, rest = self._addresses(module, url, callee, None, follow=True)
        if not good:
            return
        here, _ = self._addresses(module, url, callee, None, follow=False)
        if here or (len({one.endpoint for one in good}) == 1 and not any(_says_something(t) for t in rest)):
            yield from self._site(module, call, callee, shift, post, None)
            return
        sites = list(self._by_callers(module, call, callee, shift, post, url, None, 0))
        yield from sites
        if not sites and not is_test_path(module.path):
            site = Site(
                module, call.func, good[0].endpoint or "generations", Receiver("openai"), dialect="http"
            )
            site.calls.append(ArgumentCall(module, call, len(call.args)))
            site.trouble.append((call, f"it may be sent to {good[0].shown!r}, depending on who calls it"))
            yield site

    def _by_callers(
        self,
        module: Module,
        call: ast.Call,
        callee: ast.expr,
        shift: int,
        post: Post,
        url: ast.expr,
        frame: Frame | None,
        depth: int,
    ) -> Iterator[Site]:
        """The url is a parameter: each caller that passes one of the Images API is a site of its own."""
        if depth >= _FRAMES:
            return
        where, node = (module, call) if frame is None else _outermost(frame)
        function = where.function(node)
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return
        for caller in self.tracer.callers(where, function).calls[:_CALLERS]:
            wider = _behind(frame, Frame(function, caller))
            here, _ = self._addresses(module, url, callee, wider, follow=False)
            if here:
                yield from self._site(module, call, callee, shift, post, wider)
                continue
            further, _ = self._addresses(module, url, callee, wider, follow=True)
            if further:
                yield from self._by_callers(module, call, callee, shift, post, url, wider, depth + 1)

    def _addresses(
        self, module: Module, url: ast.expr, callee: ast.expr, frame: Frame | None, *, follow: bool
    ) -> tuple[list[Address], list[str]]:
        good: list[Address] = []
        rest: list[str] = []
        bases = self._bases(module, callee)
        for text in self.urls.texts(module, url, frame, follow=follow):
            whole = [text]
            if bases and "://" not in text and not text.startswith((OWN, UNKNOWN)):
                whole = [f"{base.rstrip('/')}/{text.lstrip('/')}" for base in bases]
            for one in whole:
                found = self.urls.address(one)
                if found is None:
                    rest.append(one)
                else:
                    good.append(found)
        return good, rest

    def _bases(self, module: Module, callee: ast.expr) -> list[str]:
        """What a client puts in front of every url."""
        found: list[str] = []
        for where, made, name in self._clients(module, callee):
            base = argument(made, self.facts.bases.get(name, ()), 0)
            if base is None:
                continue
            texts = self.urls.texts(where, base)
            if name.startswith("http.client."):
                texts = [text if text.startswith((OWN, UNKNOWN)) else f"https://{text}" for text in texts]
            found.extend(texts)
        return list(dict.fromkeys(found))

    def _clients(self, module: Module, callee: ast.expr) -> list[tuple[Module, ast.Call, str]]:
        if not isinstance(callee, ast.Attribute):
            return []
        return [
            (origin.module, origin.node, origin.name)
            for origin in self.tracer.origins(module, callee.value)
            if isinstance(origin, Made) and not origin.path
        ]

    def _may_post(self, module: Module, call: ast.Call, post: Post, shift: int) -> bool:
        if not post.method:
            return True
        method = argument(call, post.method, shift)
        if method is None:
            return True
        texts = self.urls.texts(module, method)
        return any(text.upper() == "POST" or UNKNOWN in text for text in texts)

    def _site(
        self, module: Module, call: ast.Call, callee: ast.expr, shift: int, post: Post, frame: Frame | None
    ) -> Iterator[Site]:
        url = argument(call, post.url, shift)
        assert url is not None
        good, rest = self._addresses(module, url, callee, frame, follow=frame is None)
        receiver = self._receiver(module, callee, good, rest)
        if receiver is None:
            return
        endpoints = {address.endpoint for address in good}
        where, node = (module, call) if frame is None else _outermost(frame)
        known = sorted(endpoint for endpoint in endpoints if endpoint is not None)
        site = Site(where, node.func, known[0] if known else "generations", receiver, dialect="http")
        site.calls.append(ArgumentCall(where, node, len(node.args)))
        if frame is not None:
            site.senders.append(ArgumentCall(module, call, len(call.args)))
        bodies = self.bodies.read(module, call, shift, post, frame)
        site.payloads.extend(bodies.payloads)
        site.trouble.extend(bodies.trouble)
        if len(endpoints) > 1 or None in endpoints:
            site.trouble.append((node, "its url can be that of several endpoints"))
        other = [text for text in rest if UNKNOWN not in text and OWN not in text]
        if other:
            site.trouble.append((node, f"its url can also be {other[0]!r}"))
        results = self._results(module, call, post)
        site.senders.extend(
            ArgumentCall(state.module, state.node)
            for state in results
            if isinstance(state.node, ast.Call) and state.node is not call
        )
        if frame is not None:
            results = self._through(results, frame)
            if any(state.kind == "url" for state in results):
                site.trouble.append((node, "a helper that serves other requests as well reads its answer"))
        if not results and not site.trouble:
            site.trouble.append((node, "its answer was not found"))
        site.results.extend(results)
        yield site

    def _receiver(
        self, module: Module, callee: ast.expr, good: list[Address], rest: list[str]
    ) -> Receiver | None:
        made = tuple((where, node) for where, node, _ in self._clients(module, callee))
        if not good or all(address.host in self.facts.local for address in good):
            return None
        if any(address.is_relative for address in good) and is_test_path(module.path):
            return None
        providers = {self._provider(address) for address in good}
        if "azure" in providers:
            return Receiver("azure", made, "the url is one of Azure's")
        if "foreign" in providers:
            shown = next(address.shown for address in good if self._provider(address) == "foreign")
            return Receiver("foreign", made, f"its url is {shown!r}")
        if any(address.is_relative for address in good):
            return Receiver("unresolved", made, "nothing in the code says which host it asks", doubtful=True)
        if providers == {"openai"} and not any(UNKNOWN in text for text in rest):
            return Receiver("openai", made)
        return Receiver("unresolved", made, "the host of its url is not in the code")

    def _provider(self, address: Address) -> str:
        if address.is_azure:
            return "azure"
        if address.is_own:
            return "openai"
        if not address.host:
            return "unresolved"
        for known, provider in self.catalog.calls.hosts.items():
            if address.host == known or address.host.endswith(f".{known}"):
                return provider
        return "foreign"

    # answers

    def _results(self, module: Module, call: ast.Call, post: Post) -> list[State]:
        if post.answer == "call":
            return [State(module, call, "raw")]
        if post.answer == "fetched":
            return self._fetched(module, call)
        found: list[State] = []
        walker = Walker(self.tracer, _request_step, frozenset())
        for event in walker.follow([State(module, call, "request")]).events:
            if event.what != "argument" or not isinstance(event.parent, ast.Call) or event.state.path:
                continue
            where, outer = event.state.module, event.parent
            callee, _ = self._callee(where, outer)
            names = callable_names(self.tracer, where, callee)
            if any(name in self.facts.preparers for name in names):
                inner = walker.follow([State(where, outer, "request")])
                found.extend(
                    State(later.state.module, later.parent, "raw")
                    for later in inner.events
                    if isinstance(later.parent, ast.Call) and _is_send(later.parent)
                )
            elif any(name in self.facts.senders for name in names) or _is_send(outer):
                found.append(State(where, outer, "raw"))
        return list(dict.fromkeys(found))

    def _fetched(self, module: Module, call: ast.Call) -> list[State]:
        """The answer of a connection is fetched from it by a call of its own."""
        if not isinstance(call.func, ast.Attribute):
            return []
        connection = ast.dump(call.func.value)
        wanted = {name.rpartition(".")[2] for name in self.facts.fetchers}
        found = []
        for other in module.calls:
            if (
                isinstance(other.func, ast.Attribute)
                and other.func.attr in wanted
                and ast.dump(other.func.value) == connection
                and module.function(other) is module.function(call)
            ):
                found.append(State(module, other, "raw"))
        return found

    def _through(self, results: list[State], frame: Frame) -> list[State]:
        """What the call of a helper gives, when the request is sent inside it."""
        current: Frame | None = frame
        while current is not None:
            function = current.function
            collected: list[State] = []

            def stop(state: State, parent: ast.AST | None, function: ast.AST = function) -> bool:
                if isinstance(parent, ast.Return) and state.module.function(parent) is function:
                    collected.append(state)  # noqa: B023 - used within this turn of the loop only
                    return True
                return False

            Walker(self.tracer, answer_step, frozenset(), {"json": "json"}, stop).follow(results)
            caller = current.caller
            results = [replace(state, module=caller.module, node=caller.call) for state in collected]
            results = list(dict.fromkeys(results))
            current = current.outer
        return results

    # what is not a known client

    def _by_command(self, module: Module, call: ast.Call, state: State) -> Iterator[Site]:
        site = Site(module, call.func, "generations", Receiver("openai"), dialect="http")
        site.calls.append(ArgumentCall(module, call, len(call.args)))
        site.trouble.append((call, "another program sends the request"))
        texts = " ".join(
            str(constant.value) for constant in module.strings if _inside(module, constant, call)
        )
        address = self._paths.search(texts)
        if address is not None:
            site.endpoint = self.facts.endpoints[address[0]]
        del state
        yield site

    def _unknown_client(self, module: Module, call: ast.Call, callee: ast.expr, shift: int) -> Iterator[Site]:
        """A client whose class is not known sends it, if the body is one for pictures."""
        if not isinstance(callee, ast.Attribute | ast.Name):
            return
        name = callee.attr if isinstance(callee, ast.Attribute) else callee.id
        if name.startswith("assert_") or any(
            call in getattr(f, "decorator_list", ()) for f in [module.parent(call)]
        ):
            return
        if callable_names(self.tracer, module, callee):
            reached = [self._addresses(module, value, callee, None, follow=True)[0] for value in call.args]
            if all(address.is_relative for found in reached for address in found):
                return  # a class of another library that asks itself: a test client, a server
        values = [*call.args[shift:], *(keyword.value for keyword in call.keywords)]
        ours = any(
            self.catalog.model(model) is not None for value in values for model in self._models(module, value)
        )
        if name in self.facts.methods and (ours or any(self._asks_for_pictures(module, v) for v in values)):
            post = _ANY
            url = next(
                (
                    value
                    for value in call.args[shift:]
                    if self._addresses(module, value, callee, None, follow=False)[0]
                ),
                None,
            )
            if url is not None:
                post = replace(_ANY, url=(call.args.index(url) - shift,))
            elif argument(call, ("url",), 0) is None:
                return
            else:
                post = replace(_ANY, url=("url",))
            yield from self._site(module, call, callee, shift, post, None)
        elif ours:
            site = Site(module, call.func, "generations", Receiver("openai"), dialect="http")
            site.calls.append(ArgumentCall(module, call, len(call.args)))
            site.trouble.append((call, f"{module.source(call.func)}() may send it, and is not known here"))
            yield site

    def _asks_for_pictures(self, module: Module, node: ast.expr) -> bool:
        for origin in self.tracer.origins(module, node):
            inner = getattr(origin, "node", None)
            if isinstance(inner, ast.Dict):
                keys = {key.value for key in inner.keys if isinstance(key, ast.Constant)}
                if "prompt" in keys and "messages" not in keys:
                    return True
        return False


def _text_step(state: State, step: Step, node: ast.expr) -> State | None:
    if step[0] == "attr" and step[1] in {
        "strip",
        "rstrip",
        "lstrip",
        "format",
        "replace",
        "encode",
        "joinpath",
    }:
        return State(state.module, node, state.kind, (("call", None),))
    return None


def _request_step(state: State, step: Step, node: ast.expr) -> State | None:
    """``request.prepare()`` is the same request."""
    if step == ("attr", "prepare"):
        return State(state.module, node, state.kind, (("call", None),))
    return None


def _says_something(text: str) -> bool:
    return bool(text.replace(UNKNOWN, "").replace(OWN, "").strip("/"))


def _is_send(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in {"send", "open", "urlopen"}


def _merge(site: Site, other: Site) -> None:
    """One call of a helper that can send in several ways."""
    for payload in other.payloads:
        same = [known for known in site.payloads if known.node is payload.node]
        for known in same:
            wider = replace(known, carriers=known.carriers | payload.carriers)
            site.payloads[site.payloads.index(known)] = wider
        if not same:
            site.payloads.append(payload)
    site.senders.extend(other.senders)
    site.results.extend(result for result in other.results if result not in site.results)
    site.trouble.extend(trouble for trouble in other.trouble if trouble not in site.trouble)


def _outermost(frame: Frame) -> tuple[Module, ast.Call]:
    while frame.outer is not None:
        frame = frame.outer
    return frame.caller.module, frame.caller.call


def _behind(frame: Frame | None, last: Frame) -> Frame:
    """The chain of frames with one more at its end."""
    if frame is None:
        return last
    return Frame(frame.function, frame.caller, _behind(frame.outer, last))


def _inside(module: Module, node: ast.AST, call: ast.Call) -> bool:
    parent: ast.AST | None = node
    while parent is not None:
        if parent is call:
            return True
        parent = module.parent(parent)
    return False
