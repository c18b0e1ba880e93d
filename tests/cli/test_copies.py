"""A copy of the SDK in the tree, as in a folder that is deployed with its packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from migrator import cli

if TYPE_CHECKING:
    from pathlib import Path

CALL = 'client.images.generate(model="dall-e-3", prompt="p", style="vivid")\n'
IMAGES = """from ._base import Base

class Images(Base):
    def generate(self, *, model, prompt, style=None):
        return self._post("/images/generations", body={"model": model, "prompt": prompt, "style": style})
"""


@pytest.mark.parametrize(
    "head",
    ["from openai import OpenAI\n\nclient = OpenAI()\n", "import openai\n\nclient = openai.OpenAI()\n"],
)
def test_calls_beside_a_copy_of_the_sdk_are_migrated_and_the_copy_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str
) -> None:
    monkeypatch.chdir(tmp_path)
    copy = tmp_path / "openai"
    for name, text in (
        ("__init__.py", "from ._client import OpenAI\n"),
        ("_client.py", "from .resources.images import Images\n\nclass OpenAI:\n    images = Images()\n"),
        ("resources/images.py", IMAGES),
        ("types/images_response.py", "class ImagesResponse: ...\n"),
    ):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text)
    (tmp_path / "handler.py").write_text(head + CALL)
    done = CliRunner().invoke(cli.cli, ["rewrite", ".", "--write", "--allow-dirty"])
    assert done.exit_code == 0, done.output
    assert 'model="gpt-image' in (tmp_path / "handler.py").read_text()
    assert (copy / "resources/images.py").read_text() == IMAGES
