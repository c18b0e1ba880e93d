"""Files of lines: lists over several of them, lines that are no setting, files inside of Dockerfiles, broken JSON lines."""

from __future__ import annotations

import pytest

from tests.hosts.support import TARGET, after, run, said

LISTS = [
    ("a.ini", "[images]\nmodels =\n    dall-e-3\n    dall-e-2\n", (3, 5)),
    ("a.cfg", "[images]\nfallbacks = gpt-4o,\n  dall-e-2\n", (3, 3)),
    ("a.properties", "image.models=dall-e-3,\\\n   dall-e-2\n", (1, 14)),
    ("a.ini", '[images]\nmodels = ["dall-e-3", "dall-e-2"]\n', (2, 12)),
    ("a.ini", "[images]\nprices =\n  dall-e-3 = 0.04\n", (3, 3)),
    ("a.yaml", "image_models: dall-e-3, dall-e-2\n", (1, 15)),
    ("a.yaml", "image_models: dall-e-3 dall-e-2\n", (1, 15)),
]


@pytest.mark.parametrize(("path", "text", "place"), LISTS)
def test_lists_of_models_in_one_text_are_reported(path: str, text: str, place: tuple[int, int]) -> None:
    done = run(path, text, unsafe=True)
    assert (done.after, said(done)) == (None, [("IMG040", "manual", *place)])


@pytest.mark.parametrize(
    "text",
    [
        "[a]\nabout =\n  it was made for dall-e-3\n  and others\n",
        "[a]\ndescription =\n  dall-e-3\n  dall-e-2\n",
        "[a]\nkeywords = dall-e-3, openai\n",
    ],
)
def test_texts_for_people_over_several_lines_are_counted(text: str) -> None:
    done = run("a.ini", text)
    assert (done.findings, done.mentions) == ((), 1)


def test_a_model_alone_on_the_line_below_its_key_is_changed() -> None:
    text = "[images]\nmodel =\n    dall-e-3\nquality = hd\n"
    assert after("a.ini", text) == text.replace("dall-e-3", TARGET).replace("hd", "high")


def test_sections_and_keys_named_after_a_model_are_reported() -> None:
    assert said(run("a.ini", "[dall-e-3]\nprice = 3\n")) == [("IMG041", "manual", 1, 2)]
    assert said(run("a.ini", "[prices]\ndall-e-3 = 0.04\n")) == [("IMG041", "manual", 2, 1)]


STRAYS = [
    (".env", "IMAGE_MODEL dall-e-3", 13),
    (".env", "IMAGE_MODEL: dall-e-3", 14),
    (".env", "1IMAGE=dall-e-3", 8),
    (".env", "IMAGE MODEL=dall-e-3", 13),
    (".env", "export A='x' IMAGE_MODEL='dall-e-3'", 27),
    ("a.ini", "dall-e-3", 1),
    ("a.conf", "set $image_model dall-e-3;", 18),
]


@pytest.mark.parametrize(("path", "line", "column"), STRAYS)
def test_lines_that_are_no_setting_but_name_a_model_are_reported(path: str, line: str, column: int) -> None:
    done = run(path, f"OTHER=1\n{line}\nIMAGE_MODEL=dall-e-2\n")
    assert ("IMG040", "manual", 2, column) in said(done)
    assert (done.after or "").endswith(f"{line}\nIMAGE_MODEL={TARGET}\n")


def test_a_stray_line_in_a_file_of_a_config_map_is_reported() -> None:
    text = "kind: ConfigMap\ndata:\n  app.env: |\n    IMAGE_MODEL dall-e-3\n"
    assert said(run("k.yaml", text)) == [("IMG040", "manual", 4, 17)]


def test_a_value_in_quotes_with_something_behind_it_is_not_edited() -> None:
    assert said(run(".env", "IMAGE_MODEL='dall-e-3'x\n", unsafe=True)) == [("IMG001", "manual", 1, 14)]
    assert after(".env", "IMAGE_MODEL='dall-e-3' # c\n") == f"IMAGE_MODEL='{TARGET}' # c\n"


HEREDOCS = [
    ("RUN <<EOF\nexport IMAGE_MODEL=dall-e-3\nEOF\n", (2, 20)),
    ("RUN <<EOF\nENV IMAGE_MODEL=dall-e-3\nEOF\n", (2, 17)),
    ("RUN python3 - <<'EOF'\nx='dall-e-3'\nEOF\n", (2, 4)),
    ('COPY <<-"EOF" /app/.env\n\tIMAGE_MODEL=dall-e-3\n\tEOF\n', (2, 14)),
    ("RUN cat <<A > a && \\\n  cat <<B > b\nx\nA\nENV M=dall-e-3\nB\n", (5, 7)),
]


@pytest.mark.parametrize(("text", "place"), HEREDOCS)
def test_files_inside_of_a_dockerfile_are_reported_and_stay(text: str, place: tuple[int, int]) -> None:
    done = run("Dockerfile", f"{text}ENV IMAGE_MODEL=dall-e-2\n", unsafe=True)
    assert done.after == f"{text}ENV IMAGE_MODEL={TARGET}\n"
    assert said(done)[-1] == ("IMG040", "manual", *place)


@pytest.mark.parametrize(
    "line", ["RUN echo $((1<<3))", "RUN grep '<<EOF' a", "RUN cat <<<x", 'RUN echo " <<A"']
)
def test_other_signs_in_a_dockerfile_begin_no_file(line: str) -> None:
    assert after("Dockerfile", f"{line}\nENV IMAGE_MODEL=dall-e-3\n") == f"{line}\nENV IMAGE_MODEL={TARGET}\n"


def test_a_file_in_a_dockerfile_that_never_ends_is_reported() -> None:
    done = run("Dockerfile", "FROM a\nRUN cat <<EOF\nENV IMAGE_MODEL=dall-e-3\n", unsafe=True)
    assert (done.after, said(done)) == (None, [("IMG092", "manual", 2, 9)])


REQUEST = '{"url": "/v1/images/generations", "body": {"model": "dall-e-3"}}'


def test_a_broken_line_of_json_is_reported_and_the_others_are_looked_at() -> None:
    done = run("a.jsonl", f"{REQUEST[:-1]}\r\n{{}}\r\n{REQUEST}\r\n{REQUEST[:-3]}\r\n")
    assert said(done) == [("IMG001", "manual", 3, 54), ("IMG092", "manual", 1, 64)]
    assert "1 more" in done.findings[1].message


def test_a_broken_line_of_json_without_a_model_is_data() -> None:
    assert run("a.jsonl", '{"model": \n{"text": "DALL-E"}\n').findings == ()
