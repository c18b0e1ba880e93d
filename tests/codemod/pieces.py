"""Programs made of pieces: a client, the arguments of the call, and what becomes of the answer.

Every program has a ``main`` that returns what a person would see. ``{call}`` in a consumer is the expression whose value
is the answer; ``{client}`` in a call is the client.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent


@dataclass(frozen=True)
class Receiver:
    """How the client comes to be. ``top`` is module code; ``call`` has ``{arguments}``."""

    top: str
    call: str
    asynchronous: bool = False
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Source:
    """Where the arguments come from. ``arguments`` stands between the parentheses; ``setup`` in ``main``."""

    arguments: str
    top: str = ""
    setup: str = ""
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Consumer:
    """What becomes of the answer: statements of ``main`` after ``r = …``."""

    body: str
    top: str = ""
    files: tuple[tuple[str, str], ...] = ()


_CLIENT = "from openai import OpenAI\nclient = OpenAI()\n"

RECEIVERS = {
    "module": Receiver(_CLIENT, "client.images.generate({arguments})"),
    "inline": Receiver("from openai import OpenAI\n", "OpenAI().images.generate({arguments})"),
    "openai module": Receiver("import openai\n", "openai.images.generate({arguments})"),
    "alias": Receiver("import openai as oa\nclient = oa.OpenAI()\n", "client.images.generate({arguments})"),
    "self": Receiver(
        """
        from openai import OpenAI

        class Service:
            def __init__(self):
                self.client = OpenAI()
            def ask(self, **kwargs):
                return self.client.images.generate(**kwargs)

        service = Service()
        """,
        "service.ask({arguments})",
    ),
    "chain": Receiver(
        """
        from openai import OpenAI

        class Config:
            def __init__(self):
                self.api = OpenAI()

        class Service:
            def __init__(self, config):
                self.config = config

        service = Service(Config())
        """,
        "service.config.api.images.generate({arguments})",
    ),
    "factory": Receiver(
        """
        from openai import OpenAI

        def get_client():
            return OpenAI(api_key="x")
        """,
        "get_client().images.generate({arguments})",
    ),
    "global": Receiver(
        """
        from openai import OpenAI

        _client = None

        def get_client():
            global _client
            if _client is None:
                _client = OpenAI(api_key="x")
            return _client
        """,
        "get_client().images.generate({arguments})",
    ),
    "property": Receiver(
        """
        from openai import OpenAI

        class Service:
            _client = None
            @property
            def client(self):
                if self._client is None:
                    self._client = OpenAI()
                return self._client

        service = Service()
        """,
        "service.client.images.generate({arguments})",
    ),
    "other module": Receiver(
        "from clients import client\n",
        "client.images.generate({arguments})",
        files=(("clients.py", _CLIENT),),
    ),
    "package": Receiver(
        "from pkg import make\n",
        "make().images.generate({arguments})",
        files=(
            ("pkg/__init__.py", "from .inner import make\n"),
            ("pkg/inner.py", "from openai import OpenAI\ndef make():\n    return OpenAI()\n"),
        ),
    ),
    "with_options": Receiver(_CLIENT, "client.with_options(timeout=300).images.generate({arguments})"),
    "raw": Receiver(_CLIENT, "client.images.with_raw_response.generate({arguments}).parse()"),
    "images kept": Receiver(_CLIENT + "images = client.images\n", "images.generate({arguments})"),
    "method kept": Receiver(_CLIENT + "make = client.images.generate\n", "make({arguments})"),
    "partial": Receiver(
        "import functools\n" + _CLIENT + "make = functools.partial(client.images.generate)\n",
        "make({arguments})",
    ),
    "lambda": Receiver(
        _CLIENT + "def retry(action):\n    return action()\n",
        "retry(lambda: client.images.generate({arguments}))",
    ),
    "executor": Receiver(
        "from concurrent.futures import ThreadPoolExecutor\n" + _CLIENT + "pool = ThreadPoolExecutor(1)\n",
        "pool.submit(client.images.generate, {arguments}).result()",
    ),
    "async": Receiver(
        "from openai import AsyncOpenAI\nclient = AsyncOpenAI()\n",
        "await client.images.generate({arguments})",
        asynchronous=True,
    ),
    "to_thread": Receiver(
        "import asyncio\n" + _CLIENT,
        "await asyncio.to_thread(client.images.generate, {arguments})",
        asynchronous=True,
    ),
    "gather": Receiver(
        "import asyncio\nfrom openai import AsyncOpenAI\nclient = AsyncOpenAI()\n",
        "(await asyncio.gather(client.images.generate({arguments})))[0]",
        asynchronous=True,
    ),
    "parameter": Receiver(
        _CLIENT + "def ask(api: OpenAI, **kwargs):\n    return api.images.generate(**kwargs)\n",
        "ask(client, {arguments})",
    ),
    "default": Receiver(
        _CLIENT + "def ask(prompt, model='dall-e-3', api=client, **more):\n"
        "    return api.images.generate(model=model, prompt=prompt, **more)\n",
        "ask({arguments})",
    ),
}

SOURCES = {
    "literals": Source('model="dall-e-3", prompt="p", quality="hd", size="1792x1024"'),
    "no model": Source('prompt="p", n=1, size="512x512"'),
    "style": Source('model="dall-e-3", prompt="p", style="vivid", response_format="url"'),
    "constant": Source("model=MODEL, prompt='p', size=SIZE", "MODEL = 'dall-e-3'\nSIZE = '1024x1792'\n"),
    "other module": Source(
        "model=settings.MODEL, prompt='p', quality=settings.QUALITY",
        "import settings\n",
        files=(("settings.py", "MODEL = 'dall-e-3'\nQUALITY = 'standard'\n"),),
    ),
    "dict": Source("**options", setup='options = {"model": "dall-e-3", "prompt": "p", "style": "natural"}\n'),
    "dict later": Source(
        "**options",
        setup="""
        options = dict(prompt="p")
        options["model"] = "dall-e-3"
        if True:
            options["style"] = "vivid"
        options.update(quality="hd")
        """,
    ),
    "merged": Source(
        "**{**DEFAULTS, 'prompt': 'p'}",
        'DEFAULTS = {"model": "dall-e-3", "quality": "hd", "response_format": "url"}\n',
    ),
    "conditional": Source(
        'model="dall-e-3", prompt="p", quality="hd" if fancy else "standard"',
        setup="fancy = len('abc') == 3\n",
    ),
    "environment": Source(
        'model=os.environ.get("SOME_MODEL_NAME", "dall-e-3"), prompt="p", quality=os.getenv("SOME_QUALITY", "hd")',
        "import os\n",
    ),
    "parameters": Source(
        "**arguments('hd')",
        """
        def arguments(quality="standard", size="1024x1024"):
            return {"model": "dall-e-3", "prompt": "p", "quality": quality, "size": size}
        """,
    ),
    "dataclass": Source(
        "model=config.model, prompt='p', quality=config.quality",
        """
        from dataclasses import dataclass

        @dataclass
        class ImageConfig:
            model: str = "dall-e-3"
            quality: str = "standard"

        config = ImageConfig(quality="hd")
        """,
    ),
    "enum": Source(
        "model=Model.THREE.value, prompt='p', quality=Quality.HD.value",
        """
        from enum import Enum

        class Model(Enum):
            TWO = "dall-e-2"
            THREE = "dall-e-3"

        class Quality(str, Enum):
            HD = "hd"
            STANDARD = "standard"
        """,
    ),
    "lookup": Source(
        'model="dall-e-3", prompt="p", size=SIZES[shape]',
        'SIZES = {"wide": "1792x1024", "square": "1024x1024"}\n',
        "shape = 'wide'\n",
    ),
    "get": Source(
        'model="dall-e-3", prompt="p", quality=QUALITIES.get(level, "standard")',
        'QUALITIES = {"good": "hd", "plain": "standard"}\n',
        "level = 'good'\n",
    ),
    "loop": Source(
        "model=model, prompt='p'",
        setup='for model in ("dall-e-2", "dall-e-3"):\n    if model.endswith("3"):\n        break\n',
    ),
    "walrus": Source('model=(chosen := "dall-e-3"), prompt="p"'),
    "reassigned": Source(
        "model='dall-e-3', prompt='p', quality=quality",
        setup="quality = 'standard'\nif len('abc') == 3:\n    quality = 'hd'\n",
    ),
    "or": Source("model=None or 'dall-e-3', prompt='p', size=given or '1024x1024'", setup="given = ''\n"),
    "formatted": Source(
        'model="dall-e-3", prompt="p", size=f"{width}x{height}"', setup="width, height = 1792, 1024\n"
    ),
    "concatenated": Source('model="dall-e-" + str(version), prompt="p"', setup="version = 3\n"),
    "percent": Source('model="dall-e-%d" % version, prompt="p"', setup="version = 3\n"),
    "joined": Source('model="-".join(["dall", "e", "3"]), prompt="p"'),
    "lower": Source('model="dall-e-3", prompt="p", quality="HD".lower()'),
}

CONSUMERS = {
    "content": Consumer("return requests.get(r.data[0].url).content", "import requests\n"),
    "steps": Consumer(
        """
        url = r.data[0].url
        answer = requests.get(url, timeout=30)
        answer.raise_for_status()
        picture = answer.content
        return picture
        """,
        "import requests\n",
    ),
    "helper": Consumer(
        "return download(r.data[0].url)",
        """
        import requests

        def download(url):
            answer = requests.get(url)
            if answer.status_code != 200:
                return None
            return answer.content
        """,
    ),
    "helper elsewhere": Consumer(
        "return tools.download(r.data[0].url)",
        "import tools\n",
        files=(
            ("tools.py", "import requests\n\ndef download(url):\n    return requests.get(url).content\n"),
        ),
    ),
    "urlopen": Consumer(
        "with urlopen(r.data[0].url) as answer:\n    return answer.read()",
        "from urllib.request import urlopen\n",
    ),
    "html": Consumer("""return f'<img src="{r.data[0].url}" alt="x">'"""),
    "markdown": Consumer('return "![picture](" + r.data[0].url + ")"'),
    "percent": Consumer('return "<img src=%s>" % r.data[0].url'),
    "format": Consumer('return "<img src={}>".format(r.data[0].url)'),
    "list": Consumer(
        "urls = [one.url for one in r.data]\nreturn [requests.get(url).content for url in urls]",
        "import requests\n",
    ),
    "loop": Consumer(
        """
        found = []
        for number, one in enumerate(r.data):
            found.append((number, requests.get(one.url).content))
        return found
        """,
        "import requests\n",
    ),
    "map": Consumer(
        "return list(map(fetch, [one.url for one in r.data]))",
        "import requests\nfetch = lambda url: requests.get(url).content\n",
    ),
    "tuple": Consumer(
        """
        url, caption = unpack(r)
        return requests.get(url).content, caption
        """,
        """
        import requests

        def unpack(answer):
            return answer.data[0].url, "caption"
        """,
    ),
    "attribute": Consumer(
        """
        holder = Holder()
        holder.keep(r)
        return holder.load()
        """,
        """
        import requests

        class Holder:
            url = None
            def keep(self, answer):
                self.url = answer.data[0].url
            def load(self):
                return requests.get(self.url).content
        """,
    ),
    "dict": Consumer(
        'record = {"url": r.data[0].url, "title": "t"}\nreturn requests.get(record["url"]).content, record["title"]',
        "import requests\n",
    ),
    "json": Consumer(
        'text = json.dumps({"url": r.data[0].url})\nreturn requests.get(json.loads(text)["url"]).content',
        "import json\nimport requests\n",
    ),
    "generator": Consumer(
        "return [requests.get(url).content for url in urls(r)]",
        "import requests\n\ndef urls(answer):\n    for one in answer.data:\n        yield one.url\n",
    ),
    "queue": Consumer(
        "waiting = Queue()\nwaiting.put(r.data[0].url)\nreturn requests.get(waiting.get()).content",
        "import requests\nfrom queue import Queue\n",
    ),
    "dataclass": Consumer(
        "found = Found(r.data[0].url, 'x')\nreturn requests.get(found.url).content, found.title",
        """
        import requests
        from dataclasses import dataclass as record

        @record
        class Found:
            url: str
            title: str
        """,
    ),
    "namedtuple": Consumer(
        "found = Found(r.data[0].url, 'x')\nreturn requests.get(found.url).content",
        "import requests\nfrom collections import namedtuple\nFound = namedtuple('Found', 'url title')\n",
    ),
    "dump": Consumer('return requests.get(r.model_dump()["data"][0]["url"]).content', "import requests\n"),
    "getattr": Consumer('return requests.get(getattr(r.data[0], "url")).content', "import requests\n"),
    "guard": Consumer(
        """
        if not r.data[0].url:
            raise ValueError("no picture")
        return requests.get(r.data[0].url).content
        """,
        "import requests\n",
    ),
    "data kept": Consumer(
        "data = r.data\nfirst = data[0]\nreturn requests.get(first.url).content", "import requests\n"
    ),
    "unpacked": Consumer("[first] = r.data\nreturn requests.get(first.url).content", "import requests\n"),
    "next": Consumer("return requests.get(next(iter(r.data)).url).content", "import requests\n"),
    "revised": Consumer('return (r.data[0].revised_prompt or "none") and "shown", len(r.data)'),
    "nested function": Consumer(
        """
        def show():
            return requests.get(r.data[0].url).content
        return show()
        """,
        "import requests\n",
    ),
    "try": Consumer(
        """
        try:
            picture = requests.get(r.data[0].url).content
        except requests.RequestException:
            picture = None
        return picture
        """,
        "import requests\n",
    ),
    "conditional": Consumer(
        "url = r.data[0].url if r.data else None\nreturn requests.get(url).content if url else None",
        "import requests\n",
    ),
    "match": Consumer(
        """
        match r.data[0].url:
            case None:
                return None
            case str() as url:
                return requests.get(url).content
        """,
        "import requests\n",
    ),
    "startswith": Consumer(
        """
        url = r.data[0].url
        if url.startswith("http"):
            return requests.get(url).content
        return None
        """,
        "import requests\n",
    ),
    "two kinds": Consumer(
        """
        url = r.data[0].url
        return requests.get(url).content, f"<img src='{url}'>"
        """,
        "import requests\n",
    ),
    "session": Consumer(
        "with requests.Session() as s:\n    return s.get(r.data[0].url).content", "import requests\n"
    ),
    "sorted": Consumer(
        "best = sorted(r.data, key=lambda one: 1)[0]\nreturn requests.get(best.url).content",
        "import requests\n",
    ),
    "zip": Consumer(
        "return [(name, requests.get(one.url).content) for name, one in zip(['a'], r.data)]",
        "import requests\n",
    ),
    "default dict": Consumer(
        "found = defaultdict(list)\nfound['x'].append(r.data[0].url)\nreturn [requests.get(u).content for u in found['x']]",
        "import requests\nfrom collections import defaultdict\n",
    ),
    "setattr": Consumer(
        "box = Box()\nsetattr(box, 'picture', r.data[0].url)\nreturn requests.get(box.picture).content",
        "import requests\n\nclass Box:\n    pass\n",
    ),
    "closure list": Consumer(
        "found = []\nadd = found.append\nadd(r.data[0].url)\nreturn [requests.get(u).content for u in found]",
        "import requests\n",
    ),
    "star": Consumer(
        "first, *rest = r.data\nreturn requests.get(first.url).content, len(rest)", "import requests\n"
    ),
    "vars": Consumer("return requests.get(vars(r.data[0])['url']).content", "import requests\n"),
    "attrgetter": Consumer(
        "return requests.get(attrgetter('url')(r.data[0])).content",
        "import requests\nfrom operator import attrgetter\n",
    ),
    "iter_content": Consumer(
        """
        chunks = b""
        for chunk in requests.get(r.data[0].url, stream=True).iter_content(1024):
            chunks += chunk
        return chunks
        """,
        "import requests\n",
    ),
    "kwargs": Consumer("return requests.get(url=r.data[0].url).content", "import requests\n"),
    "decorated": Consumer(
        "return fetch(r.data[0].url)",
        """
        import functools
        import requests

        def logged(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner

        @logged
        def fetch(url):
            return requests.get(url).content
        """,
    ),
    "url in b64 branch": Consumer(
        """
        one = r.data[0]
        if one.b64_json:
            return base64.b64decode(one.b64_json)
        return requests.get(one.url).content
        """,
        "import base64\nimport requests\n",
    ),
}


def program(receiver: Receiver, source: Source, consumer: Consumer) -> dict[str, str]:
    """The files of one program."""
    call = receiver.call.format(arguments=source.arguments)
    body = f"{_dedent(source.setup)}r = {call}\n{_dedent(consumer.body)}\n"
    start = "async def main():\n" if receiver.asynchronous else "def main():\n"
    text = "\n".join(_dedent(one) for one in (receiver.top, source.top, consumer.top) if one)
    files = {path: content for piece in (receiver, source, consumer) for path, content in piece.files}
    return {**files, "app.py": f"{text}\n\n{start}{indent(body, '    ')}"}


def _dedent(text: str) -> str:
    return dedent(text).lstrip("\n")
