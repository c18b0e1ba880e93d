from __future__ import annotations

import ast

import pytest

from migrator.codemod.offsets import Offsets
from migrator.types import Span


def texts_of(text: str, kind: type[ast.AST]) -> list[str]:
    offsets = Offsets(text)
    spans = [offsets.span(node) for node in ast.walk(ast.parse(text)) if isinstance(node, kind)]
    return [text[span.start : span.end] for span in sorted(spans)]


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\ncall(a)\n",
        "x = 1\r\ncall(a)\r\n",
        "x = 1\rcall(a)\r",
        "x = 1\r\n\ry = 2\n\r\ncall(a)",
        "x = 'é'; call(a)\n",
        "x = 'é😀'; call(a)  # ü\n",
        "s = '''é\r\n😀\r\n''' ; call(a)\r\n",
        "x = '\u2028\x0b\x0c\x85'\ncall(a)\n",
        "\x0ccall(a)\n",
        "if x:\n\t\x0c\tcall(a)\n",
        "ünïcode = 1\nif ünïcode:\n\t# é\n\tcall(a)",
    ],
)
def test_a_call_is_found_whatever_the_line_ends_and_characters_before_it(text: str) -> None:
    assert texts_of(text, ast.Call) == ["call(a)"]


def test_every_node_agrees_with_the_source_segment_of_ast() -> None:
    text = "def f(ä, b=('é', 2)):\n    '''döc\n    ü'''\n    return [ä.ö(b, 'ñ'), {b: ä}]\n"
    offsets = Offsets(text)
    for node in ast.walk(ast.parse(text)):
        if hasattr(node, "lineno"):
            span = offsets.span(node)
            assert text[span.start : span.end] == ast.get_source_segment(text, node)


def test_a_decorated_definition_starts_at_its_first_decorator() -> None:
    text = "class A:\n    @(  # @no\n        # @no\n        dec\n    )\n    @two\n    def f(self): pass\n"
    (found,) = texts_of(text, ast.FunctionDef)
    assert found == text[text.index("@(") : -1]


def test_the_module_is_the_whole_text() -> None:
    assert Offsets("\n\nx\n").span(ast.parse("\n\nx\n")) == Span(0, 4)


def test_a_node_without_position_is_a_clear_error() -> None:
    with pytest.raises(ValueError, match="arguments has no position"):
        Offsets("").span(ast.arguments())


def test_positions_are_the_inverse_of_offsets() -> None:
    text = "a\r\nbé😀c\rd"
    offsets = Offsets(text)
    assert offsets.position(0) == (1, 1)
    assert offsets.position(text.index("c")) == (2, 4)
    assert offsets.position(text.index("d")) == (3, 1)
    assert offsets.position(len(text)) == (3, 2)
    assert offsets.offset(2, 7) == text.index("c")
    assert offsets.line_start(3) == text.index("d")


def test_a_position_that_points_elsewhere_is_recognised() -> None:
    text = "x = f'{a.b} {c}'\ny = (d\n  + e)\n"
    offsets, tree = Offsets(text), ast.parse(text)
    node = tree.body[1].value  # type: ignore[attr-defined]
    assert offsets.is_exact(node)
    node.col_offset += 1
    assert not offsets.is_exact(node)
    node.lineno = 99
    assert not offsets.is_exact(node)
