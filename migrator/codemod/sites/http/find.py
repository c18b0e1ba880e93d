"""Finding call sites without the SDK: requests that HTTP clients send to the Images API.

The search starts at the texts that end in the path of an endpoint and follows them to the calls that they reach;
then every other call that sends a request is asked for its url, which may be put together of smaller pieces.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.catalog.http import Post
from migrator.codemod.flow.naming import callable_names
from migrator.codemod.flow.origins import Constant, Display
from migrator.codemod.sites.http.bodies import BodyReader, argument
from migrator.codemod.sites.http.glance import Glance
from migrator.codemod.sites.http.hosts import HostReader
from migrator.codemod.sites.http.pieces import Pieces
from migrator.codemod.sites.http.reached import Reach
from migrator.codemod.sites.http.results import ResultReader, called
from migrator.codemod.sites.http.templates import template
from migrator.codemod.sites.http.texts import OWN, UNKNOWN
from migrator.codemod.sites.http.unaddressed import Unaddressed
from migrator.codemod.sites.http.urls import Address, Frame
from migrator.codemod.sites.site import ArgumentCall, Receiver, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.queries import Catalog
    from migrator.codemod.flow.forward import State
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.project import ProjectIndex
    from migrator.codemod.sites.http.templates import Template

_FRAMES = 3
"""How many helpers may stand between a site and the call that sends."""
_ANY = Post((), (0, 1, "url"), (), ("json",), ("content", "body"), ("data",), ("files",))
_CALLERS = 60
_BODIES = frozenset({"json", "data", "content", "body", "files"})


class HttpFinder:
    """Yields the call sites of all loaded modules that send their requests themselves."""

    def __init__(self, index: ProjectIndex, tracer: Tracer, catalog: Catalog) -> None:
        self.index = index
        self.tracer = tracer
        self.catalog = catalog
        self.facts = catalog.http
        self.hosts = HostReader(tracer, catalog)
        self.reach = Reach(tracer, catalog.http)
        self.answers = ResultReader(tracer, catalog.http)
        self.bodies = BodyReader(tracer, catalog.http)
        self.pieces = Pieces(index, catalog)
        self.glance = Glance(catalog.http)
        self.unaddressed = Unaddressed(tracer, catalog.http, self.glance)
        self.posts = {name: post for post in self.facts.posts for name in post.calls}
        self._sending = {*self.facts.methods, *(one.rpartition(".")[2] for one in self.facts.unread)}
        self._paths = re.compile("|".join(re.escape(path) for path in self.facts.endpoints))
        self.failures: list[tuple[Module, Exception]] = []
        self.dismissed: list[tuple[Module, ast.Call]] = []
        """Calls that send such a request to somebody else: this machine, the program itself."""

    def find(self) -> list[Site]:
        """All sites, each once."""
        found: list[Site] = []
        seen: set[ast.Call] = set()
        pieced = self.pieces.load()
        for path in sorted(self.index.modules):
            module = self.index.modules[path]
            try:
                for where, call, state in self.reach.calls(module):
                    if call not in seen:
                        seen.add(call)
                        found.extend(self._sites(where, call, state))
                for call in module.calls if pieced else ():
                    if call not in seen and self.pieces.may_send(module, call):
                        found.extend(self._pieced(module, call))
                for call in self.unaddressed.calls(module):
                    sent = {one.call for site in found for one in (*site.calls, *site.senders)}
                    if call not in seen and call not in sent:
                        found.append(_unaddressed(module, call))
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
        spelled = {entry.name for body in _texts(site) for entry in body.entries}
        written = spelled | {
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
        spelled = [entry.value for body in _texts(site) for entry in body.entries if entry.name == "model"]
        read = [name for payload in site.payloads for name in self._models(payload.module, payload.node)]
        return [*read, *(name for name in spelled if isinstance(name, str))]

    def _models(self, module: Module, node: ast.expr) -> list[str]:
        path: tuple[Step, ...] = (("key", "model"),)
        return [
            origin.node.value
            for origin in self.tracer.origins(module, node, path)
            if isinstance(origin, Constant) and isinstance(origin.node.value, str)
        ]

    # from calls to sites

    def _sites(self, module: Module, call: ast.Call, state: State) -> Iterator[Site]:
        callee, shift = called(self.tracer, module, call)
        names = callable_names(self.tracer, module, callee)
        post = next((self.posts[name] for name in names if name in self.posts), None)
        if post is None and any(name in self.facts.commands for name in names):
            yield from self._by_command(module, call, "another program sends the request")
        elif any(name in self.facts.unread for name in names):
            why = f"the request or the answer of {module.source(call.func)}() is not followed"
            yield from self._by_command(module, call, why, str(getattr(state.node, "value", "")))
        elif post is not None:
            yield from self._posted(module, call, callee, shift, post)
        elif not module.is_test:
            yield from self._unknown_client(module, call, callee, shift)

    def _pieced(self, module: Module, call: ast.Call) -> Iterator[Site]:
        """A call whose url has the path of an endpoint in pieces, ``f"{base}/images/{operation}"``."""
        callee, shift = called(self.tracer, module, call)
        if isinstance(callee, ast.Attribute) and callee.attr not in self.pieces.verbs:
            return
        names = callable_names(self.tracer, module, callee)
        post = next((self.posts[name] for name in names if name in self.posts), None)
        url = argument(call, post.url, shift) if post is not None else None
        if post is not None and url is not None and self.glance.may_be_ours(module, url):
            yield from self._posted(module, call, callee, shift, post)

    def _posted(
        self, module: Module, call: ast.Call, callee: ast.expr, shift: int, post: Post
    ) -> Iterator[Site]:
        url = argument(call, post.url, shift)
        if url is None or not self._may_post(module, call, post, shift):
            return
        found, rest = self.hosts.addresses(module, url, callee, None, follow=True)
        good = [address for address in found if address.endpoint is not None]
        if not good:
            yield from self._somewhere(module, call, callee, shift, post, found)
            return
        here, _ = self.hosts.addresses(module, url, callee, None, follow=False)
        here = [address for address in here if address.endpoint is not None]
        if here or (len({one.endpoint for one in good}) == 1 and not any(_says_something(t) for t in rest)):
            yield from self._site(module, call, callee, shift, post, None)
            return
        sites = list(self._by_callers(module, call, callee, shift, post, url, None, 0))
        yield from sites
        if not sites and not module.is_test:
            site = Site(
                module, call.func, good[0].endpoint or "generations", Receiver("openai"), dialect="http"
            )
            site.calls.append(ArgumentCall(module, call, len(call.args)))
            site.trouble.append((call, f"it may be sent to {good[0].shown!r}, depending on who calls it"))
            yield site

    def _somewhere(
        self, module: Module, call: ast.Call, callee: ast.expr, shift: int, post: Post, found: list[Address]
    ) -> Iterator[Site]:
        """Which endpoint is asked is not in the code: a site where OpenAI is asked, or the body names its model."""
        if not found:
            return
        for site in self._site(module, call, callee, shift, post, None):
            models = [self.catalog.model(name) for name in self.models(site)]
            if site.receiver.provider in {"openai", "azure"} or any(model is not None for model in models):
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
            here, _ = self.hosts.addresses(module, url, callee, wider, follow=False)
            if any(address.endpoint is not None for address in here):
                yield from self._site(module, call, callee, shift, post, wider)
                continue
            further, _ = self.hosts.addresses(module, url, callee, wider, follow=True)
            if further:
                yield from self._by_callers(module, call, callee, shift, post, url, wider, depth + 1)

    def _may_post(self, module: Module, call: ast.Call, post: Post, shift: int) -> bool:
        if not post.method:
            return True
        method = argument(call, post.method, shift)
        if method is None:
            return True
        texts = self.hosts.urls.texts(module, method)
        return any(text.upper() == "POST" or UNKNOWN in text for text in texts)

    def _site(
        self, module: Module, call: ast.Call, callee: ast.expr, shift: int, post: Post, frame: Frame | None
    ) -> Iterator[Site]:
        url = argument(call, post.url, shift)
        assert url is not None
        good, rest = self.hosts.addresses(module, url, callee, frame, follow=frame is None)
        receiver = self.hosts.receiver(module, callee, good, rest)
        if receiver is None:
            self.dismissed.append((module, call))
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
        results = self.answers.results(module, call, post)
        site.senders.extend(
            ArgumentCall(state.module, state.node)
            for state in results
            if isinstance(state.node, ast.Call) and state.node is not call
        )
        if frame is not None:
            results = self.answers.through(results, frame)
            if any(state.kind == "url" for state in results):
                site.trouble.append((node, "a helper that serves other requests as well reads its answer"))
        if not results and not site.trouble:
            site.trouble.append((node, "its answer was not found"))
        site.results.extend(results)
        yield site

    # what is not a known client

    def _by_command(self, module: Module, call: ast.Call, why: str, url: str = "") -> Iterator[Site]:
        site = Site(module, call.func, "generations", Receiver("openai"), dialect="http")
        site.calls.append(ArgumentCall(module, call, len(call.args)))
        site.trouble.append((call, why))
        texts = [str(constant.value) for constant in module.strings if _inside(module, constant, call)]
        address = self._paths.search(" ".join((*texts, url)))
        if address is not None:
            site.endpoint = self.facts.endpoints[address[0]]
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
            reached = [
                self.hosts.addresses(module, value, callee, None, follow=True)[0] for value in call.args
            ]
            if all(address.is_relative for found in reached for address in found):
                self.dismissed.append((module, call))
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
                    if self.hosts.addresses(module, value, callee, None, follow=False)[0]
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
        elif ours or (name in self._sending and self._hides_a_body(module, call, callee)):
            site = Site(module, call.func, "generations", Receiver("openai"), dialect="http")
            site.calls.append(ArgumentCall(module, call, len(call.args)))
            site.trouble.append((call, f"{module.source(call.func)}() may send it, and is not known here"))
            yield site

    def _hides_a_body(self, module: Module, call: ast.Call, callee: ast.expr) -> bool:
        """Whether what goes to an address of OpenAI is not written here: a form, a parameter."""
        bodies = [keyword.value for keyword in call.keywords if keyword.arg in _BODIES]
        # what carries files asks for pictures, whatever its other fields are, and pycurl is told its body elsewhere
        elsewhere = isinstance(callee, ast.Attribute) and callee.attr not in self.facts.methods
        if not (elsewhere or any(one.arg == "files" for one in call.keywords)) and all(
            isinstance(origin, Display) and isinstance(origin.node, ast.Dict)
            for body in bodies
            for origin in self.tracer.origins(module, body)
        ):
            return False
        for value in (*call.args, *(one.value for one in call.keywords if one.arg == "url")):
            good, rest = self.hosts.addresses(module, value, callee, None, follow=False)
            if good and all(not one.is_relative for one in good):
                receiver = self.hosts.receiver(module, callee, good, rest)
                return receiver is not None and receiver.provider == "openai"
        return False

    def _asks_for_pictures(self, module: Module, node: ast.expr) -> bool:
        for origin in self.tracer.origins(module, node):
            inner = getattr(origin, "node", None)
            if isinstance(inner, ast.Dict):
                keys = {key.value for key in inner.keys if isinstance(key, ast.Constant)}
                if "prompt" in keys and "messages" not in keys:
                    return True
        return False


def _unaddressed(module: Module, call: ast.Call) -> Site:
    site = Site(module, call.func, "generations", Receiver("openai"), dialect="http")
    site.calls.append(ArgumentCall(module, call, len(call.args)))
    site.trouble.append((call, "its body is one for pictures, and its address is not in the code"))
    return site


def _says_something(text: str) -> bool:
    return bool(text.replace(UNKNOWN, "").replace(OWN, "").strip("/"))


def _texts(site: Site) -> Iterator[Template]:
    """The bodies of a site that are written as the text of JSON."""
    for payload in site.payloads:
        found = template(payload.module, payload.node) if payload.form == "text" else None
        if found is not None:
            yield found


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
