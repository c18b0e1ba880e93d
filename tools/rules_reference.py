"""Writes docs/rules.md from the rules. ``--check`` only says whether it is up to date (exit code 1 when not)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from migrator.catalog import load  # noqa: E402
from migrator.catalog.reference import reference  # noqa: E402

PAGE = ROOT / "docs" / "rules.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    text = reference(load())
    fresh = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    print(f"docs/rules.md {'is up to date' if fresh else 'was out of date' if check else 'is written'}")
    return 0 if fresh or not check else 1


if __name__ == "__main__":
    sys.exit(main())
