"""The functions that a migrated module carries: what they do with a picture and with an ordinary url."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
import requests

from migrator.codemod.plan import helpers

if TYPE_CHECKING:
    from collections.abc import Iterator

BODY = b"\x89PNG picture"
DATA_URI = "data:image/png;base64," + base64.b64encode(BODY).decode()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/a.png" else 404)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Nothing: tests are quiet."""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def made(code: str, *imports: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec("\n".join([*(f"import {name}" for name in imports), code]), namespace)
    return namespace


def fetcher(library: str, form: str = "data-uri") -> Any:
    found = helpers.fetcher(library, form, "png")
    assert found is not None
    code, imports, name = found
    return made(code, *imports)[name]


@pytest.fixture(params=["picture", "url"])
def place(request: pytest.FixtureRequest, host: str) -> str:
    return DATA_URI if request.param == "picture" else f"{host}/a.png"


def test_requests_gives_an_answer_of_its_own_kind(place: str) -> None:
    fetch = fetcher("requests")
    answer = fetch(requests.get, place, timeout=5)
    assert isinstance(answer, requests.Response)
    answer.raise_for_status()
    assert (answer.status_code, answer.ok, answer.content) == (200, True, BODY)
    assert b"".join(fetch(requests.get, place, stream=True).iter_content(4)) == BODY
    assert fetch(requests.get, place, stream=True).raw.read() == BODY
    with requests.Session() as session, fetch(session.get, place, stream=True) as one:
        assert b"".join(one.iter_content(None)) == BODY


@pytest.mark.parametrize(
    "use",
    [
        lambda one: one.raw.read(decode_content=True),
        lambda one: b"".join(one.raw.stream(4, decode_content=True)),
        lambda one: one.raw.data,
        b"".join,
        lambda one: b"".join(iter(lambda: one.raw.read(4), b"")),
    ],
)
def test_requests_gives_the_raw_answer_that_programs_know(use: Any, place: str) -> None:
    with fetcher("requests")(requests.get, place, stream=True) as answer:
        answer.raw.decode_content = True
        assert answer.raw.status == 200
        assert use(answer) == BODY


def test_requests_tells_of_a_picture_what_it_tells_of_an_answer(place: str) -> None:
    answer = fetcher("requests")(requests.get, place)
    assert (answer.reason, answer.url, answer.request.method) == ("OK", place, "GET")
    assert int(answer.headers["content-length"]) == len(BODY)
    assert answer.headers.get("Content-Type", "image/png") == "image/png"


def test_requests_still_reports_what_is_not_there(host: str) -> None:
    with pytest.raises(requests.HTTPError):
        fetcher("requests")(requests.get, f"{host}/none.png", timeout=5).raise_for_status()


def test_httpx_gives_an_answer_of_its_own_kind(place: str) -> None:
    answer = fetcher("httpx")(httpx.get, place, timeout=5)
    assert isinstance(answer, httpx.Response)
    answer.raise_for_status()
    assert (answer.status_code, answer.is_success, answer.content) == (200, True, BODY)
    assert b"".join(answer.iter_bytes(4)) == BODY


def test_httpx_gives_an_answer_of_its_own_kind_in_async_code(place: str) -> None:
    async def run() -> bytes:
        async with httpx.AsyncClient() as client:
            answer = await fetcher("httpx-async")(client.get, place, timeout=5)
            answer.raise_for_status()
            return bytes(answer.content)

    assert asyncio.run(run()) == BODY


def test_httpx_streams_either(place: str) -> None:
    with fetcher("httpx-stream")(httpx.stream, "GET", place, timeout=5) as answer:
        answer.raise_for_status()
        assert b"".join(answer.iter_bytes()) == BODY
    with httpx.Client() as client, fetcher("httpx-stream")(client.stream, "GET", place) as answer:
        assert answer.read() == BODY
    with fetcher("httpx-stream")(httpx.stream, "GET", place) as answer:
        raw = [(piece, answer.num_bytes_downloaded) for piece in answer.iter_raw()]
    assert (b"".join(piece for piece, _ in raw), raw[-1][1]) == (BODY, len(BODY))


def test_httpx_streams_either_in_async_code(place: str) -> None:
    async def run() -> bytes:
        async with (
            httpx.AsyncClient() as client,
            fetcher("httpx-stream")(client.stream, "GET", place) as answer,
        ):
            return b"".join([piece async for piece in answer.aiter_bytes()])

    assert asyncio.run(run()) == BODY


def test_aiohttp_gives_what_its_users_read(place: str) -> None:
    async def run() -> list[bytes]:
        fetch = fetcher("aiohttp")
        found = []
        async with aiohttp.ClientSession() as session:
            async with fetch(session.get, place) as answer:
                answer.raise_for_status()
                assert (answer.status, answer.ok) == (200, True)
                found.append(await answer.read())
            async with fetch(session.get, place) as answer:
                found.append(b"".join([piece async for piece in answer.content.iter_chunked(4)]))
            async with fetch(session.get, place) as answer:
                found.append(b"".join([piece async for piece in answer.content.iter_any()]))
            answer = await fetch(session.get, place)
            found.append(await answer.content.read())
            answer.release()
            async with fetch(session.get, place) as answer:
                found.append(b"".join([piece async for piece, _ in answer.content.iter_chunks()]))
            async with fetch(session.get, place) as answer:
                found.append(b"".join([piece async for piece in answer.content]))
            async with fetch(session.get, place) as answer:
                assert await answer.read() == await answer.read()
                assert int(answer.headers["content-length"]) == answer.content_length == len(BODY)
                assert (str(answer.url), answer.reason) == (place, "OK")
                answer.close()
        return found

    assert asyncio.run(run()) == [BODY] * 6


@pytest.mark.parametrize("library", ["requests", "httpx"])
def test_a_path_is_read_where_pictures_are_kept_as_files(library: str, tmp_path: Path, host: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(BODY)
    get = {"requests": requests.get, "httpx": httpx.get}[library]
    fetch = fetcher(library, "file")
    assert fetch(get, str(path)).content == BODY
    assert fetch(get, f"{host}/a.png", timeout=5).content == BODY


def test_a_library_that_nobody_knows_has_no_fetcher() -> None:
    assert helpers.fetcher("curl", "data-uri", "png") is None
    assert helpers.fetcher("requests", "review", "png") is None


def test_arguments_lose_what_is_refused_and_get_new_values_and_the_caller_keeps_his() -> None:
    guards = {"model": {"dall-e-3": "new"}, "quality": {"hd": "high"}, "size": {}}
    translate = made(helpers.arguments_helper(("style",), guards))[helpers.ARGUMENTS]
    given = {"model": "dall-e-3", "style": "vivid", "quality": "low", "n": 1}
    assert translate(given) == {"model": "new", "quality": "low", "n": 1}
    assert given["style"] == "vivid"
    assert translate({}) == {}


def test_arguments_without_refused_names_are_copied_all_the_same() -> None:
    translate = made(helpers.arguments_helper((), {"model": {"a": "b"}}))[helpers.ARGUMENTS]
    given = {"model": "a"}
    assert translate(given) == {"model": "b"}
    assert given == {"model": "a"}


def test_a_value_that_is_not_known_passes() -> None:
    code = helpers.value_helper("quality", {"hd": "high", "standard": "medium"})
    translate = made(code)[helpers.value_helper_name("quality")]
    assert [translate(one) for one in ("hd", None, "low")] == ["high", None, "low"]


def test_pictures_get_their_urls_back() -> None:
    give = made(helpers.with_urls_helper("png"))[helpers.WITH_URLS]
    picture = SimpleNamespace(url=None, b64_json=base64.b64encode(BODY).decode())
    assert give(SimpleNamespace(data=[picture])).data[0].url == DATA_URI


def test_a_saved_picture_is_a_new_file_each_time(tmp_path: Path) -> None:
    with (
        contextlib.chdir(tmp_path) if hasattr(contextlib, "chdir") else pytest.MonkeyPatch.context() as patch
    ):
        if patch is not None:
            patch.chdir(tmp_path)
        save = made(helpers.save_helper("art/new", "png"), "base64", "pathlib", "uuid")[helpers.SAVE]
        one, other = save(base64.b64encode(BODY).decode()), save(base64.b64encode(BODY).decode())
        assert one != other
        assert Path(one).read_bytes() == BODY
