"""The fixtures prove something only if their tools refuse what is wrong."""

from __future__ import annotations

import base64
import importlib.util
import io
import sys
from typing import TYPE_CHECKING, Any

import pytest
from fixture_runs import STUBS, SUPPORT, Case, Rewritten, Wrong, all_cases, outcome_of
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    from fixture_runs import Runner


def module(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


outcome = module(SUPPORT / "outcome.py", "fixture_outcome")


def png(width: int = 100, height: int = 100) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, "PNG")
    return out.getvalue()


def data_uri() -> str:
    return "data:image/png;base64," + base64.b64encode(png()).decode()


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "None",
        "iVBORw0KGgo",
        "data:image/png;base64,AAAA",
        "data:image/png;base64,not base64",
        b"png",
    ],
)
def test_a_value_that_shows_no_picture_is_refused(value: object) -> None:
    with pytest.raises(AssertionError):
        outcome.picture(value)


def test_bytes_paths_and_data_uris_are_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(200, 100))
    for value in (png(200, 100), path, str(path), io.BytesIO(png(200, 100))):
        assert outcome.picture(value, "wide").size == (200, 100)
    assert outcome.picture(data_uri(), "square").size == (100, 100)
    with pytest.raises(AssertionError, match="expected a tall picture"):
        outcome.picture(path, "tall")


def test_pictures_are_found_in_html_and_bare_base64_is_not(tmp_path: Path) -> None:
    html = f"<img src=\"{data_uri()}\"> <a href='nothing.png'>{base64.b64encode(png()).decode()}</a> None"
    assert outcome.strings(html) == [data_uri()]


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(STUBS))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.split(".")[0] in {"discord", "telegram", "slack_sdk", "twilio", "streamlit"}:
            del sys.modules[name]


def discord_embed(value: str) -> None:
    import discord

    discord.Embed().set_image(url=value)


def slack_block(value: str) -> None:
    import slack_sdk

    slack_sdk.WebClient().chat_postMessage(channel="c", blocks=[{"type": "image", "image_url": value}])


def telegram_photo(value: str) -> None:
    import telegram

    telegram.InputMediaPhoto(value)


def twilio_media(value: str) -> None:
    import twilio.rest

    twilio.rest.Client().messages.create(to="+1", media_url=[value])


@pytest.mark.parametrize("send", [discord_embed, slack_block, telegram_photo, twilio_media])
@pytest.mark.usefixtures("stubs")
def test_a_service_that_needs_a_public_url_refuses_a_data_uri(send: Callable[[str], None]) -> None:
    send("https://example.org/a.png")
    with pytest.raises(Exception, match=r"(?i)http|url"):
        send(data_uri())


def test_a_check_that_fails_is_reported_with_its_output(runner: Runner, tmp_path: Path) -> None:
    case = made(tmp_path, "print('so far so good')\nraise SystemExit(3)\n")
    done = runner.check(case, case.project, "today")
    assert (done.code, done.output) == (3, "so far so good\n")


def test_a_check_sees_the_program_and_the_simulated_api_only(runner: Runner, tmp_path: Path) -> None:
    case = made(tmp_path, "import os, app\nprint(app.NAME, os.environ['OPENAI_BASE_URL'][:17])\n")
    assert runner.check(case, case.project, "dalle").output == "made http://127.0.0.1:\n"[:22] + "\n"


def made(folder: Path, check: str) -> Case:
    project = folder / "project"
    project.mkdir()
    (project / "app.py").write_text("NAME = 'made'\n", encoding="utf-8")
    (folder / "check.py").write_text(check, encoding="utf-8")
    return Case(name="made/here", folder=folder, expect=("migrated",), note="")


def done(*sites: tuple[bool, str], left: str = "") -> Rewritten:
    findings = [{"rule": "IMG001", "fix": left, "applied": False, "path": "a.py", "line": 1, "message": "…"}]
    rows: list[dict[str, Any]] = [{"migrated": migrated, "outcome": worst} for migrated, worst in sites]
    return Rewritten({"sites": rows, "findings": findings if left else []}, "")


def test_what_a_run_came_to_is_told_by_its_sites_and_findings(tmp_path: Path) -> None:
    case = made(tmp_path, "")
    assert outcome_of(done((True, "safe"), left="review"), case, changed=True) == "migrated"
    assert outcome_of(done((False, "review"), left="review"), case, changed=False) == "review"
    assert outcome_of(done((False, "manual"), left="manual"), case, changed=False) == "manual"
    assert outcome_of(done((True, "safe"), (False, "manual"), left="manual"), case, changed=True) == "mixed"
    assert outcome_of(done(), case, changed=False) == "untouched"
    assert outcome_of(done(left="review"), case, changed=False) == "review"


def test_a_site_that_is_left_without_a_finding_is_an_error(tmp_path: Path) -> None:
    case = made(tmp_path, "")
    with pytest.raises(Wrong, match="SILENT MISS"):
        outcome_of(done((True, "safe"), (False, "review")), case, changed=True)
    with pytest.raises(Wrong, match="without a finding"):
        outcome_of(done((False, "manual"), left="review"), case, changed=False)


def test_a_site_that_is_right_already_is_not_something_to_migrate(tmp_path: Path) -> None:
    case = made(tmp_path, "")
    assert outcome_of(done((False, "done")), case, changed=False) == "untouched"


def test_a_note_does_not_count_as_a_flag(tmp_path: Path) -> None:
    case = made(tmp_path, "")
    with pytest.raises(Wrong, match="SILENT MISS"):
        outcome_of(done((False, "review"), left="safe"), case, changed=False)


def test_edits_without_a_migrated_site_are_an_error(tmp_path: Path) -> None:
    case = made(tmp_path, "")
    with pytest.raises(Wrong, match="no site is migrated"):
        outcome_of(done((False, "review"), left="review"), case, changed=True)
    with pytest.raises(Wrong, match="there is no site"):
        outcome_of(done(left="review"), case, changed=True)


def test_an_unknown_key_in_a_case_is_refused(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text("expect: migrated\nnote: x\nexpects: y\n", encoding="utf-8")
    with pytest.raises(ValueError, match="expects"):
        Case.read(tmp_path)


def test_every_fixture_says_what_it_is() -> None:
    assert all(case.note and case.expect and (case.folder / "check.py").is_file() for case in all_cases())
