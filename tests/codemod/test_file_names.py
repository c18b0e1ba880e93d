"""File names that code takes from urls."""

from __future__ import annotations

import pytest

from tests.codemod.support import rewrite

_TOP = """\
import os
from pathlib import Path
from urllib.parse import urlparse

from openai import OpenAI

client = OpenAI()


def name_of(url):
    return {code}


image = client.images.generate(model="dall-e-3", prompt="p").data[0]
print(name_of({url}))
"""


@pytest.mark.parametrize(
    "code",
    [
        'url.split("/")[-1]',
        'url.split("?")[0].rsplit("/", 1)[-1]',
        "os.path.basename(urlparse(url).path)",
        "Path(urlparse(url).path).name",
        'os.path.basename(url).split("?")[0]',
    ],
)
def test_a_picture_without_a_url_gets_a_file_name_and_other_urls_keep_theirs(code: str) -> None:
    done = rewrite(_TOP.format(code=code, url="image.url"))
    assert all(site.migrated for site in done.sites)
    assert f'.hexdigest()[:16] + ".png" if url.startswith("data:") else {code})' in done.text


@pytest.mark.parametrize(
    ("code", "ending"),
    [
        ("os.path.splitext(urlparse(url).path)[1]", '".png"'),
        ("Path(urlparse(url).path).suffix", '".png"'),
        ('url.split("?")[0].split(".")[-1]', '"png"'),
    ],
)
def test_an_extension_is_that_of_the_pictures(code: str, ending: str) -> None:
    assert (
        f'({ending} if url.startswith("data:") else {code})'
        in rewrite(_TOP.format(code=code, url="image.url")).text
    )


@pytest.mark.parametrize(
    "code",
    ['url.split("/")[2]', "urlparse(url).netloc", 'url.split("/")[-1].split("-")[0]', 'url.split("=")[-1]'],
)
def test_other_parts_of_a_url_are_left_for_a_person(code: str) -> None:
    done = rewrite(_TOP.format(code=code, url="image.url"))
    assert not done.changed
    assert "IMG013" in {one.rule for one in done.left}
