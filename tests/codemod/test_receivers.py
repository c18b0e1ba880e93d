"""What gets the url of a picture: containers of the program, and everything else, which may not take a data: URI."""

from __future__ import annotations

import pytest

from tests.codemod.support import Files, Result, rewrite

_HEAD = "from openai import OpenAI\n\nclient = OpenAI()\n"
_DRAW = 'client.images.generate(model="dall-e-3", prompt="a snail").data[0].url'


def sent(code: str, **options: object) -> Result:
    """A program in which ``URL`` stands for the url of a new picture."""
    files: Files = {"app.py": _HEAD + code.replace("URL", _DRAW)}
    return rewrite(files, **options)


def is_moved(done: Result) -> bool:
    return all(site.migrated for site in done.sites) and bool(done.sites) and not done.left


@pytest.mark.parametrize(
    "code",
    [
        "from player import Playlist\nlist_of_all = Playlist('x')\nlist_of_all.append(URL)\n",
        "from player import Playlist\nsongs = Playlist('x')\nsongs.extend([URL])\nsongs.add(URL)\n",
        "import openpyxl\nsheet = openpyxl.Workbook().active\nsheet.append(['a snail', URL])\n",
        "from openpyxl import load_workbook\nsheet = load_workbook('a.xlsx')['All']\nsheet['A1'] = URL\n",
        "from bus import Channel\nchannel = Channel()\nchannel.put(URL)\n",
        "from bus import Record\nrecord = Record()\nrecord.setdefault('picture', URL)\n",
        "import redis\nstore = redis.Redis()\nstore['picture'] = URL\n",
        "from diskcache import Cache\ncache = Cache('x')\ncache['picture'] = URL\n",
        "import shelve\nwith shelve.open('x') as shelf:\n    shelf['picture'] = URL\n",
        "import tkinter as tk\nbox = tk.Listbox()\nbox.insert(tk.END, URL)\n",
        "from gui import Gallery\n\n\nclass Mine(Gallery):\n    def more(self):\n        self.items.append(URL)\n",
        "class Store:\n    def __init__(self, album):\n        self.album = album\n\n    def keep(self):\n"
        "        self.album.append(URL)\n",
        "from bus import Record\n\n\nclass Album(Record):\n    pass\n\n\nalbum = Album()\nalbum['a'] = URL\n",
        "from bus import Record\nrecord = Record()\nrecord.setdefault('all', []).append(URL)\n",
        "from openpyxl import load_workbook\n\n\ndef sheet() -> 'Sheet':\n    return load_workbook('a').active\n\n\n"
        "sheet().append([URL])\n",
    ],
)
def test_what_is_put_into_an_object_that_need_not_be_a_container_is_left_with_a_reason(code: str) -> None:
    done = sent(code)
    assert not done.changed
    assert {"IMG012", "IMG017"} & {one.rule for one in done.left}


@pytest.mark.parametrize(
    "code",
    [
        "links = []\nlinks.append(URL)\nprint(links)\n",
        "links = set(['a'])\nlinks.add(URL)\nprint(links)\n",
        "links = [one for one in 'ab']\nlinks.insert(0, URL)\nprint(links)\n",
        "from collections import defaultdict, deque\nlinks = defaultdict(list)\nlinks['a'].append(URL)\nprint(links)\n",
        "from collections import deque\nlinks = deque(maxlen=3)\nlinks.appendleft(URL)\nprint(links)\n",
        "import queue\nlinks = queue.Queue()\nlinks.put(URL)\nprint(links.get())\n",
        "from cachetools import TTLCache\nlinks = TTLCache(9, 9)\nlinks['a'] = URL\nprint(links['a'])\n",
        "class Links(list):\n    pass\n\n\nlinks = Links()\nlinks.append(URL)\nprint(links)\n",
        "from dataclasses import dataclass, field\n\n\n@dataclass\nclass Kept:\n"
        "    links: list[str] = field(default_factory=list)\n\n\nkept = Kept()\nkept.links.append(URL)\nprint(kept.links)\n",
        "from pydantic import BaseModel\n\n\nclass Kept(BaseModel):\n    links: list[str] = []\n\n\n"
        "kept = Kept()\nkept.links.append(URL)\nprint(kept.links)\n",
        "import json\nkept = json.loads('{}')\nkept['links'].append(URL)\nprint(kept)\n",
        "one = []\ntwo = one\none = two\none.append(URL)\nprint(two)\n",
    ],
)
def test_containers_of_the_program_are_followed(code: str) -> None:
    assert is_moved(sent(code))


@pytest.mark.parametrize(
    "fill",
    [
        "st.session_state.history.append(URL)\n",
        "st.session_state['history'].append(URL)\n",
        "history = st.session_state.history\nhistory.append(URL)\n",
        "st.session_state.setdefault('history', []).append(URL)\n",
        "st.session_state.history.append((URL, 'a snail'))\n",
    ],
)
def test_a_list_that_the_program_keeps_in_a_session_is_followed(fill: str) -> None:
    done = sent(
        "import streamlit as st\n\nif 'history' not in st.session_state:\n    st.session_state['history'] = []\n"
        + fill
        + "for one in st.session_state.history:\n    st.image(one)\n"
    )
    assert is_moved(done)


def test_a_session_in_which_no_list_is_seen_may_hold_anything() -> None:
    done = sent(
        "import streamlit as st\nst.session_state['album'].append(URL)\nst.write(st.session_state['album'])\n"
    )
    assert not done.changed
    assert done.left


def test_places_outside_that_are_made_of_each_other_are_asked_about_once() -> None:
    done = sent(
        "import streamlit as st\nst.session_state.one = st.session_state.two\nst.session_state.two = st.session_state.one\n"
        "st.session_state.one.append(URL)\n"
    )
    assert not done.changed
    assert done.left


@pytest.mark.parametrize(
    ("fill", "links"),
    [
        ("links = self.links\n        links.append(URL)", "self.links"),
        ("links = self.kept['links']\n        links.append(URL)", "self.kept['links']"),
        ("links = self.kept.setdefault('links', [])\n        links.append(URL)", "self.kept['links']"),
        ("self.kept.get('links').append(URL)", "self.kept['links']"),
    ],
)
def test_what_is_put_into_a_container_by_another_name_is_downloaded_from_there(fill: str, links: str) -> None:
    done = sent(
        "import requests\n\n\nclass Story:\n    def __init__(self):\n        self.links = []\n"
        f"        self.kept = {{'links': []}}\n\n    def draw(self):\n        {fill}\n\n"
        f"    def pictures(self):\n        return [requests.get(one).content for one in {links}]\n\n\n"
        "story = Story()\nstory.draw()\nprint(len(story.pictures()))\n"
    )
    assert is_moved(done)
    assert "requests.get(one)" not in done.text


@pytest.mark.parametrize(
    ("method", "fill"),
    [("append(self, value)", "album.append(URL)"), ("__setitem__(self, key, value)", "album['a'] = URL")],
)
def test_a_method_of_the_project_that_fills_an_object_is_entered(method: str, fill: str) -> None:
    done = sent(
        f"import requests\n\n\nclass Album:\n    def {method}:\n        self.last = requests.get(value).content\n\n\n"
        f"album = Album()\n{fill}\nprint(len(album.last))\n"
    )
    assert is_moved(done)
    assert "requests.get(value)" not in done.text
