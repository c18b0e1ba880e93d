"""Models among other text in one value, remarks behind a value, labels, and values of the old days without a model."""

from __future__ import annotations

import pytest

from tests.hosts.support import TARGET, after, run, said

AMONG_OTHERS = [
    (".env", "IMAGE_MODELS=dall-e-2 / flux-pro\n", 14),
    (".env", "IMAGE_MODEL=dall-e-3 (default)\n", 13),
    (".env", "IMAGE_MODEL_LIST=(dall-e-3 sdxl)\n", 19),
    (".env", 'MODELS="imagen dall-e-3 sdxl"\n', 16),
    (".env", "MODEL_NAME=${TEAM}-dall-e-3\n", 20),
    (".env", "AZURE_OPENAI_DEPLOYMENT=art-dall-e-3-eu\n", 29),
    (".env", "PICTURE_MODEL=team/dall-e-3:stable\n", 15),
    (".env", "FALLBACK=dall-e-2 then sdxl\n", 10),
    ("a.ini", "[draw]\nmodel = either dall-e-2 or whatever the user has asked for\n", 16),
    ("a.yaml", "image_model: DALL-E 3\n", 14),
    ("a.json", '{"imageModel": "dalle3"}', 17),
    ("a.toml", 'engines = "dall-e-2 then flux"\n', 12),
]


@pytest.mark.parametrize(("path", "text", "column"), AMONG_OTHERS)
def test_a_model_among_other_text_under_a_key_of_models_is_reported(
    path: str, text: str, column: int
) -> None:
    done = run(path, text, unsafe=True)
    assert (done.after, [(rule, at) for rule, _, _, at in said(done)]) == (None, [("IMG040", column)])


@pytest.mark.parametrize(
    "text",
    [
        "model_description: dall-e-3 (default)\n",
        "subject: how dall-e-3 drew my cat\n",
        "image_credits: drawn by our friends with dall-e-3\n",
        "image_model: gpt-image-1.5x\n",
        "picture: my-dall-e-31\n",
    ],
)
def test_texts_for_people_and_longer_names_of_something_else_are_no_model(text: str) -> None:
    assert run("a.yaml", text).findings == ()


def test_entries_of_a_list_with_more_than_a_name_are_reported_once() -> None:
    text = "models:\n- sdxl\n- dall-e-3 (best)\n- dall-e-2 (cheap)\nprices: {dall-e-3-hd: 0.08}\n"
    assert said(run("a.yaml", text)) == [("IMG041", "manual", 3, 3), ("IMG041", "manual", 5, 10)]


REMARKS = [
    "[a]\nimage_model = «dall-e-3»  ; the good one\nimage_quality = hd # or standard\n",
    "[a]\nimage_model = '«dall-e-2»' # cheap\n",
    "[a]\nimage_model =\n    «dall-e-2» # cheap\n",
]


@pytest.mark.parametrize("marked", REMARKS)
def test_the_value_before_a_remark_is_changed_and_the_remark_stays(marked: str) -> None:
    before = marked.replace("«", "").replace("»", "")
    wanted = before.replace("dall-e-3", TARGET).replace("dall-e-2", TARGET).replace("= hd", "= high")
    done = run("a.ini", before)
    assert done.after == wanted
    assert "is taken for a comment" in done.findings[0].message
    assert run("a.ini", wanted).findings == ()


@pytest.mark.parametrize(
    "line",
    [
        "image_model = dall-e-3 ; dall-e-2",
        "image_models = sdxl ; dall-e-2",
        'image_model = "dall-e-3 ; sdxl" x',
    ],
)
def test_what_may_be_a_list_with_semicolons_is_reported_and_stays(line: str) -> None:
    done = run("a.ini", f"[a]\n{line}\n", unsafe=True)
    assert (done.after, [rule for rule, _, _, _ in said(done)]) == (None, ["IMG040"])


def test_a_remark_on_what_was_there_before_is_no_finding() -> None:
    assert run("a.ini", "[a]\nimage_model = gpt-image-2 ; was dall-e-2\n").findings == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "compose.yml",
            "services:\n  a:\n    labels:\n      proxy.model: dall-e-3\n      proxy.quality: hd\n",
        ),
        ("compose.yml", "services:\n  a:\n    labels:\n    - proxy.model=dall-e-3\n"),
        ("k.yaml", "metadata:\n  annotations: {image-model: dall-e-3}\n"),
        ("values.yaml", "podLabels:\n  model: dall-e-3\n"),
        ("Dockerfile", "FROM a\nLABEL image_model=dall-e-3\n"),
        ("Dockerfile", "FROM a\nLABEL image_model dall-e-3\n"),
    ],
)
def test_labels_for_other_tools_are_reported_and_stay(path: str, text: str) -> None:
    done = run(path, text, unsafe=True)
    assert (done.after, [(rule, fix) for rule, fix, _, _ in said(done)]) == (None, [("IMG040", "manual")])
    assert "other tools" in done.findings[0].message


def test_a_label_beside_variables_of_a_dockerfile_has_no_say_in_them() -> None:
    text = "LABEL model=dall-e-3\nENV IMAGE_QUALITY=hd\n"
    assert after("Dockerfile", text, unsafe=True) == text


@pytest.mark.parametrize("line", ["ENV OLD dall-e-2", "ENV OLD=dall-e-2", "ENV LEGACY_IMAGE_MODEL=dall-e-2"])
def test_a_name_of_the_past_alone_is_no_list(line: str) -> None:
    done = run("Dockerfile", f"{line}\n", unsafe=True)
    assert (done.after, [rule for rule, _, _, _ in said(done)]) == (None, ["IMG040"])


def test_each_model_of_a_section_of_the_past_is_told_of_and_stays() -> None:
    done = run("a.ini", "[old]\nmodel = dall-e-2\nengine = dall-e-3\n", unsafe=True)
    assert (done.after, said(done)) == (None, [("IMG040", "manual", 2, 9), ("IMG040", "manual", 3, 10)])


def test_a_name_of_the_past_that_a_call_reads_goes_with_the_call() -> None:
    text = "LEGACY_IMAGE_MODEL=dall-e-2\n"
    assert after(".env", text, ("LEGACY_IMAGE_MODEL", "model")) == f"LEGACY_IMAGE_MODEL={TARGET}\n"


def test_numbered_settings_go_with_each_other() -> None:
    text = "IMAGE_MODEL_1=dall-e-3\nIMAGE_QUALITY_1=hd\nIMAGE_MODEL_2=gpt-image-2\nIMAGE_QUALITY_2=low\n"
    assert after(".env", text) == text.replace("dall-e-3", TARGET).replace("=hd", "=high")


SEVERAL = [
    (".env", "IMAGE_MODELS=dall-e-3,dall-e-2\nIMAGE_SIZES=256x256,1024x1024\n", (2, 13)),
    (".env", "DALLE_SIZES=256x256 512x512\n", (1, 13)),
    ("a.ini", "[images]\nmodel = dall-e-3\nsizes = 1024x1024\n    256x256\n", (3, 9)),
    ("a.yaml", "image:\n  model: dall-e-3\n  sizes: [512x512, 256x256]\n", (3, 11)),
    ("a.json", '{"imageModel": "dall-e-3",\n"imageQualities": ["standard"]}', (2, 21)),
]


@pytest.mark.parametrize(("path", "text", "place"), SEVERAL)
def test_lists_of_old_values_beside_a_retired_model_are_reported_once(
    path: str, text: str, place: tuple[int, int]
) -> None:
    done = run(path, text)
    (found,) = [one for one in done.findings if (one.line, one.column) == place]
    assert (found.fix, found.rule in {"IMG003", "IMG004"}) == ("manual", True)


def test_lists_that_migrated_code_reads_are_reported() -> None:
    done = run(".env", "IMAGE_SIZES=256x256,512x512\n", ("IMAGE_SIZES", "size"))
    assert said(done) == [("IMG004", "manual", 1, 13)]


@pytest.mark.parametrize(
    "text",
    [
        "IMAGE_SIZES=256x256,512x512\n",
        "IMAGE_MODEL=gpt-image-2\nIMAGE_SIZES=256x256\n",
        "IMAGE_MODEL=dall-e-3\nICON_SIZES=256x256,512x512\n",
        "IMAGE_MODELS=dall-e-3,dall-e-2\nIMAGE_SIZES=1024x1024,1536x1024\n",
    ],
)
def test_lists_of_sizes_of_something_else_are_left_in_peace(text: str) -> None:
    assert "IMG004" not in {one.rule for one in run(".env", text).findings}


def test_a_width_and_a_height_beside_a_model_are_a_size() -> None:
    text = "image:\n  model: dall-e-3\n  width: 256\n  height: 256\n"
    done = run("a.yaml", text)
    assert (done.after, said(done)) == (None, [("IMG001", "review", 2, 10), ("IMG004", "manual", 3, 10)])
    assert "256x256" in done.findings[1].message
    assert run("a.yaml", text.replace("256", "1024")).after is not None
    assert said(run("a.yaml", text.replace("dall-e-3", "sdxl"))) == []
