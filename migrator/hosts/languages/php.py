"""PHP."""

from __future__ import annotations

import re

from migrator.hosts.languages.language import Language

# strings first, for what looks like a comment inside of them is none
_COMMENTS = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|//[^\r\n]*|#(?!\[)[^\r\n]*|/\*.*?(?:\*/|\Z)|<!--.*?(?:-->|\Z)""",
    re.DOTALL | re.MULTILINE,
)
HOST = Language("php", _COMMENTS)
