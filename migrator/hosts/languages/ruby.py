"""Ruby."""

from __future__ import annotations

import re

from migrator.hosts.languages.language import Language

# strings first, for what looks like a comment inside of them is none
_COMMENTS = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|#[^\r\n]*|^=begin\b.*?^=end\b""",
    re.DOTALL | re.MULTILINE,
)
HOST = Language("ruby", _COMMENTS)
