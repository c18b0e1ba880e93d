"""Java, Kotlin, Scala and Groovy."""

from __future__ import annotations

import re

from migrator.hosts.languages.language import Language

# strings first, for what looks like a comment inside of them is none
_COMMENTS = re.compile(
    r"""("{3}.*?"{3}|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)+')|//[^\r\n]*|/\*.*?(?:\*/|\Z)""",
    re.DOTALL | re.MULTILINE,
)
HOST = Language("jvm", _COMMENTS)
