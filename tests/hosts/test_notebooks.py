from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.hosts.notebooks import SETUP, code, migrated, notebook, rewrite, sources

if TYPE_CHECKING:
    from pathlib import Path

CALL = "answer = client.images.generate(model='dall-e-3', prompt='a cat')"
URL = f"{CALL}\nurl = answer.data[0].url"
NEW_CALL = "answer = client.images.generate(model='gpt-image-2.6-flare', prompt='a cat')"


def put(folder: Path, data: object, name: str = "book.ipynb") -> Path:
    path = folder / name
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return path


def test_a_picture_made_in_one_cell_and_fetched_in_another_is_decoded(tmp_path: Path) -> None:
    cells = migrated(tmp_path, f"import requests\n{SETUP}", URL, "raw = requests.get(url).content\nlen(raw)")
    assert cells[0].startswith("import base64\n")
    assert "gpt-image-2.6-flare" in cells[1]
    assert "b64decode" in cells[2]
    assert "requests" not in "".join(cells)


def test_a_function_of_an_early_cell_is_known_in_a_later_one(tmp_path: Path) -> None:
    cells = migrated(
        tmp_path,
        SETUP,
        f"def draw(prompt):\n    {CALL.replace(chr(39) + 'a cat' + chr(39), 'prompt')}\n    return answer.data[0].url",
        "import requests\n\nopen('cat.png', 'wb').write(requests.get(draw('cat')).content)",
    )
    assert "b64_json" in cells[1]
    assert "b64decode" in cells[2]


def test_a_module_beside_the_notebook_and_its_reader_in_a_cell_move_together(tmp_path: Path) -> None:
    helper = f"{SETUP}\n\n\ndef draw():\n    {CALL}\n    return answer.data[0].url\n"
    cells = migrated(
        tmp_path, "import requests\nfrom art import draw", "raw = requests.get(draw()).content", art=helper
    )
    assert "b64_json" in (tmp_path / "art.py").read_text()
    assert "b64decode" in cells[1]


@pytest.mark.parametrize(
    "first",
    [
        "!pip install openai",
        "%pip install -q openai==1.3",
        "pip install openai",
        "print('hello')",
        "%%bash\nls",
    ],
)
def test_new_imports_go_to_the_cell_with_the_imports(first: str, tmp_path: Path) -> None:
    cells = migrated(
        tmp_path, first, f"import os\n{SETUP}", URL, "import requests\n\nraw = requests.get(url).content"
    )
    assert cells[0] == first
    assert cells[1].startswith("import base64\nimport os\n")


def test_a_cell_magic_stays_the_first_line_of_the_cell_that_gets_an_import(tmp_path: Path) -> None:
    cells = migrated(
        tmp_path, f"%%capture out\n{SETUP}", URL, "import requests\nraw = requests.get(url).content"
    )
    assert cells[0].startswith("%%capture out\nimport base64\n")


@pytest.mark.parametrize(
    ("line", "new"),
    [
        (f"%time {CALL}", f"%time {NEW_CALL}"),
        (f"%timeit -n 1 -r 1 {CALL}", f"%timeit -n 1 -r 1 {NEW_CALL}"),
        (f"%%time\n{CALL}", f"%%time\n{NEW_CALL}"),
        (f"files = !ls -l\n{CALL}", f"files = !ls -l\n{NEW_CALL}"),
        (f"!export A=1 \\\n  && ls\n{CALL}", f"!export A=1 \\\n  && ls\n{NEW_CALL}"),
        (f"client?\n?client\n{CALL}", f"client?\n?client\n{NEW_CALL}"),
        (f"if True:\n    !pip list\n    {CALL}", f"if True:\n    !pip list\n    {NEW_CALL}"),
        (
            f"text = '''\n!no line\n% neither\n'''\n{CALL}\n!ls",
            f"text = '''\n!no line\n% neither\n'''\n{NEW_CALL}\n!ls",
        ),
        (f"%matplotlib inline\n%env A=1\n{CALL};", f"%matplotlib inline\n%env A=1\n{NEW_CALL};"),
    ],
)
def test_magics_and_shell_lines_stay_as_they_are(line: str, new: str, tmp_path: Path) -> None:
    assert migrated(tmp_path, SETUP, line)[1] == new


def test_a_call_that_is_awaited_at_the_top_level_is_migrated(tmp_path: Path) -> None:
    cells = migrated(
        tmp_path,
        "from openai import AsyncOpenAI\n\nclient = AsyncOpenAI()",
        f"answer = await {CALL.removeprefix('answer = ')}\nanswer.data[0].url.strip()",
    )
    assert "answer = await client.images.generate(model='gpt-image" in cells[1]


def test_a_shell_line_that_fetches_the_url_stops_the_site(tmp_path: Path) -> None:
    path = put(tmp_path, notebook(SETUP, URL, "!wget -O cat.png {url}"))
    before = path.read_bytes()
    report = rewrite(tmp_path)
    (finding,) = report["findings"]
    assert (finding["rule"], finding["fix"]) == ("IMG013", "manual")
    assert finding["message"].startswith("[cell 3] This line")
    assert before.decode().splitlines()[finding["line"] - 1].strip() == '"!wget -O cat.png {url}"'
    assert path.read_bytes() == before


def test_a_line_magic_that_would_need_more_lines_is_left_with_a_reason(tmp_path: Path) -> None:
    call = "%time answer = client.images.generate(model='dall-e-3', prompt='a', size=size)"
    path = put(
        tmp_path,
        notebook(
            f"{SETUP}\nsize = input()", call, "%time raw = __import__('requests').get(answer.data[0].url)"
        ),
    )
    report = rewrite(tmp_path)
    text = sources(path.read_text())[1]
    assert text.startswith("%time answer = client.images.generate(")
    assert "\n" not in text
    assert report["summary"]["sites"] == 1


def test_positions_are_those_of_the_json_file(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        notebook(SETUP, "# é \"quoted\"\nx = [client.images.create_variation(image=open('a.png', 'rb'))]"),
    )
    lines = path.read_text().splitlines()
    (site,) = rewrite(tmp_path, write=False)["sites"]
    findings = [one for one in rewrite(tmp_path, write=False)["findings"] if one["site"] == site["site"]]
    assert findings
    line = lines[findings[0]["line"] - 1]
    assert line[findings[0]["column"] - 1 :].startswith("client.images.create_variation")
    assert site["site"].endswith(f":{findings[0]['line']}")


def test_positions_in_a_notebook_on_one_line_count_characters(tmp_path: Path) -> None:
    path = tmp_path / "book.ipynb"
    cell = {
        **code(""),
        "source": "a = 1\nurl = 'é\\t'\nclient.images.create_variation(image=open('a.png', 'rb'))",
    }
    path.write_text(json.dumps(notebook(SETUP, cell)), encoding="utf-8")
    finding = rewrite(tmp_path, write=False)["findings"][0]
    assert finding["line"] == 1
    assert path.read_text()[finding["column"] - 1 :].startswith("client.images.create_variation")


def test_a_comment_in_a_cell_keeps_a_call_as_it_is(tmp_path: Path) -> None:
    path = put(tmp_path, notebook(SETUP, f"{CALL}  # migrator: ignore"))
    before = path.read_bytes()
    assert rewrite(tmp_path)["findings"] == []
    assert path.read_bytes() == before


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        notebook("!pip install openai", f"import requests\n{SETUP}", URL, "requests.get(url).content"),
    )
    rewrite(tmp_path)
    once = path.read_bytes()
    report = rewrite(tmp_path)
    assert report["summary"]["files_changed"] == 0
    assert path.read_bytes() == once


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"cells": [\n {"source": "dall-e-3",}\n]}', 2, "JSON"),
        ('["dall-e-3"]', 1, "not an object"),
        ('{"note": "dall-e-3"}', 1, "no list of cells"),
        ("", 0, ""),
        ('{"cells": ' + "[" * 100_000 + '"dall-e-3"', 1, "JSON"),
    ],
)
def test_a_broken_notebook_is_reported_with_its_position(
    text: str, line: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "book.ipynb"
    path.write_text(text)
    report = rewrite(tmp_path)
    if not line:
        assert report["findings"] == []
        return
    (finding,) = report["findings"]
    assert (finding["rule"], finding["line"]) == ("IMG092", line)
    assert words in finding["message"]
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (notebook("x <- 'dall-e-3'", kernelspec={"language": "R", "name": "ir"}), "holds r code"),
        (notebook('m = "dall-e-3"', language_info={"name": "julia"}), "holds julia code"),
        (
            notebook('var m = "dall-e-3";', kernelspec={"language": "C#", "name": ".net-csharp"}),
            "holds c# code",
        ),
        (notebook('m <- "dall-e-3"', kernelspec={"name": "ir"}), "holds ir code"),
        (
            notebook(
                SETUP,
                '%%bash\ncurl -d \'{"model": "dall-e-3"}\' https://api.openai.com/v1/images/generations',
            ),
            "%%bash",
        ),
        (notebook(SETUP, "print 'dall-e-3'"), "does not parse"),
        (notebook(SETUP, "%%writefile app.py\nMODEL = 'dall-e-3'"), "%%writefile"),
    ],
)
def test_what_is_not_the_program_of_the_notebook_is_reported(
    book: object, words: str, tmp_path: Path
) -> None:
    path = put(tmp_path, book)
    before = path.read_bytes()
    findings = rewrite(tmp_path)["findings"]
    assert [one for one in findings if words in one["message"]], findings
    assert path.read_bytes() == before


def test_a_finding_about_one_cell_does_not_undo_the_change_of_another(tmp_path: Path) -> None:
    path = put(tmp_path, notebook(SETUP, "%%bash\necho dall-e-3", CALL))
    report = rewrite(tmp_path)
    assert [one["rule"] for one in report["findings"] if one["fix"] == "manual"] == ["IMG040"]
    assert sources(path.read_text())[2] == NEW_CALL


def test_a_url_at_the_end_of_a_cell_is_shown_as_a_picture(tmp_path: Path) -> None:
    assert migrated(tmp_path, SETUP, f"{URL}\nurl")[1].endswith("\nImage(url=url)")


def test_the_name_of_another_class_is_not_taken_for_showing(tmp_path: Path) -> None:
    cells = migrated(tmp_path, f"from PIL import Image\n{SETUP}", f"{URL}\nurl")
    assert "import IPython.display\n" in cells[0]
    assert cells[1].endswith("\nIPython.display.Image(url=url)")


@pytest.mark.parametrize("end", ["url;", "print(url)", "_ = url"])
def test_what_a_cell_does_not_show_stays(end: str, tmp_path: Path) -> None:
    assert migrated(tmp_path, SETUP, f"{URL}\n{end}")[1].endswith(f"\n{end}")


@pytest.mark.parametrize(
    "end",
    ["1, url", "(1), (url)", "(1, 2)", "*[1], 2", "[c for c in 'a']", "(\n  answer\n)", "é = 1; 'ü', é"],
)
def test_other_last_expressions_come_back_as_they_were(end: str, tmp_path: Path) -> None:
    assert migrated(tmp_path, SETUP, f"{URL}\n{end}")[1].endswith(f"\n{end}")


@pytest.mark.parametrize("cell", ["  print(url)\nrequests.get(url)", "print url", "x = 'a\nfetch(url)"])
def test_a_url_that_reaches_a_cell_which_does_not_parse_stops_the_site(cell: str, tmp_path: Path) -> None:
    path = put(tmp_path, notebook(SETUP, URL, cell))
    before = path.read_bytes()
    (finding,) = rewrite(tmp_path)["findings"]
    assert (finding["rule"], finding["fix"]) == ("IMG013", "manual")
    assert finding["message"].startswith("[cell 3] This cell")
    assert path.read_bytes() == before


def test_a_cell_which_does_not_parse_and_uses_nothing_of_the_call_stops_nothing(tmp_path: Path) -> None:
    assert migrated(tmp_path, SETUP, CALL, "print 'hello'", "other = 1")[1] == NEW_CALL


def test_a_cell_that_shows_the_whole_answer_is_named(tmp_path: Path) -> None:
    path = put(
        tmp_path, notebook(SETUP, f"{CALL}\nanswer", f"{CALL}\nanswer.data[0]", f"{CALL}\nprint(answer)\n1")
    )
    report = rewrite(tmp_path)
    said = [one["message"][:8] for one in report["findings"] if one["rule"] == "IMG036"]
    assert said == ["[cell 2]", "[cell 3]", "[cell 4]"]
    assert sources(path.read_text())[1] == f"{NEW_CALL}\nanswer"


def test_examples_in_markdown_cells_are_reported_and_with_docs_rewritten(tmp_path: Path) -> None:
    text = "Use `dall-e-3`:\n\n```python\nimport openai\nopenai.images.generate(model='dall-e-3', prompt='ü')\n```\n"
    markdown = {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}
    path = put(tmp_path, notebook(SETUP, markdown, f"import os\n{CALL}"))
    before = path.read_text()
    found = [one for one in rewrite(tmp_path, write=False)["findings"] if one["rule"] == "IMG047"]
    assert [one["message"][:8] for one in found] == ["[cell 2]"]
    assert before.splitlines()[found[0]["line"] - 1][found[0]["column"] - 1 :].startswith("'dall-e-3'")
    rewrite(tmp_path)
    assert path.read_text() == before.replace(CALL, NEW_CALL)
    rewrite(tmp_path, "--docs")
    assert path.read_text() == before.replace("dall-e-3", "gpt-image-2.6-flare")


def test_code_and_markdown_cells_change_in_one_run(tmp_path: Path) -> None:
    markdown = {"cell_type": "markdown", "metadata": {}, "source": ["Uses `dall-e-3`."]}
    path = put(tmp_path, notebook(SETUP, markdown, f"import requests\n{URL}\nrequests.get(url).content"))
    rewrite(tmp_path, "--docs")
    cells = sources(path.read_text())
    assert cells[1] == "Uses `gpt-image-2.6-flare`."
    assert "b64decode" in cells[2]


def test_cells_without_source_and_empty_cells_do_no_harm(tmp_path: Path) -> None:
    bare = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [
        code([]),
        bare,
        {**code(""), "source": ""},
        {"cell_type": "markdown", "metadata": {}, "source": ["dall-e-3"]},
    ]
    path = put(tmp_path, notebook(*cells, SETUP, CALL, *cells))
    rewrite(tmp_path)
    after = json.loads(path.read_text())["cells"]
    assert "".join(after[5]["source"]) == NEW_CALL
    assert after[:4] == cells
    assert after[6:] == cells


def test_a_notebook_of_format_3_is_migrated(tmp_path: Path) -> None:
    cells = [
        {
            "cell_type": "code",
            "collapsed": False,
            "input": text.splitlines(keepends=True),
            "language": "python",
            "metadata": {},
            "outputs": [],
        }
        for text in (SETUP, CALL)
    ]
    book = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    path = put(tmp_path, book)
    rewrite(tmp_path)
    cells[1]["input"] = [NEW_CALL]
    assert json.loads(path.read_text()) == book


def test_a_mark_and_windows_line_ends_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "book.ipynb"
    book = notebook(SETUP.replace("\n", "\r\n"), f"# one\r\n{CALL}\r\n", f"# two\n{CALL}")
    text = json.dumps(book, indent=2).replace("\n", "\r\n") + "\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    rewrite(tmp_path)
    assert path.read_bytes() == b"\xef\xbb\xbf" + text.replace("dall-e-3", "gpt-image-2.6-flare").encode()


@pytest.mark.parametrize(
    "line",
    [
        " " * 50_000 + "x y",
        "a." * 25_000 + " b",
        "(" * 5000 + " x y",
        "%time " + "-a" * 20_000,
        "?" * 20_000 + " x",
    ],
)
def test_cells_made_to_be_slow_are_not(line: str, tmp_path: Path, fresh_limit: None) -> None:
    start = time.process_time()
    assert migrated(tmp_path, SETUP, CALL, f"!ls\n{line}")[1] == NEW_CALL
    assert time.process_time() - start < 5


def test_a_script_that_is_run_brings_its_names(tmp_path: Path) -> None:
    cells = migrated(tmp_path, "%run setup_client.py", CALL, setup_client=f"{SETUP}\n")
    assert cells == ["%run setup_client.py", NEW_CALL]


def test_large_outputs_do_not_take_long(tmp_path: Path) -> None:
    picture = {"output_type": "display_data", "data": {"image/png": "iVBOR" * 1_000_000}, "metadata": {}}
    lines = {"output_type": "stream", "name": "stdout", "text": ["a line of text\n"] * 60_000}
    path = put(tmp_path, notebook(SETUP, code(CALL, outputs=[picture, lines])))
    before = path.read_text()
    start = time.process_time()
    report = rewrite(tmp_path)
    assert time.process_time() - start < 5
    assert report["summary"]["migrated"] == 1
    assert path.read_text() == before.replace("dall-e-3", "gpt-image-2.6-flare")


_DRAW = "client.images.generate(model='dall-e-3', prompt='a cat')"


def test_a_module_that_a_cell_writes_is_migrated_for_itself(tmp_path: Path) -> None:
    body = f"import requests\n{SETUP}\nraw = requests.get({_DRAW}.data[0].url).content\n"
    cells = migrated(tmp_path, f"%%writefile 'art.py'\n{body}", "import art")
    assert cells[0].startswith("%%writefile 'art.py'\nimport base64\n")
    assert "gpt-image-2.6-flare" in cells[0]
    assert cells[1] == "import art"


def test_a_written_module_that_hands_out_urls_is_left_with_the_line_of_the_cell(tmp_path: Path) -> None:
    body = f"{SETUP}\n\ndef draw():\n    return {_DRAW}.data[0].url\n"
    path = put(tmp_path, notebook(f"%%writefile art.py\n{body}"))
    report = rewrite(tmp_path)
    (left,) = [one for one in report["findings"] if one["fix"] == "review"]
    assert left["rule"] == "IMG012"
    assert "return" in path.read_text().splitlines()[left["line"] - 1]
    assert sources(path.read_text()) == [f"%%writefile art.py\n{body}"]


@pytest.mark.parametrize("head", ["%%writefile -a art.py", "%%writefile art.txt"])
def test_a_part_of_a_module_and_other_files_are_reported(head: str, tmp_path: Path) -> None:
    path = put(tmp_path, notebook(f"{head}\n{SETUP}\n{CALL}"))
    report = rewrite(tmp_path)
    assert [one["rule"] for one in report["findings"]] == ["IMG040"]
    assert sources(path.read_text())[0].startswith(head)


def test_a_shell_line_that_names_a_retired_model_is_reported(tmp_path: Path) -> None:
    put(tmp_path, notebook("import sys\n!draw --model dall-e-3 out.png"))
    (found,) = rewrite(tmp_path)["findings"]
    assert (found["rule"], found["fix"]) == ("IMG040", "manual")


@pytest.mark.parametrize(
    "line", ["%env IMAGE_MODEL=dall-e-3", "%env IMAGE_MODEL dall-e-2", "%set_env IMAGE_MODEL=dall-e-3"]
)
def test_a_magic_that_sets_the_environment_to_a_retired_model_is_reported(line: str, tmp_path: Path) -> None:
    put(tmp_path, notebook(f"%env A=b\n{line}\nimport os"))
    (found,) = rewrite(tmp_path)["findings"]
    assert (found["rule"], found["fix"]) == ("IMG040", "manual")
    assert "environment variable" in found["message"]


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ('size = "512x512" #@param ["256x256", "512x512", "1024x1024"]', 'size = "1024x1024" #@param ["1024x1024"]'),
        ("size = '512x512'  # @param ['512x512', '1024x1024'] {allow-input: true}",
         "size = '1024x1024'  # @param ['1024x1024'] {allow-input: true}"),
        ('size = "512x512" #@param {type:"string"}', 'size = "1024x1024" #@param {type:"string"}'),
        ('size = "1024x1024" #@param ["512x512", "1024x1024"]', 'size = "1024x1024" #@param ["512x512", "1024x1024"]'),
    ],
)  # fmt: skip
def test_a_form_never_offers_what_the_call_refuses(line: str, new: str, tmp_path: Path) -> None:
    call = _DRAW.replace("dall-e-3", "dall-e-2").replace(")", ", size=size, response_format='b64_json')")
    cells = migrated(tmp_path, line, f"{SETUP}\nraw = {call}.data[0].b64_json")
    assert cells[0] == new
    assert "_gpt_image_size(size)" in cells[1] or ".get(size, size)" in cells[1]
