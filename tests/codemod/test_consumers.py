"""Tests of what a receiver of a picture's url gets instead: bytes in the form that its package takes, or a finding."""

from __future__ import annotations

import pytest

from tests.codemod.support import rewrite

_HEAD = 'from openai import OpenAI\n\nurl = OpenAI().images.generate(model="dall-e-3", prompt="a crane").data[0].url\n'
_RECORDS = "from django.db import models\n\n\nclass Card(models.Model):\n    picture = models.{column}\n"


@pytest.mark.parametrize(
    ("imports", "sent"),
    [
        ("from aiogram.filters import Command", 'BufferedInputFile(base64.b64decode(url), "image.png")'),
        ("from aiogram.utils import executor", "base64.b64decode(url)"),
        ("import pyrogram", "io.BytesIO(base64.b64decode(url))"),
        ("import telebot", "base64.b64decode(url)"),
    ],
)
def test_a_telegram_library_gets_the_picture_in_the_form_that_it_takes(imports: str, sent: str) -> None:
    done = rewrite(f"{imports}\n{_HEAD}bot.send_photo(7, url)\n")
    assert done.sites[0].migrated
    assert f"bot.send_photo(7, {sent})" in done.text


@pytest.mark.parametrize(
    ("imports", "used", "becomes"),
    [
        (
            "from reportlab.platypus import Image",
            "Image(url, 90, 90)",
            "Image(io.BytesIO(base64.b64decode(url)), 90, 90)",
        ),
        ("from nicegui import ui", "ui.image().set_source(url)", "ui.image().set_source(url)"),
    ],
)
def test_a_library_that_lays_out_pages_gets_what_it_reads(imports: str, used: str, becomes: str) -> None:
    done = rewrite(f"{imports}\n{_HEAD}{used}\n")
    assert done.sites[0].migrated
    assert f"\n{becomes}\n" in done.text


@pytest.mark.parametrize(
    ("imports", "used"),
    [
        ("from telegram import InlineKeyboardButton", "InlineKeyboardButton('open', url=url)"),
        ("from reportlab.pdfgen import canvas", "canvas.Canvas('a.pdf').drawImage(url, 0, 0)"),
    ],
)
def test_what_refuses_a_data_uri_is_left_even_when_unsafe_changes_are_wanted(imports: str, used: str) -> None:
    done = rewrite(f"{imports}\n{_HEAD}{used}\n", unsafe=True)
    assert not done.sites[0].migrated
    assert [(one.rule, one.fix) for one in done.left] == [("IMG013", "manual")]


def test_a_document_gets_a_file_name_that_bytes_do_not_have() -> None:
    done = rewrite(f"from telegram import Update\n{_HEAD}bot.send_document(7, url)\n")
    assert 'bot.send_document(7, InputFile(base64.b64decode(url), "image.png"))' in done.text


def test_a_document_that_a_library_cannot_send_without_a_name_is_left_for_a_person() -> None:
    done = rewrite(f"import pyrogram\n{_HEAD}app.send_document(7, url)\n")
    (left,) = done.left
    assert (left.rule, left.fix) == ("IMG013", "manual")
    assert "document.name" in left.suggestion


@pytest.mark.parametrize(
    ("shown", "becomes"),
    [
        ("Image(url)", "Image(base64.b64decode(url))"),
        ("Image(data=url, width=300)", "Image(data=base64.b64decode(url), width=300)"),
        ("Image(url=url)", "Image(url=url)"),
    ],
)
def test_a_notebook_image_shows_the_picture_however_it_got_the_url(shown: str, becomes: str) -> None:
    done = rewrite(f"from IPython.display import Image, display\n{_HEAD}display({shown})\n")
    assert done.sites[0].migrated
    assert f"display({becomes})" in done.text


def test_a_notebook_image_of_a_picture_or_an_ordinary_url_gets_it_by_the_keyword_that_takes_both() -> None:
    shown = "def show(place):\n    display(Image(place, width=300))\n\n\nshow(url)\nshow('https://example.com/a.png')\n"
    done = rewrite(f"from IPython.display import Image, display\n{_HEAD}{shown}")
    assert done.sites[0].migrated
    assert "display(Image(url=place, width=300))" in done.text


@pytest.mark.parametrize(
    ("imports", "read"),
    [("wget", "wget.download(url, 'a.png')"), ("cv2", "cv2.imread(url)")],
)
def test_what_fetches_a_url_but_gives_no_answer_with_the_bytes_is_not_replaced_by_them(
    imports: str, read: str
) -> None:
    done = rewrite(f"import {imports}\n{_HEAD}{read}\n")
    assert not done.sites[0].migrated
    assert [(one.rule, one.fix) for one in done.left] == [("IMG013", "manual")]


@pytest.mark.parametrize(
    ("use", "becomes"),
    [
        ("f.write(r.raw.read(decode_content=True))", "f.write(r)"),
        (
            "r.raw.decode_content = True\nshutil.copyfileobj(r.raw, f)",
            "\nshutil.copyfileobj(io.BytesIO(r), f)",
        ),
        (
            "while piece := r.raw.read(1024):\n    f.write(piece)",
            "_fetch_image(requests.get, url, stream=True)",
        ),
        ("f.writelines(r.raw.stream(1024))", "_fetch_image(requests.get, url, stream=True)"),
    ],
)
def test_the_raw_answer_is_replaced_only_where_the_bytes_can_do_the_same(use: str, becomes: str) -> None:
    done = rewrite(f"import requests\nimport shutil\n{_HEAD}r = requests.get(url, stream=True)\n{use}\n")
    assert done.sites[0].migrated
    assert becomes in done.text
    assert "decode_content" not in done.text


def test_the_stream_in_an_answer_of_aiohttp_is_not_taken_for_the_bytes() -> None:
    get = "async def save(session):\n    r = await session.get(url)\n"
    head = f"import aiohttp\n{_HEAD}session = aiohttp.ClientSession()\n\n\n"
    whole = rewrite(f"{head}{get}    return await r.content.read()\n\n\nsave(session)\n")
    assert "    return r\n" in whole.text
    parts = rewrite(f"{head}{get}    return [one async for one in r.content.iter_any()]\n\n\nsave(session)\n")
    assert "_fetch_image_aiohttp(session.get, url)" in parts.text


def test_a_download_with_arguments_that_the_helper_would_not_pass_on_is_left() -> None:
    fetch = "def fetch(place):\n    return requests.get(place, {'size': 'l'}).content\n\n\nfetch(url)\n"
    done = rewrite(f"import requests\n{_HEAD}{fetch}")
    assert not done.sites[0].migrated


def test_bytes_are_handed_over_as_the_pinned_version_takes_them() -> None:
    source = f"from aiogram import types\n{_HEAD}bot.send_photo(7, url)\n"
    new = rewrite({"bot.py": source, "requirements.txt": "aiogram>=3.4\n"})
    old = rewrite({"bot.py": source, "requirements.txt": "aiogram==2.25.1\n"})
    assert 'types.BufferedInputFile(base64.b64decode(url), "image.png")' in new.texts["bot.py"]
    assert "bot.send_photo(7, base64.b64decode(url))" in old.texts["bot.py"]


@pytest.mark.parametrize(
    ("decorator", "sent"), [("message", "types.BufferedInputFile("), ("message_handler", "base64.b64decode(")]
)
def test_the_way_in_which_handlers_are_registered_tells_the_version(decorator: str, sent: str) -> None:
    done = rewrite(
        "from aiogram import Dispatcher, types\nfrom openai import OpenAI\n\ndp = Dispatcher()\n\n\n"
        f"@dp.{decorator}()\nasync def draw(message):\n"
        '    url = OpenAI().images.generate(model="dall-e-3", prompt=message.text).data[0].url\n'
        "    await message.reply_photo(url)\n"
    )
    assert f"message.reply_photo({sent}" in done.text


def test_nobody_guesses_a_version_that_nothing_tells() -> None:
    done = rewrite(f"from aiogram import types\n{_HEAD}bot.send_photo(7, url)\n")
    assert not done.sites[0].migrated
    assert [(one.rule, one.fix) for one in done.left] == [("IMG013", "manual")]


@pytest.mark.parametrize(
    ("wrapped", "becomes"),
    [
        ("URLInputFile(url)", 'BufferedInputFile(base64.b64decode(url), "image.png")'),
        ('URLInputFile(url, filename="a.png")', 'BufferedInputFile(base64.b64decode(url), filename="a.png")'),
    ],
)
def test_what_fetched_a_url_for_a_message_holds_the_bytes(wrapped: str, becomes: str) -> None:
    done = rewrite(f"from aiogram.types import URLInputFile\n{_HEAD}bot.send_photo(7, {wrapped})\n")
    assert done.sites[0].migrated
    assert f"bot.send_photo(7, {becomes})" in done.text


def test_a_wrapper_of_a_url_that_is_told_more_is_left_for_a_person() -> None:
    wrapped = "URLInputFile(url, headers={'Accept': 'image/png'})"
    done = rewrite(f"from aiogram.types import URLInputFile\n{_HEAD}bot.send_photo(7, {wrapped})\n")
    assert not done.sites[0].migrated


def test_a_reader_of_files_and_urls_gets_a_file_object() -> None:
    done = rewrite(f"from skimage import io\n{_HEAD}image = io.imread(url)\n")
    assert done.sites[0].migrated
    assert "image = io.imread(_io.BytesIO(base64.b64decode(url)))" in done.text
    assert "import io as _io" in done.text


@pytest.mark.parametrize("call", ["wget.download(url)", "cv2.imread(url)", "diffusers.utils.load_image(url)"])
def test_what_writes_a_file_or_gives_pixels_is_no_download_that_bytes_can_replace(call: str) -> None:
    done = rewrite(f"import cv2, diffusers.utils, wget\n{_HEAD}found = {call}\n")
    assert [(one.rule, one.fix) for one in done.left] == [("IMG013", "manual")]


@pytest.mark.parametrize("made", ["Card(picture=url).save()", "Card.objects.create(picture=url)"])
@pytest.mark.parametrize(
    ("column", "fix", "said"),
    [
        ("URLField(max_length=300)", "manual", "holds 300 characters"),
        ("TextField()", "review", "keeps the url"),
    ],
)
def test_a_record_of_the_project_is_named_with_what_its_column_holds(
    made: str, column: str, fix: str, said: str
) -> None:
    files = {"cards/models.py": _RECORDS.format(column=column), "cards/__init__.py": ""}
    done = rewrite({**files, "cards/draw.py": f"from cards.models import Card\n{_HEAD}{made}\n"})
    (left,) = done.left
    assert (left.rule, left.fix) == ("IMG017", fix)
    assert f"Card.picture (database record) {said}" in left.message


def test_an_unknown_receiver_is_no_case_for_a_choice_that_would_not_settle_it() -> None:
    (left,) = rewrite(f"import kiosk\n{_HEAD}kiosk.show(url)\n").left
    assert "--url-as data-uri" not in left.suggestion
    (left,) = rewrite(
        "from openai import OpenAI\n\n\ndef draw():\n"
        '    return OpenAI().images.generate(model="dall-e-3", prompt="x").data[0].url\n'
    ).left
    assert "--url-as data-uri" in left.suggestion


def test_a_function_that_comes_with_a_star_import_has_its_callers_there() -> None:
    files = {
        "draw.py": "from openai import OpenAI\n\n\ndef draw():\n"
        '    return OpenAI().images.generate(model="dall-e-3", prompt="x").data[0].url\n',
        "main.py": "import requests\nfrom draw import *\n\nopen('x.png', 'wb').write(requests.get(draw()).content)\n",
    }
    done = rewrite(files)
    assert done.sites[0].migrated
    assert "requests" not in done.texts["main.py"]


def test_a_file_that_does_not_parse_and_may_call_a_site_is_named() -> None:
    files = {
        "draw.py": "from openai import OpenAI\n\n\ndef draw_heron():\n"
        '    return OpenAI().images.generate(model="dall-e-3", prompt="x").data[0].url\n',
        "old.py": "from draw import draw_heron\n\nprint draw_heron()\n",
    }
    done = rewrite(files)
    (broken,) = (one for one in done.left if one.path == "old.py")
    assert (broken.rule, broken.line) == ("IMG092", 3)
    assert "what it does with that was not seen" in broken.message


def test_a_finding_about_a_loop_in_a_comprehension_says_its_line() -> None:
    done = rewrite(f"{_HEAD}\n\nletters = [letter for letter in url]\n")
    assert {one.line for one in done.left} == {6}


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("import streamlit\nfrom fpdf import FPDF\n\npdf = FPDF()", "pdf.image(url)"),
        ("import streamlit\n\nfile = open('x.txt', 'w')", "file.write(url)"),
        ("import discord\nimport socket\n\nconn = socket.socket()", "conn.send(url)"),
        ("import discord\n\n\nclass Post:\n    pass\n\n\npost = Post()", "post.send(url)"),
        ("import discord\nfrom pipes_of_mine import pipe", "pipe.send(url)"),
    ],
)
def test_a_method_of_another_package_is_not_taken_for_its_namesake(imports: str, call: str) -> None:
    assert not rewrite(f"{imports}\n{_HEAD}{call}\n").sites[0].migrated


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("import streamlit as st\n\nleft, right = st.columns(2)", "left.image(url)"),
        ("import streamlit as st\nfrom layout import left_col2", "left_col2.image(url)"),
        (
            "import discord\nfrom discord.ext import commands\n\nbot = commands.Bot()",
            "bot.get_channel(1).send(url)",
        ),
    ],
)
def test_an_object_of_the_package_is_known_by_what_made_it_or_by_its_name(imports: str, call: str) -> None:
    assert rewrite(f"{imports}\n{_HEAD}{call}\n").sites[0].migrated


@pytest.mark.parametrize(("name", "migrated"), [("ctx", True), ("interaction", True), ("pipe", False)])
def test_of_an_object_that_nobody_knows_only_the_name_tells_whose_it_is(name: str, migrated: bool) -> None:
    done = rewrite(
        "import discord\nfrom openai import OpenAI\n\n\nasync def draw(" + name + "):\n"
        '    url = OpenAI().images.generate(model="dall-e-3", prompt="x").data[0].url\n'
        f"    await {name}.send(url)\n"
    )
    assert done.sites[0].migrated is migrated
