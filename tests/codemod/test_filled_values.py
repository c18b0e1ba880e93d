"""Values that reach a call on a way that no assignment shows: the rewritten programs run, and today's API takes them."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.codemod.support import TARGET, TODAY, again, catalog, rewrite

if TYPE_CHECKING:
    from pathlib import Path

_CLIENT = "from openai import OpenAI\nclient = OpenAI()\n"
_DATACLASS = """
from dataclasses import asdict, dataclass, replace
@dataclass
class Job:
    prompt: str
    quality: str = "auto"
    size: str = "1024x1024"
"""
_NAMED_TUPLE = _DATACLASS.replace("from dataclasses import asdict, dataclass, replace", "").replace(
    "@dataclass\nclass Job:", "from typing import NamedTuple\nclass Job(NamedTuple):"
)
_PLAIN = """
class Job:
    def __init__(self, prompt, quality="auto"):
        self.prompt = prompt
        self.quality = quality
"""
_DRAW = """
def draw(job):
    answer = client.images.generate(model="dall-e-3", prompt=job.prompt, quality=job.quality, response_format="b64_json")
    return answer.data[0].b64_json
"""
_METHOD = """
    def draw(self):
        answer = client.images.generate(
            model="dall-e-3", prompt=self.prompt, quality=self.quality, response_format="b64_json"
        )
        return answer.data[0].b64_json
"""
_OWN_NAME = """
    @classmethod
    def best(cls, p):
        return cls(p, 'hd')

Job('y').draw()
Job.best('x').draw()
"""
_HANDED_UP = """
class Best(Job):
    def __init__(self, p):
        {}

Job('y').draw()
Best('x').draw()
"""


class Api:
    """Stands for the SDK and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.images = SimpleNamespace(generate=self._generate)

    def _generate(self, **asked: Any) -> Any:
        self.asked.append(asked)
        return SimpleNamespace(data=[SimpleNamespace(url=None, b64_json="aGk=", revised_prompt=None)])


class Runner:
    """Migrates programs and runs what they became."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder, self._patch = folder, monkeypatch

    def refused(self, files: dict[str, str] | str) -> list[str]:
        """Migrate, run ``app.py``, and list what today's API would refuse of its requests."""
        done = rewrite({"app.py": files} if isinstance(files, str) else files)
        assert again(done).changed == {}
        api = self._run(done.texts)
        assert api.asked
        found = []
        for asked in api.asked:
            model = catalog().model(str(asked.get("model")))
            if model is None or model.id != TARGET:
                found.append(f"model={asked.get('model')}")
            else:
                found += [f"{p.parameter}" for p in catalog().problems("generations", model, asked, TODAY)]
        return found

    def _run(self, texts: dict[str, str]) -> Api:
        api = Api()
        sdk = ModuleType("openai")
        sdk.OpenAI = lambda **_: api  # type: ignore[attr-defined]
        self._patch.setitem(sys.modules, "openai", sdk)
        self._patch.syspath_prepend(str(self._folder))
        for path, text in texts.items():
            (self._folder / path).write_text(text)
        importlib.invalidate_caches()
        try:
            importlib.import_module("app")
        finally:
            for path in texts:
                sys.modules.pop(path.removesuffix(".py"), None)
        return api


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return Runner(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "use",
    [
        "mapping = {'prompt': 'x', 'quality': 'hd'}\njob = Job(**mapping)\ndraw(job)\n",
        "DEFAULTS = {'prompt': 'x'}\ndraw(Job(**{**DEFAULTS, 'quality': 'hd'}))\n",
        "draw(Job('y'))\ndraw(Job(**dict(prompt='x', quality='hd')))\n",
        "for row in [{'prompt': 'x', 'quality': 'hd'}, {'prompt': 'y'}]:\n    draw(Job(**row))\n",
        'import json\ndraw(Job(**json.loads(\'{"prompt": "x", "quality": "hd"}\')))\n',
        "for row in [('x', 'hd', '1024x1024')]:\n    draw(Job(*row))\n",
        "rest = ['hd', '1024x1024']\ndraw(Job('x', *rest))\n",
        "import csv\nfor row in csv.reader(['x,hd,1024x1024']):\n    draw(Job(*row))\n",
        "KINDS = {'job': Job}\ndraw(KINDS['job'](**{'prompt': 'x', 'quality': 'hd'}))\n",
        "def load(cls, data):\n    return cls(**data)\n\ndraw(load(Job, {'prompt': 'x', 'quality': 'hd'}))\n",
    ],
)
@pytest.mark.parametrize("kind", [_DATACLASS, _NAMED_TUPLE])
def test_fields_that_are_filled_by_unpacking(runner: Runner, kind: str, use: str) -> None:
    assert runner.refused(_CLIENT + kind + _DRAW + use) == []


@pytest.mark.parametrize(
    "use",
    [
        "job = Job('x')\njob = replace(job, quality='hd')\ndraw(job)\n",
        "BASE = Job('x')\nchanges = {'quality': 'hd'}\ndraw(replace(BASE, **changes))\n",
        "for quality in ('hd', 'standard'):\n    draw(replace(Job('x'), quality=quality))\n",
        "from dataclasses import replace as but\ndraw(but(Job('x'), quality='hd'))\n",
        "def upgrade(job):\n    return replace(job, quality='hd')\n\ndraw(upgrade(Job('x')))\n",
        "draw(Job(**{**asdict(Job('x')), 'quality': 'hd'}))\n",
        "job = Job('x')\nobject.__setattr__(job, 'quality', 'hd')\ndraw(job)\n",
        "job = Job('x')\nsetattr(job, 'quality', 'hd')\ndraw(job)\n",
        "job = Job('x')\njob.__dict__['quality'] = 'hd'\ndraw(job)\n",
        "job = Job('x')\nvars(job).update(quality='hd')\ndraw(job)\n",
        "job = Job('x')\nvalues = vars(job)\nvalues['quality'] = 'hd'\ndraw(job)\n",
        "job = Job('x')\njob.__dict__ |= {'quality': 'hd'}\ndraw(job)\n",
    ],
)
def test_objects_that_are_copied_or_changed_under_way(runner: Runner, use: str) -> None:
    assert runner.refused(_CLIENT + _DATACLASS + _DRAW + use) == []


@pytest.mark.parametrize(
    "program",
    [
        _DATACLASS + _METHOD + "\nreplace(Job('x'), quality='hd').draw()\n",
        _NAMED_TUPLE + _METHOD + "\nJob('x')._replace(quality='hd').draw()\n",
        _NAMED_TUPLE + _METHOD + "\nJob._make(['x', 'hd', '1024x1024']).draw()\n",
        _DATACLASS + _METHOD + "    def fine(self):\n        return type(self)(self.prompt, 'hd')\n\n"
        "Job('x').fine().draw()\n",
        _DATACLASS + _METHOD + _OWN_NAME,
        _PLAIN + _METHOD + _OWN_NAME,
        _PLAIN + _METHOD + "class Best(Job):\n    pass\n\nJob('y').draw()\nBest('x', 'hd').draw()\n",
        _PLAIN + _METHOD + _HANDED_UP.format("super().__init__(p, quality='hd')"),
        _PLAIN + _METHOD + _HANDED_UP.format("Job.__init__(self, p, 'hd')"),
        _DATACLASS + _METHOD + "@dataclass\nclass Poster(Job):\n    name: str = ''\n\nPoster('x', 'hd').draw()\n",
    ],
)  # fmt: skip
def test_objects_that_draw_themselves(runner: Runner, program: str) -> None:
    assert runner.refused(_CLIENT + program) == []


def test_a_helper_of_another_module_sets_an_attribute_by_its_name(runner: Runner) -> None:
    files = {
        "jobs.py": _DATACLASS,
        "tune.py": "def apply(job, name, value):\n    setattr(job, name, value)\n",
        "app.py": _CLIENT
        + "from jobs import Job\nfrom tune import apply\n"
        + _DRAW
        + "job = Job('x')\napply(job, 'quality', 'hd')\ndraw(job)\n",
    }
    assert runner.refused(files) == []


def test_a_field_whose_setting_is_its_own_default(runner: Runner) -> None:
    program = """
    import os
    @dataclass
    class Config:
        quality: str = "standard"
        @classmethod
        def from_env(cls):
            return cls(quality=os.environ.get("IMAGE_QUALITY", cls.quality))
    """
    lines = "\n".join(line[4:] for line in program.splitlines())
    use = "config = Config.from_env()\nclient.images.generate(model='dall-e-3', prompt='x', quality=config.quality)\n"
    assert runner.refused(_CLIENT + "from dataclasses import dataclass\n" + lines + "\n" + use) == []


@pytest.mark.parametrize("field", ["KIND: ClassVar[str] = 'k'", "ident: int = field(init=False, default=0)"])
def test_fields_that_the_constructor_does_not_take_have_no_position(runner: Runner, field: str) -> None:
    head = "from dataclasses import dataclass, field\nfrom typing import ClassVar\n@dataclass\nclass Job:\n"
    program = (
        f"{head}    {field}\n    prompt: str = ''\n    quality: str = 'high'\n{_DRAW}draw(Job('x', 'hd'))\n"
    )
    assert runner.refused(_CLIENT + program) == []
