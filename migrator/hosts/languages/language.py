"""What the families share: comments are taken out, then names, arguments and readings are looked for."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from migrator.hosts.base import HostContext, HostResult
from migrator.hosts.config.host import TOO_MUCH, too_large
from migrator.hosts.settle import Change, settle
from migrator.hosts.words import Lines, Names
from migrator.types import Finding, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from migrator.catalog import Catalog
    from migrator.catalog.model import EndpointName, LanguageFacts, Model

_GENERATED = 5_000
"""Characters of a line that nobody wrote."""
_BEFORE, _AFTER = 900, 1_800
"""Characters around a call or a model in which arguments belong to it."""
_URL_AFTER = 3_000
_URL = re.compile(
    r"""(?:\?\.|\.|->|::)(?P<field>url|Url|URL|getUrl|ImageUri|image_url)\b
      | \[\s{0,9}["':](?P<key>url)["']?\s{0,9}\]
      | \bdig\([^)\n]{0,99}["':](?P<dug>url)\b""",
    re.VERBOSE,
)
_CHAIN = re.compile(r"""[\w$.\[\]?()!'">-]*\Z""")
_PICTURE = re.compile(r"data|image|picture|\[0\]|first|result|answer", re.IGNORECASE)
_MAPPED = re.compile(r"\bdata\b[\w$?!.]*\.(?:map|forEach|each|Select|stream)\b", re.IGNORECASE)
_CONSTANT = re.compile(r"\b\w*?dall_?e_?[23]\b", re.IGNORECASE)
_SETTING = re.compile(
    r"""(?<!\w)(?P<key>ResponseFormat|response_format|responseFormat)["']?\s*(?::|=>|=(?!=))\s*(?=[\w$.]+[\s,)};])
      | \b\w*?(?P<name>Quality|Style|ResponseFormat|Size)(?:::|\.|_)?
        (?P<word>HD|Hd|Standard|Vivid|Natural|URL|Url|B64JSON|B64Json|[WS]?256xH?256|[WS]?512xH?512)\b""",
    re.VERBOSE,
)
_WORDS_OF_TEXT = re.compile(r"[^\W\d_]+(?:\s+[^\W\d_]+){3,}")
_ENDPOINT: EndpointName = "generations"


@dataclass(frozen=True, slots=True)
class Language:
    """The host of one family. ``comments`` matches comments, or strings in which none can start (group 1)."""

    kind: str
    comments: re.Pattern[str]

    def run(self, file: SourceFile, context: HostContext) -> HostResult:
        """The findings of one file; it is never edited."""
        if _is_generated(file.text):
            return HostResult()
        if len(file.text) > TOO_MUCH:
            return too_large(file, context)
        search = _Search(self, file, context)
        changes = [Change(one) for one in search.findings()]
        _, findings, _ = settle(file, changes, context.options)
        return HostResult(findings=findings, mentions=search.mentions)


def _is_generated(text: str) -> bool:
    return len(text) > 10 * _GENERATED and any(len(line) > _GENERATED for line in text.split("\n"))


class _Search:
    def __init__(self, language: Language, file: SourceFile, context: HostContext) -> None:
        self.file = file
        self.context = context
        self.catalog = context.catalog
        self.facts: LanguageFacts = context.catalog.hosts.languages[language.kind]
        self.names = Names.of(context.catalog, context.options.today)
        self.mentions = 0
        self.lines = Lines(file.text)
        self.code = language.comments.sub(self._without, file.text)
        self.record = context.catalog.hosts.is_record(file.path) or bool(
            re.search(r"[._-](?:test|spec|stories)\.\w+$|_test\.go$|Tests?\.\w+$", file.path)
        )
        self._found: dict[tuple[int, str], Finding] = {}

    def _without(self, match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[0]
        self.mentions += len(self.names.prose.findall(match[0]))
        return re.sub(r"[^\r\n]", " ", match[0])

    def findings(self) -> list[Finding]:
        """One for every place, in order."""
        calls = sorted(self._calls())
        models = sorted(self._models())
        self._variations()
        if not self.record:
            self._arguments(sorted([*calls, *models]))
            self._urls(calls)
            self._unnamed(calls, models)
        found = [self._found[key] for key in sorted(self._found)]
        # what a test expects follows the code: one word about the file is enough
        return found[:1] if self.record else found

    # models

    def _models(self) -> Iterator[int]:
        for match in self.names.inside(self.code):
            if self._is_prose(match.start(), match.end()):
                self.mentions += 1
                continue
            yield match.start()
            self._model(match.start(), match.group(), self._fate(match.group()))
        for match in _CONSTANT.finditer(self.code):
            if re.search(r"[Mm]odel|::|\.|_E_", self.code[max(match.start() - 12, 0) : match.end()]):
                yield match.start()
                self._model(match.start(), match.group(), "stands for a retired model")
        for match in self.names.prose.finditer(self.code):
            if not self.names.pattern.match(self.code, match.start()):
                self.mentions += 1
        for host in self.catalog.hosts.picture_hosts:
            for match in re.finditer(re.escape(host), self.code):
                self._say(
                    "IMG043", match.start(), f"{host} served the pictures of the old models.",
                    "Remove the entry: GPT Image models answer with the picture itself.",
                )  # fmt: skip

    def _is_prose(self, start: int, end: int) -> bool:
        """Whether a name stands in running text: words on both sides, or a long text before it."""
        before = self.code[max(start - 60, 0) : start].rpartition("\n")[2]
        if re.search(r"(?:^|\s)(?:--?[a-z][\w-]*[ =]|[A-Za-z_]\w*=)[\"']?$", before):
            return False
        if re.search(r"://[^\s\"'`]*$|[\w-]/$", before):
            return not re.search(r"[\"'`](?:openai|azure)/$", before)
        after = self.code[end : end + 60].partition("\n")[0]
        return bool(_WORDS_OF_TEXT.search(before) or re.match(r"\s+[^\W\d_]+\s+[^\W\d_]+", after)) and not (
            before[-1:] in {'"', "'", "`"} and after[:1] in {'"', "'", "`"}
        )

    def _fate(self, name: str) -> str:
        model = self.catalog.model(name)
        life = model.life() if model else None
        if life is None or life.shutdown is None:
            return "is retired"
        return (
            f"{'was' if life.shutdown <= self.context.options.today else 'is'} shut down on {life.shutdown}"
        )

    def _model(self, at: int, name: str, fate: str) -> None:
        suggestion = f"Name {self.context.target.id} here."
        if not any(rule == "IMG001" for _, rule in self._found):
            suggestion += (
                " style and response_format must go, and the picture is in b64_json:\n" + self._example()
            )
        self._say("IMG001", at, f"{name} {fate}; code in {self.facts.title} is not rewritten.", suggestion)

    def _example(self) -> str:
        return self.facts.example.replace("{target}", self.context.target.id)

    # calls and what is around them

    def _calls(self) -> Iterator[int]:
        lower = self.code.lower()
        if "openai" not in lower and "dall" not in lower:
            return
        for call in self.facts.calls:
            at = lower.find(call)
            while at >= 0:
                yield at
                at = lower.find(call, at + 1)

    def _variations(self) -> None:
        for match in re.finditer(
            r"\.create_?(?:image_?)?variation\b|images/variations", self.code, re.IGNORECASE
        ):
            self._say(
                "IMG020", match.start(), "The variations endpoint is retired.",
                "Edit the picture with a prompt instead (images/edits), for example: Create a variation of this "
                "picture: keep the subject and the style, change the details.",
            )  # fmt: skip

    def _arguments(self, places: list[int]) -> None:
        for match in _argument_pattern(
            self.catalog, self.context.target, self.context.options.today
        ).finditer(self.code):
            at = match.start("key")
            nearest = bisect_left(places, at - _BEFORE)
            if nearest >= len(places) or places[nearest] > at + _AFTER:
                continue
            self._argument(match)
        for match in _SETTING.finditer(self.code):
            at = match.start("key") if match["key"] else match.start("name")
            nearest = bisect_left(places, at - _BEFORE)
            if nearest < len(places) and places[nearest] <= at + _AFTER:
                self._constant(at, match)

    def _argument(self, match: re.Match[str]) -> None:
        name = match["key"].lower().replace("_", "")
        parameter = "response_format" if name == "responseformat" else name
        value = match["value"]
        translation = self.catalog.translate(
            _ENDPOINT, parameter, value, self.context.target, self.context.options.today
        )
        target = self.context.target.id
        if translation.kind == "drop" and translation.rule:
            self._say(
                translation.rule, match.start("key"), f"{target} refuses {match['key']}, whatever its value.",
                f"Remove it.{' The answer always holds b64_json.' if parameter == 'response_format' else ''}",
            )  # fmt: skip
        elif translation.kind == "replace" and translation.rule:
            self._say(
                translation.rule, match.start("key"), f"{target} refuses {parameter} {value}.",
                f"Use {translation.value}.",
            )  # fmt: skip

    def _constant(self, at: int, match: re.Match[str]) -> None:
        """``ResponseFormat: openai.CreateImageResponseFormatURL`` and ``ImageQuality.HD``."""
        target = self.context.target.id
        if match["key"]:
            self._say("IMG006", at, f"{target} refuses {match['key']}, whatever its value.", "Remove it.")
            return
        parameter = {"responseformat": "response_format"}.get(match["name"].lower(), match["name"].lower())
        value = match["word"].lower().lstrip("ws" if match["name"] == "Size" else "").replace("xh", "x")
        translation = self.catalog.translate(
            _ENDPOINT, parameter, value, self.context.target, self.context.options.today
        )
        if translation.kind == "drop" and translation.rule:
            self._say(
                translation.rule, at, f"{target} refuses {parameter}, whatever its value.", "Remove it."
            )
        elif translation.kind == "replace" and translation.rule:
            self._say(
                translation.rule, at, f"{target} refuses {parameter} {value}.", f"Use {translation.value}."
            )

    def _unnamed(self, calls: list[int], models: list[int]) -> None:
        """Calls that name no model, and a word about a file in which nothing else could be said."""
        for at in calls:
            text = self._arguments_of(at)
            near = bisect_left(models, at - _BEFORE)
            if near < len(models) and models[near] <= at + _AFTER:
                continue
            if text is not None and not re.search(r"model", text, re.IGNORECASE) and "{" in text:
                self._say(
                    "IMG002", at, "This call names no model: the old default is shut down.",
                    f"Name {self.context.target.id}, and read the picture from b64_json:\n{self._example()}",
                )  # fmt: skip
        named = models or any(rule == "IMG002" for _, rule in self._found)
        if calls and not named and self.context.target.id not in self.code:
            self._say(
                "IMG045", calls[0], "The Images API is called here, with a model that is named elsewhere.",
                "Check what it sends: no style, no response_format, quality low to high. It gets b64_json:\n"
                + self._example(),
            )  # fmt: skip

    def _arguments_of(self, at: int) -> str | None:
        """The text between the parentheses of the call at ``at``; ``None`` for what is no call."""
        start = re.compile(r"[\w.>-]*(?:<[^>\n]*>)?\(").match(self.code, at)
        if start is None or start.end() - at > 60:
            return None
        depth, end = 1, start.end()
        while depth and end < min(len(self.code), start.end() + 3_000):
            depth += {"(": 1, ")": -1}.get(self.code[end], 0)
            end += 1
        return self.code[start.end() : end - 1] if not depth else None

    def _urls(self, calls: list[int]) -> None:
        if not calls:
            return
        for match in _URL.finditer(self.code):
            at = match.start(match.lastgroup or 0)
            last = bisect_right(calls, at) - 1
            if last < 0 or at - calls[last] > _URL_AFTER:
                continue
            # looked for backwards and not far, for a pattern that starts with it would be slow on long words
            found = _CHAIN.search(self.code, max(match.start() - 120, 0), match.start())
            chain = found[0] if found else ""
            line = self.code[self.code.rfind("\n", 0, at) + 1 : at]
            if not (_PICTURE.search(chain) or match["dug"] or _MAPPED.search(line)):
                continue
            if re.search(r"req(?:uest)?\b|window|config|baseurl|import\.meta", chain, re.IGNORECASE):
                continue
            self._say(
                "IMG044", at, "GPT Image models return no url: this is empty after the move.", self.facts.url
            )

    def _say(self, rule: str, at: int, message: str, suggestion: str) -> None:
        line, column = self.lines.at(at)
        if self.record:
            message += " The file belongs to tests, so only this first place in it is named."
        self._found.setdefault(
            (line, rule), Finding(rule, "manual", self.file.path, line, column, line, message, suggestion)
        )


@lru_cache(maxsize=8)
def _pattern(keys: tuple[str, ...], values: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(keys)
    quote = r"(?:\\?[\"'`])"
    return re.compile(
        rf"(?<!\w)\w*?(?P<key>{names}){quote}?\s*(?:=>|:=|:|=|\()\s*{quote}(?P<value>{'|'.join(values)}){quote}",
        re.IGNORECASE,
    )


def _argument_pattern(catalog: Catalog, target: Model, today: date) -> re.Pattern[str]:
    values: set[str] = set()
    parameters = {name for model in catalog.models.values() for e in model.endpoints.values() for name in e}
    keys: list[str] = []
    for parameter in sorted(parameters):
        old = {
            value
            for model in catalog.models.values()
            if not model.is_target
            for one in model.endpoints.values()
            if parameter in one
            for value in (*one[parameter].values, *(model.sizes.listed if parameter == "size" else ()))
        }
        refused = {
            value
            for value in old
            if catalog.translate(_ENDPOINT, parameter, value, target, today).kind in {"replace", "drop"}
        }
        if refused:
            keys += [parameter, parameter.replace("_", "")]
            values |= refused
    return _pattern(tuple(dict.fromkeys(keys)), tuple(sorted(map(re.escape, values))))
