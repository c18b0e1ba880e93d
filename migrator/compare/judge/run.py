"""The judge over a run: every pair in both orders, within a budget, each answer remembered."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from migrator.compare.checks.many import blob_of
from migrator.compare.checks.opening import Unusable
from migrator.compare.judge.question import (
    ANSWER_TOKENS,
    Choice,
    choice_of,
    messages,
    picture_url,
    tokens_at_most,
)
from migrator.compare.tasks import columns_of, first, key_of, matched, sha_of
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openai import AsyncOpenAI

    from migrator.compare.tasks import Task

MEMORY = "judge.jsonl"
"""Answers in the run's folder: what was paid for is not asked again."""
_ATTEMPTS = 4
_MILLION = 1_000_000
Outcome = Literal["old", "new", "tie", "unclear", "failed", "skipped_budget"]


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """Whom to ask and what it may cost. Prices are USD per million tokens; both are needed for a budget.

    The budget holds for all that a run asked this model, not for one time.
    """

    model: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    budget_usd: float | None = None
    price_in: float | None = None
    price_out: float | None = None
    concurrency: int = 4
    timeout_s: float = 120.0


def judge(
    results: dict[str, Any],
    run_dir: Path,
    options: JudgeOptions,
    step: Callable[[int, int], None] = lambda _done, _all: None,
) -> dict[str, Any]:
    """Judges the pairs of the first old and the first new column. Puts the outcome under ``judge``, and returns it.

    Raises:
        UserError: For a budget without prices, a missing key, a refused key or model, an empty account.
    """
    if options.budget_usd is not None and (options.price_in is None or options.price_out is None):
        raise UserError(
            f"what {options.model} costs is not known, so --budget cannot be kept: pass its price with "
            "--price-in and --price-out (USD per million tokens)"
        )
    found = asyncio.run(_Judge(results, run_dir, options, step).run())
    results["judge"] = found
    return found


@dataclass(slots=True)
class _Spent:
    """Dollars reserved and spent; ``None`` prices count tokens only."""

    options: JudgeOptions
    reserved: float = 0.0
    spent: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    unknown: int = 0

    def price(self, tokens_in: float, tokens_out: float) -> float:
        return (
            tokens_in * (self.options.price_in or 0) + tokens_out * (self.options.price_out or 0)
        ) / _MILLION

    def reserve(self, amount: float) -> bool:
        limit = self.options.budget_usd
        if limit is not None and self.spent + self.reserved + amount > limit:
            return False
        self.reserved += amount
        return True

    def settle(self, reserved: tuple[int, int], usage: Any) -> list[int]:
        """Books the tokens that an answer really took; one that does not say took what was reserved."""
        self.reserved -= self.price(*reserved)
        tokens = (getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None))
        if not all(isinstance(one, int) for one in tokens):
            return self.book(*reserved, sure=False)
        return self.book(tokens[0] or 0, tokens[1] or 0)

    def book(self, tokens_in: int, tokens_out: int, *, sure: bool = True) -> list[int]:
        """Counts tokens; ``sure`` says whether somebody counted them before."""
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out
        self.unknown += not sure
        self.spent += self.price(tokens_in, tokens_out)
        return [tokens_in, tokens_out]


class _Lost(Exception):  # noqa: N818
    """No answer came out of a question that may have been paid for. The text says why."""


class _Judge:
    def __init__(
        self, results: dict[str, Any], run_dir: Path, options: JudgeOptions, step: Callable[[int, int], None]
    ) -> None:
        self.run_dir, self.options, self.step = run_dir, options, step
        self.prompts = {prompt["id"]: prompt for prompt in results["suite"]["prompts"]}
        columns = columns_of(results)
        old, new = first(results, "old"), first(results, "new")
        if old is None or new is None:
            raise UserError("a judge compares an old column with a new one, and this run lacks one of them")
        self.pairs = [
            (a, b) for a, b in matched(columns[old], columns[new]) if a["state"] == b["state"] == "ok"
        ]
        self.spent = _Spent(options)
        self.memory = _read_memory(run_dir / MEMORY, self.spent)
        self.pictures: dict[str, str] = {}

    async def run(self) -> dict[str, Any]:
        client = self._client()
        gate = asyncio.Semaphore(max(1, self.options.concurrency))
        done = 0
        self.step(0, len(self.pairs))
        found: list[dict[str, Any]] = []

        async def one(a: Task, b: Task) -> dict[str, Any]:
            nonlocal done
            async with gate:
                entry = await self._pair(client, a, b)
            done += 1
            self.step(done, len(self.pairs))
            return entry

        tasks = [asyncio.create_task(one(a, b)) for a, b in self.pairs]
        try:
            found = list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await client.close()
        known = self.options.price_in is not None and self.options.price_out is not None
        return {
            "model": self.options.model,
            "advisory": True,
            "pairs": found,
            "tokens": {"input": self.spent.tokens_in, "output": self.spent.tokens_out},
            "cost_usd": round(self.spent.spent, 6) if known else None,
            "cost_is": ("estimated" if self.spent.unknown else "measured") if known else "unknown",
        }

    async def _pair(self, client: AsyncOpenAI, a: Task, b: Task) -> dict[str, Any]:
        """Both orders of one pair. Only what both orders agree on counts; else the position decided."""
        entry: dict[str, Any] = {
            "prompt_id": b["prompt_id"], "sample": b["sample"], "left": sha_of(a), "right": sha_of(b),
        }  # fmt: skip
        choices: list[Choice] = []
        reasons: list[str] = []
        for left, right in ((a, b), (b, a)):
            try:
                answer = await self._ask(client, left, right)
            except Unusable as problem:
                return {**entry, "verdict": "failed", "reasons": [str(problem)]}
            if answer is None:
                return {**entry, "verdict": "skipped_budget", "reasons": []}
            if isinstance(answer, str):
                return {**entry, "verdict": "failed", "reasons": [answer]}
            choices.append(answer[0])
            reasons.append(answer[1])
        return {**entry, "verdict": _together(choices), "reasons": reasons}

    async def _ask(self, client: AsyncOpenAI, left: Task, right: Task) -> tuple[Choice, str] | str | None:
        """Choice and reason; a text when it failed, ``None`` when the budget does not reach."""
        prompt = self.prompts.get(right["prompt_id"], {})
        text, expected = str(prompt.get("prompt", "")), [str(one) for one in prompt.get("expect_text") or ()]
        key = f"{self.options.model}|{key_of(right)}|{sha_of(left)}|{sha_of(right)}|{text}"
        if key in self.memory:
            return self.memory[key]
        most = (tokens_at_most(text, expected), ANSWER_TOKENS)
        reserved = self.spent.price(*most)
        if not self.spent.reserve(reserved):
            return None
        usage: Any = None
        try:
            content = messages(text, expected, await self._picture(left), await self._picture(right))
            answer = await self._send(client, content)
            if isinstance(answer, str):
                self.spent.reserved -= reserved
                return answer
            usage = getattr(answer, "usage", None)
        except _Lost as lost:
            self._keep({"key": key, "lost": self.spent.settle(most, None)})
            return str(lost)
        except BaseException:
            self.spent.reserved -= reserved
            raise
        tokens = self.spent.settle(most, usage)
        choices = getattr(answer, "choices", None) or [None]
        choice = choice_of(getattr(getattr(choices[0], "message", None), "content", None))
        if choice is None:
            self._keep({"key": key, "lost": tokens})
            return "the judge's answer was not the JSON that was asked for"
        self.memory[key] = choice
        self._keep({"key": key, "choice": choice, "tokens": tokens})
        return choice

    def _keep(self, entry: dict[str, Any]) -> None:
        """Writes what was paid for, so that it counts and is not asked again."""
        with (self.run_dir / MEMORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    async def _send(self, client: AsyncOpenAI, content: Any) -> Any:
        """The answer of the API, or in words why there is none. Raises UserError for what no pair can change."""
        import openai  # noqa: PLC0415 - heavy, and only for this

        problem = "no answer"
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await client.chat.completions.create(
                    model=self.options.model,
                    messages=content,
                    max_completion_tokens=ANSWER_TOKENS,
                )
            except openai.AuthenticationError:
                raise UserError("the judge refused the key") from None
            except openai.NotFoundError:
                raise UserError(f"the judge's server knows no model {self.options.model!r}") from None
            except openai.RateLimitError as error:
                if error.code == "insufficient_quota":
                    raise UserError("the judge's account has no quota left") from None
                problem = "too many requests"
            except openai.APITimeoutError:
                raise _Lost("the judge took too long") from None
            except ValueError:
                raise _Lost("the judge's answer was not JSON") from None
            except (openai.APIConnectionError, openai.InternalServerError) as error:
                problem = f"the server failed ({type(error).__name__})"
            except openai.APIStatusError as error:
                return f"the judge refused ({error.status_code}, {error.code or 'no code'})"
            except openai.OpenAIError as error:
                return f"the judge's answer could not be read ({type(error).__name__})"
            if attempt < _ATTEMPTS:
                await asyncio.sleep(random.uniform(0.25, 1) * min(30, 2**attempt))  # noqa: S311 - jitter
        return problem

    async def _picture(self, task: Task) -> str:
        name = str(task["file"])
        if name not in self.pictures:
            if len(self.pictures) > 64:  # a few hundred KB each
                self.pictures.clear()
            self.pictures[name] = await asyncio.to_thread(picture_url, blob_of(self.run_dir, name))
        return self.pictures[name]

    def _client(self) -> AsyncOpenAI:
        import openai  # noqa: PLC0415

        try:
            return openai.AsyncOpenAI(
                base_url=self.options.base_url,
                api_key=self.options.api_key,
                max_retries=0,
                timeout=self.options.timeout_s,
            )
        except openai.OpenAIError:
            raise UserError("the judge needs a key: set OPENAI_API_KEY") from None


def _together(choices: list[Choice]) -> Outcome:
    """The verdict of both orders: the first was asked with old before new, the second the other way round."""
    straight, swapped = choices
    if (straight, swapped) == ("first", "second"):
        return "old"
    if (straight, swapped) == ("second", "first"):
        return "new"
    return "tie" if straight == swapped == "tie" else "unclear"


def _read_memory(path: Path, spent: _Spent) -> dict[str, tuple[Choice, str]]:
    """Answers that the model gave before; what they took is booked."""
    found: dict[str, tuple[Choice, str]] = {}
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return found
    for line in lines:
        try:
            entry = json.loads(line)
            if not str(entry["key"]).startswith(f"{spent.options.model}|"):
                continue
            tokens = entry.get("lost", entry.get("tokens", [0, 0]))
            spent.book(max(0, int(tokens[0])), max(0, int(tokens[1])), sure="lost" not in entry)
            if "lost" in entry:
                continue
            choice, reason = entry["choice"]
            if choice in ("first", "second", "tie"):
                found[str(entry["key"])] = (choice, str(reason))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
            continue
    return found
