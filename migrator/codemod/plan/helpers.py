"""Functions that a migrated module may need. Their names tell a second run that the work is done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ARGUMENTS = "_gpt_image_arguments"
FETCH = "_fetch_image"
FETCH_ASYNC = "_fetch_image_async"
FETCH_STREAM = "_fetch_image_stream"
WITH_URLS = "_with_data_urls"
SAVE = "_save_image"
NAMES = frozenset({ARGUMENTS, FETCH, FETCH_ASYNC, FETCH_STREAM, WITH_URLS, SAVE})


def arguments_helper(dropped: tuple[str, ...], guards: Mapping[str, Mapping[str, str]]) -> str:
    """A function that translates a mapping of arguments at run time."""
    lines = [
        f"def {ARGUMENTS}(arguments):",
        '    """Translate arguments made for DALL-E to what GPT Image accepts."""',
    ]
    if dropped:
        names = ", ".join(json.dumps(name) for name in dropped)
        lines.append(f"    refused = {{{names}}}")
        lines.append(
            "    arguments = {name: value for name, value in arguments.items() if name not in refused}"
        )
    else:
        lines.append("    arguments = dict(arguments)")
    lines.append("    replacements = {")
    for name, guard in guards.items():
        if guard:
            pairs = ", ".join(f"{json.dumps(old)}: {json.dumps(new)}" for old, new in guard.items())
            lines.append(f"        {json.dumps(name)}: {{{pairs}}},")
    lines += [
        "    }",
        "    for name, values in replacements.items():",
        "        if name in arguments:",
        "            arguments[name] = values.get(arguments[name], arguments[name])",
        "    return arguments",
    ]
    return "\n".join(lines)


_DECODE = 'base64.b64decode(url.partition(",")[2])'

_REQUESTS = f'''
def {FETCH}(get, url, **options):
    """Download a picture; a data: URI carries it already."""
    if not str(url).startswith("data:"):
        return get(url, **options)
    response = requests.Response()
    response.status_code = 200
    response.url = url
    response.headers["Content-Type"] = url[len("data:"):].partition(";")[0]
    response.raw = io.BytesIO({_DECODE})
    return response
'''

_HTTPX = f'''
def {FETCH}(get, url, **options):
    """Download a picture; a data: URI carries it already."""
    if not str(url).startswith("data:"):
        return get(url, **options)
    headers = {{"Content-Type": url[len("data:"):].partition(";")[0]}}
    content = {_DECODE}
    return httpx.Response(200, headers=headers, content=content, request=httpx.Request("GET", "data:"))
'''

_HTTPX_ASYNC = f'''
async def {FETCH_ASYNC}(get, url, **options):
    """Download a picture; a data: URI carries it already."""
    if not str(url).startswith("data:"):
        return await get(url, **options)
    headers = {{"Content-Type": url[len("data:"):].partition(";")[0]}}
    content = {_DECODE}
    return httpx.Response(200, headers=headers, content=content, request=httpx.Request("GET", "data:"))
'''

_HTTPX_STREAM = f'''
def {FETCH_STREAM}(stream, method, url, **options):
    """Download a picture in pieces; a data: URI carries it already."""
    if not str(url).startswith("data:"):
        return stream(method, url, **options)
    headers = {{"Content-Type": url[len("data:"):].partition(";")[0]}}
    content = {_DECODE}
    response = httpx.Response(200, headers=headers, content=content, request=httpx.Request("GET", "data:"))
    return contextlib.nullcontext(response)
'''

_AIOHTTP = f'''
class _DataResponse:
    """What downloading a data: URI answers, as far as downloads of pictures use it."""

    status = 200
    ok = True
    reason = "OK"

    def __init__(self, url):
        self.url = url
        self.headers = {{"Content-Type": url[len("data:"):].partition(";")[0]}}
        self.content_type = self.headers["Content-Type"]
        self.content = self
        self._body = {_DECODE}
        self._left = self._body

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None

    def __await__(self):
        yield from ()
        return self

    def raise_for_status(self):
        return None

    def release(self):
        return None

    async def read(self, size=-1):
        size = len(self._left) if size < 0 else size
        data, self._left = self._left[:size], self._left[size:]
        return data

    async def iter_chunked(self, size):
        while data := await self.read(size):
            yield data

    def iter_any(self):
        return self.iter_chunked(len(self._body))


def {FETCH}(get, url, **options):
    """Download a picture; a data: URI carries it already."""
    return _DataResponse(url) if str(url).startswith("data:") else get(url, **options)
'''

FETCHERS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "requests": (_REQUESTS, ("base64", "io"), FETCH),
    "httpx": (_HTTPX, ("base64",), FETCH),
    "httpx-async": (_HTTPX_ASYNC, ("base64",), FETCH_ASYNC),
    "httpx-stream": (_HTTPX_STREAM, ("base64", "contextlib"), FETCH_STREAM),
    "aiohttp": (_AIOHTTP, ("base64",), FETCH),
}
"""Library to the code of its helper, the modules that it imports, and its name."""


def with_urls_helper(media_type: str) -> str:
    """A function that gives each picture of a response its url back, as a data: URI."""
    return f'''
def {WITH_URLS}(response):
    """Give each picture a url again: a data: URI made of its base64."""
    for image in response.data:
        image.url = f"data:{media_type};base64,{{image.b64_json}}"
    return response
'''


def save_helper(folder: str) -> str:
    """A function that writes a picture to a folder and returns its path."""
    return f'''
def {SAVE}(b64_json):
    """Keep a picture as a file and return its path."""
    folder = pathlib.Path({json.dumps(folder)})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{{uuid.uuid4().hex}}.png"
    path.write_bytes(base64.b64decode(b64_json))
    return str(path)
'''
