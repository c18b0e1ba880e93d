"""Which settings are changed, to what, and what is said of the others."""

from __future__ import annotations

import re

import pytest

from tests.hosts.support import TARGET, after, run, said

# «old→new» marks what changes; T is the target
CHANGED = [
    ("c.yaml", "image:\n  model: «dall-e-3→T» # m\n  quality: '«hd→high»'\n"),
    ("c.yaml", "a: &m dall-e-3\nb_model: *m\n"),
    ("c.yaml", "image_model: |\n  «dall-e-3→T»\n"),
    ("c.yaml", "image_model: >-\n  «dall-e-3→T»\n---\nimage_model: !str «dall-e-2→T»\n"),
    ("c.yaml", "x: {model: «dall-e-2→T», size: «256x256→1024x1024»}\r\n"),
    ("c.json", '{"imageModel": "«dall-e-3→T»", "imageQuality":"«standard→medium»" }'),
    ("c.json", '// c\n{"model": "«dall-e-3→T»", /* x */ "n": 1,}\n'),
    ("c.toml", '[image] # x\nmodel = """«dall-e-3→T»"""\n"quality" = \'«hd→high»\'\n'),
    ("c.toml", 'image = {model = "«dall-e-3→T»", size="«512x512→1024x1024»"}\n'),
    ("c.ini", "; c\n[image]\nmodel : «dall-e-3→T»\nquality=«hd→high»\n"),
    ("a.properties", "openai.image.model=«dall-e-3→T»\nopenai.image.quality = «hd→high»"),
    (".env", "export IMAGE_MODEL='«dall-e-3→T»' # c\nIMAGE_SIZE=«512x512→1024x1024»\n"),
    (".env.example", "\tDALLE_MODEL = «dall-e-3→T»   # c\n"),
    ("Dockerfile", 'ENV IMAGE_MODEL «dall-e-3→T»\nARG IMAGE_MODEL="«dall-e-3→T»"\n'),
    ("compose.yml", 'environment:\n- "IMAGE_MODEL=«dall-e-3→T»"\n- IMAGE_QUALITY=«hd→high»\n'),
    (
        ".github/workflows/ci.yml",
        "env:\n  A: ${{ vars.M || 'x' }}\njobs: {env: {IMAGE_MODEL: «dall-e-3→T»}}\n",
    ),
    (
        "k.yaml",
        "env:\n- name: IMAGE_MODEL\n  value: «dall-e-3→T»\n- name: IMAGE_QUALITY\n  value: '«hd→high»'\n",
    ),
    ("k.json", '{"env": [{"name": "IMAGE_MODEL", "value": "«dall-e-3→T»"}]}'),
]


@pytest.mark.parametrize(("path", "marked"), CHANGED)
def test_the_value_alone_is_replaced(path: str, marked: str) -> None:
    before = re.sub("«(.*?)→(.*?)»", r"\1", marked)
    expected = re.sub("«(.*?)→(.*?)»", r"\2", marked.replace("→T»", f"→{TARGET}»"))
    assert after(path, before) == expected


def test_settings_of_something_else_stay() -> None:
    text = "image:\n  model: dall-e-3\nvideo:\n  quality: hd\nchat: {model: gpt-4, style: vivid}\nsize: 256x256\n"
    assert after("c.yaml", text) == text.replace("dall-e-3", TARGET)


def test_each_setting_goes_with_the_model_that_is_named_like_it() -> None:
    text = "IMAGE_MODEL=dall-e-3\nIMAGE_QUALITY=hd\nVIDEO_MODEL=sora\nVIDEO_QUALITY=hd\nTHUMB_SIZE=256x256\n"
    assert after(".env", text) == text.replace("dall-e-3", TARGET).replace(
        "IMAGE_QUALITY=hd", "IMAGE_QUALITY=high"
    )


def test_what_the_api_refuses_beside_a_model_is_reported_and_holds_the_model_back() -> None:
    text = "image:\n  model: dall-e-3\n  style: vivid\n  response_format: url\n"
    done = run("c.yaml", text)
    assert done.after is None
    assert said(done) == [
        ("IMG001", "review", 2, 10),
        ("IMG005", "manual", 3, 10),
        ("IMG006", "manual", 4, 20),
    ]


def test_a_style_that_migrated_code_no_longer_sends_does_not_hold_the_model_back() -> None:
    text = "image_model: dall-e-3\nimage_style: vivid\n"
    done = run("c.yaml", text, ("image_model", "model"), ("image_style", "style"))
    assert done.after == f"image_model: {TARGET}\nimage_style: vivid\n"
    assert "nothing reads it" in done.findings[1].message


def test_a_setting_that_only_migrated_code_shows_to_be_one_is_changed() -> None:
    text = "IMAGE_QUALITY=hd\nDB=standard\n"
    assert after(".env", text, ("IMAGE_QUALITY", "quality")) == "IMAGE_QUALITY=high\nDB=standard\n"
    assert after(".env", text) == text


def test_a_setting_goes_with_the_calls_that_read_it() -> None:
    left = ("IMAGE_MODEL", "model", False)
    done = run(".env", "IMAGE_MODEL=dall-e-3\nIMAGE_QUALITY=hd\n", left, ("IMAGE_QUALITY", "quality", False))
    assert (done.after, said(done)) == (None, [("IMG001", "manual", 1, 13), ("IMG003", "manual", 2, 15)])
    assert "app.py:1) is not migrated" in done.findings[0].message
    assert after(".env", "IMAGE_MODEL=dall-e-3\n", left, unsafe=True) == "IMAGE_MODEL=dall-e-3\n"
    assert (
        after(".env", "IMAGE_QUALITY=hd\n", ("IMAGE_QUALITY", "quality", False), unsafe=True)
        == "IMAGE_QUALITY=hd\n"
    )


def test_a_value_that_code_compares_with_stays_where_the_call_translates_it() -> None:
    done = run(
        ".env", "IMAGE_MODEL=dall-e-3\n", ("IMAGE_MODEL", "model"), compared=("dall-e-3",), unsafe=True
    )
    assert (done.after, said(done)) == (None, [("IMG001", "manual", 1, 13)])
    assert "it is translated at the call" in done.findings[0].message


def test_a_value_that_code_compares_with_is_for_review_where_no_call_is_migrated() -> None:
    done = run(".env", "IMAGE_MODEL=dall-e-3\n", ("IMAGE_MODEL", "model", False), compared=("dall-e-3",))
    assert said(done) == [("IMG001", "review", 1, 13)]


def test_deployments_of_azure_are_for_review() -> None:
    assert said(run(".env", "AZURE_OPENAI_DALLE_DEPLOYMENT=dall-e-3\n")) == [("IMG001", "review", 1, 31)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("c.yaml", "models: [gpt-4, dall-e-3, dall-e-2]\n"),
        ("c.json", '{"prices": {"dall-e-3": 0.04, "dall-e-2": 0.02}}'),
        ("c.toml", '[[llm]]\nid = "gpt-4"\n[[llm]]\nid = "dall-e-3"\n'),
        ("c.json", '[{"id": "dall-e-3", "mode": "image"}, {"id": "gpt-4o", "mode": "chat"}]'),
        ("c.yaml", "allowed_image_models:\n- dall-e-3\n"),
        (
            "c.json",
            '{"items": {"dall-e-3": {"id": "dall-e-3", "name": "dall-e-3"}, "gpt-4": {"id": "gpt-4"}}}',
        ),
        ("c.json", '{"picture": {"id": "dall-e-3"}, "chat": {"id": "gpt-4"}}'),
        ("c.json", '{"hd/1024-x-1024/dall-e-3": {"cost": 1}, "azure/dall-e-3": {"cost": 2}}'),
        ("c.yaml", "model:\n  default: dall-e-3\n  enum: [dall-e-2, dall-e-3]\n"),
    ],
)
def test_models_among_others_are_reported_once_and_stay(path: str, text: str) -> None:
    done = run(path, text, unsafe=True)
    assert done.after is None
    assert [(one.rule, one.fix) for one in done.findings] == [("IMG041", "manual")]


def test_names_with_a_provider_and_in_commands_are_reported_where_they_stand() -> None:
    done = run("c.yaml", "image_model: openai/dall-e-3\nrun: |\n  go --model dall-e-3\n")
    assert said(done) == [("IMG040", "manual", 1, 14), ("IMG040", "manual", 3, 14)]


def test_texts_for_people_are_counted_only() -> None:
    done = run(
        "c.json",
        '{"title": "dall-e-3", "hint": "Pictures by DALL·E 3, our favourite", "m": "we like dall-e-3 a lot"}',
    )
    assert (done.findings, done.mentions) == ((), 3)


def test_hosts_of_old_pictures_are_reported() -> None:
    done = run("c.json", '{"remote": [{"hostname": "oaidalleapiprodscus.blob.core.windows.net"}]}')
    assert said(done) == [("IMG043", "manual", 1, 27)]


def test_records_and_files_of_tests_are_never_edited() -> None:
    done = run("tests/data/app.yaml", "image_model: dall-e-3\n", unsafe=True)
    assert (done.after, said(done)) == (None, [("IMG001", "manual", 1, 14)])


def test_a_comment_keeps_a_setting_and_ignored_rules_are_silent() -> None:
    text = "image:\n  model: dall-e-3 # migrator: ignore[IMG001]\n  quality: hd\n"
    assert run("c.yaml", text).after is None
    assert run(".env", "IMAGE_MODEL=dall-e-3\n", ignore=("IMG001",)).findings == ()


def test_a_second_run_changes_nothing() -> None:
    text = "image:\n  model: dall-e-3\n  quality: hd\n"
    once = after("c.yaml", text)
    assert run("c.yaml", once).findings == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", '{"name": "dall-e-3", "version": "1.0.0"}'),
        ("k.yaml", "kind: Service\nmetadata:\n  name: dall-e-3\n"),
    ],
)
def test_what_names_itself_is_no_model(path: str, text: str) -> None:
    done = run(path, text, unsafe=True)
    assert (done.after, [(one.rule, one.fix) for one in done.findings]) == (None, [("IMG040", "manual")])


def test_a_container_image_is_not_changed_unasked() -> None:
    assert run("compose.yml", "services:\n  art:\n    image: dall-e-3\n").after is None


def test_keywords_are_no_list_of_models() -> None:
    assert run("package.json", '{"keywords": ["dall-e-3", "openai"]}').findings == ()


BATCH = (
    '{"custom_id": "a", "url": "/v1/images/generations", "body": {"model": "gpt-image-1", "prompt": "a"}}\n'
)


def test_a_file_of_requests_is_reported_once_at_its_first_request() -> None:
    done = run("requests.jsonl", '{"note": "gpt-image-1"}\n' + BATCH * 3)
    assert (done.after, said(done)) == (None, [("IMG001", "manual", 2, 72)])


@pytest.mark.parametrize(
    "text",
    [
        BATCH.replace("images/generations", "chat/completions"),
        BATCH.replace("gpt-image-1", "gpt-image-2"),
        '{"messages": ["gpt-image-1"]}\n',
        '["dall-e-3", null]\n',
    ],
)
def test_other_lines_of_json_are_data(text: str) -> None:
    assert said(run("data.jsonl", text)) == []
