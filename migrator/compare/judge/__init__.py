"""A vision model as a judge of pairs: advisory, opt-in, both orders. `question` asks, `run` goes over a run."""

from __future__ import annotations

from migrator.compare.judge.run import JudgeOptions, judge

__all__ = ["JudgeOptions", "judge"]
