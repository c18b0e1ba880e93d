"""IPython's own syntax in a cell, written as Python that stands on the same lines, and back again.

``%time x = f()``, ``!pip install …``, ``files = !ls``, ``obj?``: each becomes a placeholder that parses. Python
expressions inside a shell line (``!wget {url}``) stay visible as arguments, for the line uses their values. The last
expression of a cell, which a notebook shows, becomes a call. After the edits every placeholder must still be there.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.hosts.composition import MisfitError

if TYPE_CHECKING:
    from collections.abc import Collection

SHELL, SHOWN, UNREAD = "get_ipython().system", "get_ipython().displayhook", "get_ipython().unread"
"""What placeholders look like: the names that rules/consumers.yaml knows."""

PYTHON_MAGICS = frozenset(
    {"time", "timeit", "capture", "prun", "debug", "memit", "mprun", "lprun", "notify", "skip", "cell"}
)
"""Cell magics behind which stands Python of this very program."""
FILE_MAGICS = frozenset({"writefile", "file"})
_STATEMENT_MAGIC = re.compile(r"%(?:time|timeit|prun|memit|mprun|lprun)[ \t]+(?:-\w+[ \t]*(?:\d+[ \t]+)?)*")
_ASSIGNED = re.compile(r"(?P<left>[\w.,\[\]'\" \t*()]+=[ \t]*)(?P<right>[!%][^\n]*)")
_HELP = re.compile(
    r"[ \t]*(?:\?{1,2}[ \t]*[%\w.*]+|%{0,2}[\w.*]+(?:\[[^\]\n]*\])?\?{1,2})[ \t]*(?:#.*)?;?[ \t]*"
)
_AUTOMAGIC = re.compile(
    r"(?:pip3?|conda|mamba|uv|cd|ls|cat|mkdir|rm|cp|mv|wget|curl|git|apt|apt-get|npm|pwd|who|whos|clear)"
    r"(?:[ \t]+[^=(\s.,:\[].*)?$"
)
_RUN = re.compile(r"%run[ \t]+(?:-i[ \t]+)?(?:\./)?([A-Za-z_]\w*)\.py[ \t]*$")
_INTERPOLATED = re.compile(r"\{([^{}\n]+)\}|(?<!\$)\$([A-Za-z_]\w*)")
_TOKEN = re.compile(
    r"""#[^\n]*|(?i:[rbfut]{0,2})(?P<triple>\"\"\"|''')|(?i:[rbfut]{0,2})(?P<quote>["'])|[()\[\]{}]"""
)


@dataclass(frozen=True, slots=True)
class Token:
    """``placeholder`` stands for ``original``. ``opens``: it is the beginning of a statement that goes on."""

    placeholder: str
    original: str
    opens: bool = False


@dataclass(frozen=True)
class Prepared:
    """A cell as Python. ``head`` are its first lines, up to a cell magic, which no edit may touch.

    ``shift`` gives, for 0-based lines of ``text``, how many characters the placeholder is longer than the original.
    """

    text: str
    head: str = ""
    tokens: tuple[Token, ...] = ()
    shown: str = ""
    shift: dict[int, int] = field(default_factory=dict)
    is_unread: bool = False
    """The cell does not parse: ``text`` only says which values it may use."""

    def restored(self, text: str) -> str:
        """The new source of the cell.

        Raises:
            MisfitError: When an edit reached into something that is not Python.
        """
        if self.is_unread:
            raise MisfitError("a cell that does not parse would have to change too")
        if self.shown:
            text = _bare(text, self.shown)
        for token in self.tokens:
            if text.count(token.placeholder) != 1:
                raise MisfitError(f"the line `{token.original.strip()}` would have to change too")
            if token.opens:
                _check_line(text, token)
            text = text.replace(token.placeholder, token.original)
        return self.head + text


def cell_magic(source: str) -> tuple[str, str, str]:
    """The name of the cell magic ("" without one), the lines up to it, and the rest."""
    at = 0
    for line in source.splitlines(keepends=True):
        at += len(line)
        if line.strip():
            if line.startswith("%%") and not line.startswith("%%%"):
                return (
                    line[2:].split(maxsplit=1)[0].strip() if line[2:].strip() else "?",
                    source[:at],
                    source[at:],
                )
            break
    return "", "", source


def prepare(source: str, key: str, defined: Collection[str] = ()) -> Prepared | None:
    r"""A cell of Python as a piece of a module; ``None`` when it cannot be read.

    ``key`` occurs nowhere in the notebook. ``defined`` are functions of the notebook: what a call of one returns
    is shown when it is the last expression. Lines end with ``\n``.
    """
    _, head, body = cell_magic(source)
    if "\r" in body:
        return None
    maker = _Maker(key)
    tree = _tree(body)
    if tree is None:
        body = maker.translated(body)
        tree = _tree(body)
        if tree is None:
            return None
    shown = ""
    shift = dict(maker.shift)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and _is_shown(last.value, defined) and not _silenced(body, last):
        # a tuple without brackets would become several arguments
        close = "))" if isinstance(last.value, ast.Tuple) else ")"
        shown = f'{SHOWN}("{key}shown", ' + "(" * (len(close) - 1)
        lines = body.split("\n")
        row, column = last.lineno - 1, _characters(lines[last.lineno - 1], last.col_offset)
        end_row = (last.end_lineno or 0) - 1
        end = _characters(lines[end_row], last.end_col_offset or 0)
        if key not in lines[row]:
            lines[end_row] = f"{lines[end_row][:end]}{close}{lines[end_row][end:]}"
            lines[row] = f"{lines[row][:column]}{shown}{lines[row][column:]}"
            body = "\n".join(lines)
            shift[row] = shift.get(row, 0) + len(shown)
            if _tree(body) is None:
                return None
        else:
            shown = ""
    return Prepared(body, head, tuple(maker.tokens), shown, shift)


def unread(source: str, key: str, known: Collection[str]) -> Prepared | None:
    """A stand-in for a cell that does not parse: it uses every one of the ``known`` names that it mentions."""
    names = sorted(set(re.findall(r"[^\W\d]\w*", source)) & set(known))
    if not names:
        return None
    return Prepared(f'{UNREAD}("{key}", {", ".join(names)})' + "\n" * source.count("\n"), is_unread=True)


def assigned_names(text: str) -> set[str]:
    """Variables and functions that a prepared cell defines."""
    tree = _tree(text)
    found: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
    return found


def defined_functions(source: str) -> set[str]:
    """Names of functions that a cell defines, by their look."""
    return set(re.findall(r"^(?:async )?def (\w+)", source, re.MULTILINE))


class _Maker:
    """Translates the lines of one cell."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.tokens: list[Token] = []
        self.shift: dict[int, int] = {}

    def translated(self, body: str) -> str:
        lines = body.split("\n")
        done: list[str] = []
        lexer = _Lexer()
        row = 0
        while row < len(lines):
            line = lines[row]
            if lexer.is_open:
                done.append(line)
                lexer.feed(line)
                row += 1
                continue
            last = row
            if _is_escaped(line):
                while lines[last].endswith("\\") and last + 1 < len(lines):
                    last += 1
            new = self._line("\n".join(lines[row : last + 1]), row)
            if new is None:
                last = row
                new = line
                lexer.feed(line)
            done.append(new)
            row = last + 1
        return "\n".join(done)

    def _line(self, line: str, row: int) -> str | None:
        """The placeholder for a logical line that is not Python; ``None`` for Python."""
        bare = line.lstrip(" \t")
        indent = line[: len(line) - len(bare)]
        if statement := _STATEMENT_MAGIC.match(bare):
            rest = bare[statement.end() :]
            if "\n" not in line and _tree(rest) is not None and rest.strip():
                name = f"{self.key}{len(self.tokens)}_; "
                self.tokens.append(Token(name, statement.group(), opens=True))
                self.shift[row] = len(name) - statement.end()
                return f"{indent}{name}{rest}"
        if run := _RUN.match(bare):
            return self._kept(indent, bare, f"from {run.group(1)} import *")
        if bare[:1] in {"!", "%"}:
            return self._kept(indent, bare, self._call(bare))
        if _HELP.fullmatch(line) or _AUTOMAGIC.match(bare):
            return self._kept(indent, bare, "")
        assigned = _ASSIGNED.fullmatch(line)
        if assigned and not assigned["left"].rstrip()[:-1].endswith(("=", "!", "<", ">")):
            original = assigned["right"]
            placeholder = self._call(original) or f'{SHELL}("{self.key}{len(self.tokens)};")'
            self.tokens.append(Token(placeholder, original))
            return assigned["left"] + placeholder
        return None

    def _call(self, original: str) -> str:
        """A call that is given the Python values which a line takes in; "" when there are none."""
        values: list[str] = []
        for match in _INTERPOLATED.finditer(original):
            value = (match.group(1) or match.group(2)).strip()
            tree = _tree(value)
            if tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
                values.append(value)
        return f'{SHELL}("{self.key}{len(self.tokens)};", {", ".join(values)})' if values else ""

    def _kept(self, indent: str, original: str, code: str) -> str:
        name = f"# {self.key}{len(self.tokens)};"
        if not code and indent:
            code = f'{SHELL}("{self.key}{len(self.tokens)};")'
        # a line that goes on behind a backslash stays as many lines
        placeholder = (f"{code}  {name}" if code else name) + f"\n{indent}#" * original.count("\n")
        self.tokens.append(Token(placeholder, original))
        return indent + placeholder


class _Lexer:
    """Follows brackets, strings and backslashes from line to line, as far as one has to."""

    def __init__(self) -> None:
        self.depth = 0
        self.string = ""
        self.continued = False

    @property
    def is_open(self) -> bool:
        """Whether the next line continues a logical line."""
        return self.depth > 0 or bool(self.string) or self.continued

    def feed(self, line: str) -> None:
        at = 0
        while at < len(line):
            if self.string:
                end = _string_end(line, at, self.string)
                if end < 0:
                    return
                at, self.string = end, ""
                continue
            match = _TOKEN.search(line, at)
            if match is None:
                break
            at = match.end()
            text = match.group()
            if text.startswith("#"):
                self.continued = False
                return
            if match["triple"]:
                self.string = match["triple"]
            elif match["quote"]:
                end = _string_end(line, at, match["quote"])
                at = len(line) if end < 0 else end
            else:
                self.depth = max(self.depth + (1 if text in "([{" else -1), 0)
        self.continued = not self.string and line.endswith("\\")


def _string_end(line: str, at: int, quote: str) -> int:
    while at < len(line):
        if line[at] == "\\":
            at += 2
        elif line.startswith(quote, at):
            return at + len(quote)
        else:
            at += 1
    return -1


def _is_escaped(line: str) -> bool:
    return line.lstrip(" \t")[:1] in {"!", "%"} or _ASSIGNED.match(line) is not None


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_shown(value: ast.expr, defined: Collection[str]) -> bool:
    """Whether the value of a last expression may be a text or an answer that a person reads."""
    if isinstance(value, ast.Await):
        value = value.value
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in defined
    return not isinstance(value, (ast.Constant, ast.Yield, ast.YieldFrom, ast.Lambda))


def _silenced(body: str, last: ast.Expr) -> bool:
    """A semicolon at the end keeps IPython from showing the value."""
    lines = body.split("\n")[(last.end_lineno or 1) - 1 :]
    rest = lines[0].encode()[last.end_col_offset or 0 :].decode()
    return rest.lstrip().startswith(";")


def _characters(line: str, column: int) -> int:
    return len(line.encode()[:column].decode())


def _bare(text: str, shown: str) -> str:
    """``text`` without the call around its last expression, where that is still there."""
    at = text.find(shown)
    if at < 0:
        return text
    tree = _tree(text)
    last = tree.body[-1] if tree and tree.body else None
    call = last.value if isinstance(last, ast.Expr) else None
    if not isinstance(call, ast.Call) or len(call.args) != 2 or text.count(shown) != 1:
        raise MisfitError("the last expression of the cell would have to change its shape")
    lines = text.split("\n")
    row = (call.end_lineno or 1) - 1
    end = _characters(lines[row], call.end_col_offset or 0)
    closing = 2 if shown.endswith("(") else 1
    lines[row] = lines[row][: end - closing] + lines[row][end:]
    return "\n".join(lines).replace(shown, "", 1)


def _check_line(text: str, token: Token) -> None:
    """A line magic takes one line: the statement behind it must not have grown."""
    line = next(line for line in text.split("\n") if token.placeholder in line)
    before, _, after = line.partition(token.placeholder)
    if before.strip() or _tree(after) is None:
        raise MisfitError(f"`{token.original.strip()}` takes one line, and the new code needs more")
