"""Functions that a migrated module may need. Name and docstring tell a second run that the work is done."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.codemod.index.module import Module

ARGUMENTS = "_gpt_image_arguments"
FETCH = "_fetch_image"
FETCH_HTTPX = "_fetch_image_httpx"
FETCH_ASYNC = "_fetch_image_async"
FETCH_STREAM = "_fetch_image_stream"
FETCH_AIOHTTP = "_fetch_image_aiohttp"
WITH_URLS = "_with_data_urls"
WITH_URLS_IN_JSON = "_with_data_urls_in_json"
SAVE = "_save_image"
VALUE_PREFIX = "_gpt_image_"
_DOCSTRINGS = (
    "Translate arguments made for DALL-E to what GPT Image accepts.",
    "Translate what DALL-E took for ",
    "Download a picture; ",
    "Give each picture a url again: ",
    "Keep a picture as a file and return its path.",
)


def is_own(module: Module, name: str) -> bool:
    """Whether a module-level name is a helper that this tool wrote."""
    if not name.startswith("_"):
        return False
    return any(
        isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (ast.get_docstring(binding.node) or "").startswith(_DOCSTRINGS)
        for binding in module.names.module.bindings.get(name, ())
    )


def calls_own(module: Module, node: ast.AST | None) -> bool:
    """Whether a node is a call of a helper that this tool wrote."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and is_own(module, node.func.id)


def placed(module: Module, name: str, code: str) -> tuple[str, str]:
    """A name for a helper that means nothing else in the module, and the code under that name.

    Sites of one module may need different helpers of a kind, as for generations and edits: each gets its own.
    """
    chosen, number = name, 1
    while True:
        written = re.sub(rf"\b{name}\b", chosen, code)
        if _is_free(module, chosen, written):
            module.helpers[chosen] = written
            return chosen, written
        number += 1
        chosen = f"{name}_{number}"


def _is_free(module: Module, name: str, code: str) -> bool:
    """Whether a helper can have a name: nothing has it, or the very same helper."""
    if module.helpers.get(name, code) != code:
        return False
    bindings = module.names.module.bindings.get(name, ())
    return not bindings or (is_own(module, name) and all(_same(one.node, code) for one in bindings))


def _same(node: ast.AST, code: str) -> bool:
    """Whether a function is this one, however it is laid out and under whatever names its modules are imported."""
    return ast.unparse(_Plain().visit(ast.parse(ast.unparse(node)))) == ast.unparse(
        _Plain().visit(ast.parse(code))
    )


class _Plain(ast.NodeTransformer):
    """Gives every name that an attribute is taken from the same name."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name):
            node.value = ast.Name("_", ast.Load())
        return node


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
            "    arguments = {name: value for name, value in dict(arguments).items() if name not in refused}"
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


def value_helper_name(parameter: str) -> str:
    """The name of the function that translates one parameter."""
    return f"{VALUE_PREFIX}{parameter}"


def value_helper(parameter: str, values: Mapping[Any, str]) -> str:
    """A function that translates one value at run time; values that it does not know pass."""
    lines = [
        f"def {value_helper_name(parameter)}({parameter}):",
        f'    """Translate what DALL-E took for {parameter}; other values pass."""',
        "    current = {",
    ]
    for old, new in values.items():
        key = json.dumps(old) if isinstance(old, str) else repr(old)
        lines.append(f"        {key}: {json.dumps(new)},")
    lines += ["    }", f"    return current.get({parameter}, {parameter})"]
    return "\n".join(lines)


_HEADER = {
    "data-uri": ('if not str(url).startswith("data:"):', 'base64.b64decode(url.partition(",")[2])'),
    "file": ('if "://" in str(url):', "pathlib.Path(url).read_bytes()"),
}
"""How a helper tells ordinary urls apart, and how it gets at the bytes of a picture."""

_REQUESTS = """
def {name}(get, url, **options):
    {doc}
    {test}
        return get(url, **options)

    class Body(io.BytesIO):
        def read(self, size=-1):
            data = super().read(size)
            if not data:
                self.close()
            return data

    picture = {content}
    headers = {{"Content-Type": "{media}", "Content-Length": str(len(picture))}}
    answer = requests.packages.urllib3.HTTPResponse
    raw = answer(Body(picture), headers, 200, reason="OK", preload_content=False)
    request = requests.Request("GET", "data:,").prepare()
    response = requests.adapters.HTTPAdapter().build_response(request, raw)
    response.url = url
    return response
"""

_HTTPX = """
def {name}(get, url, **options):
    {doc}
    {test}
        return get(url, **options)
    request = httpx.Request("GET", "data:")
    return httpx.Response(200, headers={{"Content-Type": "{media}"}}, content={content}, request=request)
"""

_HTTPX_ASYNC = """
async def {name}(get, url, **options):
    {doc}
    {test}
        return await get(url, **options)
    request = httpx.Request("GET", "data:")
    return httpx.Response(200, headers={{"Content-Type": "{media}"}}, content={content}, request=request)
"""

_HTTPX_STREAM = """
def {name}(stream, method, url, **options):
    {doc}
    {test}
        return stream(method, url, **options)
    picture = {content}
    headers = {{"Content-Type": "{media}", "Content-Length": str(len(picture))}}
    request = httpx.Request("GET", "data:")
    response = httpx.Response(200, headers=headers, stream=httpx.ByteStream(picture), request=request)
    return contextlib.nullcontext(response)
"""

_AIOHTTP = """
def {name}(get, url, **options):
    {doc}
    {test}
        return get(url, **options)

    class Content:
        def __init__(self, left):
            self.left = left

        def __aiter__(self):
            return self.iter_any()

        def at_eof(self):
            return not self.left

        async def read(self, size=-1):
            size = len(self.left) if size < 0 else size
            data, self.left = self.left[:size], self.left[size:]
            return data

        async def readany(self):
            return await self.read()

        async def iter_chunked(self, size):
            while data := await self.read(size):
                yield data

        async def iter_chunks(self):
            while data := await self.read(65536):
                yield data, True

        def iter_any(self):
            return self.iter_chunked(65536)

    class Picture:
        status, ok, reason, method, history = 200, True, "OK", "GET", ()
        content_type, charset = "{media}", None

        def __init__(self, body):
            self.url, self.body, self.content, self.content_length = url, body, Content(body), len(body)
            headers = {{"Content-Type": "{media}", "Content-Length": str(len(body))}}
            self.headers = headers | {{name.lower(): value for name, value in headers.items()}}

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

        def close(self):
            return None

        async def read(self):
            return self.body

    return Picture({content})
"""

_FETCHERS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "requests": (_REQUESTS, ("io", "requests"), FETCH),
    "httpx": (_HTTPX, ("httpx",), FETCH_HTTPX),
    "httpx-async": (_HTTPX_ASYNC, ("httpx",), FETCH_ASYNC),
    "httpx-stream": (_HTTPX_STREAM, ("contextlib", "httpx"), FETCH_STREAM),
    "aiohttp": (_AIOHTTP, (), FETCH_AIOHTTP),
}


def fetcher(library: str, form: str, picture: str) -> tuple[str, tuple[str, ...], str] | None:
    """A function that downloads, or reads a picture it is given: its code, the modules it imports, its name.

    ``picture`` is the format of pictures, such as ``png``.
    """
    if library not in _FETCHERS or form not in _HEADER:
        return None
    template, imports, name = _FETCHERS[library]
    test, content = _HEADER[form]
    what = "a data: URI carries it already" if form == "data-uri" else "a path leads to it already"
    doc = f'"""Download a picture; {what}."""'
    code = template.format(name=name, doc=doc, test=test, content=content, media=f"image/{picture}").strip(
        "\n"
    )
    return code, ("base64" if form == "data-uri" else "pathlib", *imports), name


def with_urls_helper(picture: str) -> str:
    """A function that gives each picture (of the format ``picture``) its url back, as a data: URI."""
    return f'''
def {WITH_URLS}(response):
    """Give each picture a url again: a data: URI made of its base64."""
    for image in response.data:
        image.url = f"data:image/{picture};base64,{{image.b64_json}}"
    return response
'''


def with_urls_in_json_helper(picture: str) -> str:
    """The same for a response that is a mapping, read from JSON."""
    return f'''
def {WITH_URLS_IN_JSON}(response):
    """Give each picture a url again: a data: URI made of its base64."""
    for image in response.get("data") or []:
        if image.get("b64_json"):
            image["url"] = "data:image/{picture};base64," + image["b64_json"]
    return response
'''


def save_helper(folder: str, picture: str) -> str:
    """A function that writes a picture of the format ``picture`` to a folder and returns its path."""
    return f'''
def {SAVE}(b64_json):
    """Keep a picture as a file and return its path."""
    folder = pathlib.Path({json.dumps(folder)})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{{uuid.uuid4().hex}}.{picture}"
    path.write_bytes(base64.b64decode(b64_json))
    return str(path)
'''
