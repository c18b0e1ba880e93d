"""Runs small projects of these tests in memory, in the DALL-E era or on today's API, without network.

Only programs written in the tests are run here. The point is one question: does a program do the same before the
migration, in the old era, and after it, today?
"""

from __future__ import annotations

import asyncio
import base64
import builtins
import inspect
import io
import re
import types
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, Literal

import requests as real_requests

from tests.codemod.support import TODAY, catalog

Era = Literal["dalle", "today"]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""The only picture that there is in this world."""
_URL = re.compile(r"https://pictures\.example/\d+\.png")
_DATA_URI = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
DALLE = {
    "dall-e-2": {"model", "prompt", "n", "size", "response_format", "user", "image", "mask"},
    "dall-e-3": {"model", "prompt", "n", "size", "response_format", "user", "quality", "style"},
}


async def _quietly(program: Any) -> Any:
    """Awaits a program; a task that it forgets is not logged, which may happen in the middle of any later test."""
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    return await program


class Refused(Exception):  # noqa: N818 - what the API does
    """The API refuses a request."""


class Picture:
    """One entry of an answer."""

    def __init__(self, url: str | None, b64_json: str | None, revised_prompt: str | None) -> None:
        self.url, self.b64_json, self.revised_prompt = url, b64_json, revised_prompt

    def model_dump(self) -> dict[str, Any]:
        return dict(vars(self))

    to_dict = dict = model_dump


class Answer:
    """An answer of the API."""

    def __init__(self, data: list[Picture]) -> None:
        self.created, self.data = 1, data

    def model_dump(self) -> dict[str, Any]:
        return {"created": self.created, "data": [one.model_dump() for one in self.data]}

    to_dict = dict = model_dump

    def parse(self) -> Answer:
        return self


class World:
    """One era. ``requests_made`` are the image requests, ``downloads`` the urls that were fetched."""

    def __init__(self, era: Era) -> None:
        self.era = era
        self.requests_made: list[dict[str, Any]] = []
        self.downloads: list[str] = []
        self._served = 0

    # the API

    def answer(self, endpoint: str, request: dict[str, Any]) -> Answer:
        """What the API says to a request; raises Refused."""
        request = {name: value for name, value in request.items() if name not in {"timeout", "extra_headers"}}
        self.requests_made.append(request)
        count = int(request.get("n") or 1)
        if self.era == "today":
            model = catalog().model(str(request.get("model")))
            if model is None:
                raise Refused(f"no such model: {request.get('model')}")
            found = catalog().problems(endpoint, model, request, TODAY)  # type: ignore[arg-type]
            if found:
                raise Refused(found[0].message)
            text = base64.b64encode(PIXEL).decode()
            return Answer([Picture(None, text, None) for _ in range(count)])
        model_name = request.get("model") or "dall-e-2"
        if model_name not in DALLE or not request.keys() <= DALLE[model_name]:
            raise Refused(f"{model_name}: {sorted(request)}")
        if request.get("response_format") == "b64_json":
            text = base64.b64encode(PIXEL).decode()
            return Answer([Picture(None, text, request.get("prompt")) for _ in range(count)])
        pictures = []
        for _ in range(count):
            self._served += 1
            url = f"https://pictures.example/{self._served}.png"
            pictures.append(Picture(url, None, request.get("prompt")))
        return Answer(pictures)

    # the network

    def fetch(self, url: Any) -> bytes:
        """The bytes behind a url of this world."""
        self.downloads.append(url)
        if not isinstance(url, str) or not _URL.fullmatch(url):
            raise real_requests.exceptions.MissingSchema(f"Invalid URL {url!r}")
        if self.era == "today":
            raise real_requests.exceptions.ConnectionError("nothing is hosted any more")
        return PIXEL

    def get(self, url: Any, **options: Any) -> real_requests.Response:
        """``requests.get``."""
        response = real_requests.Response()
        response.status_code, response.url = 200, str(url)
        response.headers["Content-Type"] = "image/png"
        response.raw = io.BytesIO(self.fetch(url))
        return response

    def urlopen(self, url: Any, *options: Any, **more: Any) -> Any:
        """``urllib.request.urlopen``: it reads data: URIs by itself."""
        text = url.full_url if isinstance(url, urllib.request.Request) else url
        if isinstance(text, str) and text.startswith("data:"):
            return urllib.request.urlopen(text)
        try:
            return io.BytesIO(self.fetch(text))
        except real_requests.RequestException as error:
            raise urllib.error.URLError(str(error)) from None

    # modules

    def modules(self) -> dict[str, types.ModuleType]:
        """Stand-ins for what reaches the network."""
        world = self

        class Images:
            def __init__(self, asynchronous: bool) -> None:
                self._asynchronous = asynchronous

            def _do(self, endpoint: str, request: dict[str, Any]) -> Any:
                if not self._asynchronous:
                    return world.answer(endpoint, request)

                async def later() -> Answer:
                    return world.answer(endpoint, request)

                return later()

            def generate(self, **request: Any) -> Any:
                return self._do("generations", request)

            def edit(self, **request: Any) -> Any:
                return self._do("edits", request)

            @property
            def with_raw_response(self) -> Images:
                return self

        class OpenAI:
            asynchronous = False

            def __init__(self, **options: Any) -> None:
                self.images = Images(self.asynchronous)

            def with_options(self, **options: Any) -> OpenAI:
                return self

            def __enter__(self) -> OpenAI:
                return self

            def __exit__(self, *error: object) -> None:
                return None

        class AsyncOpenAI(OpenAI):
            asynchronous = True

        openai = _module("openai", OpenAI=OpenAI, AsyncOpenAI=AsyncOpenAI, images=Images(False))

        class Session:
            def get(self, url: Any, **options: Any) -> real_requests.Response:
                return world.get(url, **options)

            def __enter__(self) -> Session:
                return self

            def __exit__(self, *error: object) -> None:
                return None

        requests = _module(
            "requests", get=self.get, Response=real_requests.Response, Session=Session,
            RequestException=real_requests.RequestException, exceptions=real_requests.exceptions,
            Request=real_requests.Request, adapters=real_requests.adapters, packages=real_requests.packages,
        )  # fmt: skip
        request = _module("urllib.request", urlopen=self.urlopen, Request=urllib.request.Request)
        urllib_module = _module("urllib", request=request, error=urllib.error)
        return {
            "openai": openai,
            "requests": requests,
            "urllib": urllib_module,
            "urllib.request": request,
        }

    def run(self, files: Mapping[str, str], module: str = "app", function: str = "main") -> Any:
        """What ``function`` of ``module`` returns; coroutines are awaited."""
        result = _Loader(files, self.modules()).load(module).__dict__[function]()
        return asyncio.run(_quietly(result)) if inspect.iscoroutine(result) else result


def _module(name: str, **members: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(members)
    return module


class _Loader:
    """Imports the project from its texts; everything else comes from where it always comes from."""

    def __init__(self, files: Mapping[str, str], loaded: dict[str, types.ModuleType]) -> None:
        self.files = files
        self.loaded = loaded

    def load(self, name: str) -> types.ModuleType:
        if name in self.loaded:
            return self.loaded[name]
        stem = name.replace(".", "/")
        path, package = f"{stem}.py", name.rpartition(".")[0]
        if path not in self.files:
            path, package = f"{stem}/__init__.py", name
        module = types.ModuleType(name)
        module.__dict__.update(
            __file__=path, __package__=package, __builtins__={**vars(builtins), "__import__": self._import}
        )
        self.loaded[name] = module
        exec(compile(self.files.get(path, ""), path, "exec", dont_inherit=True), module.__dict__)
        return module

    def _is_ours(self, name: str) -> bool:
        stem = name.replace(".", "/")
        return name in self.loaded or any(
            path in {f"{stem}.py", f"{stem}/__init__.py"} or path.startswith(f"{stem}/")
            for path in self.files
        )

    def _import(
        self,
        name: str,
        globals_: Mapping[str, Any] | None = None,
        locals_: Mapping[str, Any] | None = None,
        fromlist: tuple[str, ...] = (),
        level: int = 0,
    ) -> Any:
        if level:
            base = str((globals_ or {})["__package__"]).split(".")
            parts = base[: len(base) - level + 1]
            name = ".".join([*parts, name] if name else parts)
        if not self._is_ours(name):
            return __import__(name, globals_, locals_, fromlist, 0)
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            child = self.load(".".join(parts[:end]))
            if end > 1:
                setattr(self.load(".".join(parts[: end - 1])), parts[end - 1], child)
        found = self.load(name)
        for member in fromlist or ():
            if member != "*" and not hasattr(found, member) and self._is_ours(f"{name}.{member}"):
                setattr(found, member, self.load(f"{name}.{member}"))
        return found if fromlist else self.load(parts[0])


def seen(value: Any) -> Any:
    """A value as a person would see it: every picture, in whatever form, is ``PICTURE``."""
    if isinstance(value, (bytes, bytearray)):
        return "PICTURE" if bytes(value) == PIXEL else bytes(value)
    if isinstance(value, str):
        if value == base64.b64encode(PIXEL).decode():
            return "PICTURE"
        return _DATA_URI.sub("PICTURE", _URL.sub("PICTURE", value))
    if isinstance(value, io.BytesIO):
        return seen(value.getvalue())
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {seen(key): seen(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [seen(one) for one in value]
    if isinstance(value, (Answer, Picture)):
        return seen(value.model_dump())
    return value


def outcome(files: Mapping[str, str], era: Era, module: str = "app", function: str = "main") -> Any:
    """What a project does in an era, as a person would see it."""
    return seen(World(era).run(files, module, function))


def fails(action: Callable[[], Any]) -> bool:
    """Whether something raises."""
    try:
        action()
    except Exception:
        return True
    return False
