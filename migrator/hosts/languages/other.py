"""Languages and formats without a module of their own: searched in the same way, with the usual comments."""

from __future__ import annotations

import re

from migrator.hosts.languages.language import Language

# strings first, for what looks like a comment inside of them is none
_COMMENTS = re.compile(
    r"""("(?:[^"\\\r\n]|\\.)*"|https?://)|//[^\r\n]*|/\*.*?(?:\*/|\Z)|<!--.*?(?:-->|\Z)|^[ \t]*(?:\#|--)[^\r\n]*""",
    re.DOTALL | re.MULTILINE,
)
HOST = Language("other", _COMMENTS)
