"""What commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.report.style import Style


def out(text: str | bytes) -> None:
    """Prints a result. Bytes are a patch, which must arrive as it is.

    Raises:
        UserError: When the output takes nothing. A reader that has gone is a BrokenPipeError.
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    sys.stdout.flush()
    stream = getattr(sys.stdout, "buffer", None)
    try:
        if stream is None:
            sys.stdout.write(data.decode("utf-8", "replace"))
        else:
            stream.write(data)
            stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(f"the output could not be written: {error.strerror}") from None


def out_line(text: str) -> None:
    """Prints one line of a result."""
    out(f"{text}\n")


def out_parts(*parts: str | bytes) -> None:
    """Prints the parts that hold something, with an empty line between them."""
    for number, part in enumerate(part for part in parts if part):
        out("\n" if number else "")
        out(part)


def out_table(rows: Sequence[Any], shown: str, output: str) -> None:
    """Prints dataclass rows, as text that is ready or as a JSON list of objects."""
    from migrator.report.tables import as_json

    out_line(as_json(rows) if output == "json" else shown)


def complain(text: str) -> None:
    """Prints one line for people on standard error."""
    from migrator.report.style import Style

    sys.stderr.write(f"migrator: {Style.of(sys.stderr).harmless(text)}\n")


def style() -> Style:
    """How standard output may be painted."""
    from migrator.report.style import Style

    return Style.of(sys.stdout)


def same_command(name: str) -> str:
    """The present command line as ``migrator NAME``, for "the same again with ``--write``"."""
    import shlex

    from migrator.discover.walk import printable

    words = (word for word in sys.argv[2:] if word != "--check")
    return " ".join(["migrator", name, *(shlex.quote(printable(word)) for word in words)])
