"""Texts for people are counted, and changed on request only."""

from __future__ import annotations

from migrator.hosts.prose import python_mentions
from migrator.hosts.words import Names
from tests.hosts.support import TARGET, TODAY, context, run, said

TEXT = "Set the model to `dall-e-3`.\n\nIn 2024 `dall-e-2` was replaced. DALL·E 3 draws well.\n"


def test_texts_are_counted_and_not_changed() -> None:
    done = run("guide.rst", TEXT)
    assert (done.after, done.findings, done.mentions) == (None, (), 3)


def test_with_docs_exact_names_move_where_the_line_speaks_of_now() -> None:
    done = run("guide.rst", TEXT, docs=True)
    assert done.after == TEXT.replace("`dall-e-3`", f"`{TARGET}`")
    assert said(done) == [("IMG046", "safe", 1, 19), ("IMG046", "review", 3, 10)]


def test_lists_of_models_and_change_logs_stay() -> None:
    assert run("a.txt", "Use `dall-e-2` or `dall-e-3`.\n", docs=True).after is None
    assert run("CHANGES.txt", "Use `dall-e-3`.\n", docs=True).after is None


def test_python_comments_docstrings_and_sentences_count_but_names_do_not() -> None:
    names = Names.of(context().catalog, TODAY)
    code = '"""Draws with DALL-E 3."""\n# dall-e-2 once\nx = "dall-e-3"\ny = "Drawn by DALL·E"\n'
    assert python_mentions(code, names) == 3


def test_code_blocks_in_markdown_are_no_prose() -> None:
    text = "Use `dall-e-3`:\n\n```bash\necho `dall-e-3`\n```\n"
    assert run("README.md", text, docs=True).after == text.replace("Use `dall-e-3`", f"Use `{TARGET}`")
    assert run("README.md", text).mentions == 2
