"""Shell scripts, make files and requests to curl."""

from __future__ import annotations

import re

from migrator.hosts.languages.language import Language

# strings first, for what looks like a comment inside of them is none
_COMMENTS = re.compile(
    r"""((?!))|(?:(?<=\s)|^)#[^\r\n]*""",
    re.DOTALL | re.MULTILINE,
)
HOST = Language("shell", _COMMENTS)
