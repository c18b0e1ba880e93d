"""Words that the texts of the rules use and that somebody who meets them for the first time may not know."""

from __future__ import annotations

import re

WORDS = {
    "target": "the model that calls are moved to; --target chooses it",
    "data URI": "a text such as data:image/png;base64,iVBOR… that holds a whole file and can stand in place of a url",
    "b64_json": "the field of the answer that holds the picture, as base64: bytes written in letters and digits",
    "deployment": "a model that was set up on Azure, under a name of one's own",
    "endpoint": "one address of the API: pictures from a text (generations), edits, variations",
    "openai<1": "the openai package before version 1.0, whose calls read openai.Image.create(…)",
    "SDK": "the openai package",
    "framework": "a package that calls OpenAI for you",
}
"""Each with what it means here."""


def words_in(text: str) -> dict[str, str]:
    """Those of the words that a text uses, in their order above."""
    return {
        word: hint for word, hint in WORDS.items() if re.search(rf"(?<!\w){re.escape(word)}s?(?!\w)", text)
    }
