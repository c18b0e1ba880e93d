"""Tests of how a url begins, where the url was a picture's."""

from __future__ import annotations

import pytest

from tests.codemod.support import rewrite

_PROGRAM = (
    "import base64\nimport re\n\nimport requests\nfrom openai import OpenAI\n\n\ndef save(url, path):\n{body}\n\n\n"
    'save(OpenAI().images.generate(model="dall-e-3", prompt="a snail").data[0].url, "snail.png")\n'
)
_KEEP = "open(path, 'wb').write(requests.get(url).content)"


@pytest.mark.parametrize(
    ("body", "test"),
    [
        (f"    if url.startswith('http'):\n        {_KEEP}\n", "url.startswith(('http', 'data:'))"),
        (
            f"    if not url.startswith('https://'):\n        raise ValueError(url)\n    {_KEEP}\n",
            "('https://', 'data:')",
        ),
        (
            f"    if url.startswith(('http://', 'https://')):\n        {_KEEP}\n    else:\n        open(path).write(url)\n",
            "(('http://', 'https://', 'data:'))",
        ),
        (
            f"    if url.startswith('http'):\n        return {_KEEP}\n    open(path, 'wb').write(base64.b64decode(url))\n",
            "url.startswith(('http', 'data:'))",
        ),
    ],
)
def test_a_data_uri_goes_where_a_url_of_a_picture_went(body: str, test: str) -> None:
    done = rewrite(_PROGRAM.format(body=body))
    assert done.sites[0].migrated
    assert test in done.text


@pytest.mark.parametrize(
    "body",
    [
        f"    if url.startswith('https://oaidalleapi'):\n        {_KEEP}\n",
        f"    if url.startswith('http'):\n        {_KEEP}\n    url = url + '?'\n    stored.append(url)\n",
        f"    if url.endswith('.png'):\n        {_KEEP}\n",
        f"    if url.startswith('http://'):\n        return None\n    else:\n        {_KEEP}\n",
        f"    if url.startswith(('http://', 'ftp://')):\n        raise PermissionError('https')\n    {_KEEP}\n",
    ],
)
def test_another_test_or_use_is_still_left_for_a_person(body: str) -> None:
    assert not rewrite(_PROGRAM.format(body=body)).sites[0].migrated


def test_code_that_strips_the_head_of_a_data_uri_reads_them() -> None:
    body = (
        f"    if url.startswith('http'):\n        {_KEEP}\n    else:\n"
        "        open(path, 'wb').write(base64.b64decode(re.sub('^data:image/.+;base64,', '', url)))\n"
    )
    done = rewrite(_PROGRAM.format(body=body))
    assert done.sites[0].migrated
    assert body in done.text


@pytest.mark.parametrize(
    "branch",
    [
        "    if url.startswith('data:'):\n        raise ValueError('an address is wanted')\n",
        "    if url.startswith('data:'):\n        return None\n",
        "    if path.startswith('data:'):\n        path = path.partition(',')[2]\n",
        "    if url.startswith('data: '):\n        url = url[6:]\n",
    ],
)
def test_a_branch_that_refuses_or_means_something_else_reads_no_data_uri(branch: str) -> None:
    done = rewrite(_PROGRAM.format(body=f"{branch}    {_KEEP}\n"))
    assert not done.sites[0].migrated or f"    {_KEEP}\n" not in done.text


def test_a_path_in_place_of_a_url_is_not_let_through() -> None:
    done = rewrite(_PROGRAM.format(body=f"    if url.startswith('http'):\n        {_KEEP}\n"), url_as="file")
    assert "IMG013" in {one.rule for one in done.left}


def test_an_error_that_tells_the_url_is_text_for_people() -> None:
    body = f"    if not path:\n        raise ValueError(f'no path for {{url}}')\n    {_KEEP}\n"
    done = rewrite(_PROGRAM.replace("{body}", body))
    assert done.sites[0].migrated
