"""Rule files: what is refused, how it is said, and how one file overrides another."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from migrator.catalog import CatalogError, load
from migrator.catalog.loader import from_tree, rules_folder
from migrator.catalog.tree import MAX_BYTES, merge, parse, read

TODAY = date(2026, 11, 22)


def error_of(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        load([path])
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(path.as_posix(), "mine.yaml")


BAD = {
    "an unknown section": (
        "modles: {}\n",
        "mine.yaml:1: unknown key 'modles'. Did you mean 'models'?",
    ),
    "an unknown key of a rule": (
        "rules:\n  IMG003:\n    titel: x\n",
        "mine.yaml:3: rules 'IMG003': unknown key 'titel'. Did you mean 'title'?",
    ),
    "an unknown operation": (
        "rules:\n  X1:\n    title: t\n    why: w\n    operation: mapvalue\n    source: sdk\n",
        "mine.yaml:5: rules 'X1': operation cannot be 'mapvalue'. Did you mean 'map_value'? Allowed: set_model,",
    ),
    "a key defined twice": (
        "rules:\n  IMG003: {title: a}\n  IMG003: {title: b}\n",
        "mine.yaml:3: 'IMG003' is defined twice (first at mine.yaml:2)",
    ),
    "a bad date": (
        "models:\n  gpt-image-2:\n    released: 2026-13-40\n",
        "mine.yaml:3: '2026-13-40' is read as a timestamp but is not one",
    ),
    "a date that is text": (
        "models:\n  gpt-image-2:\n    released: soon\n",
        "mine.yaml:3: models 'gpt-image-2': released must be a date such as 2026-12-01, not 'soon'",
    ),
    "a replacement that does not exist": (
        "models:\n  gpt-image-1:\n    replacement: gpt-image-9\n",
        "mine.yaml:2: replacement 'gpt-image-9' of 'gpt-image-1' does not exist. Did you mean 'gpt-image-",
    ),
    "a profile that does not exist": (
        "models:\n  gpt-image-1:\n    profile: gpt-imag\n",
        "mine.yaml:3: models 'gpt-image-1': profile 'gpt-imag' does not exist. Did you mean 'gpt-image'?",
    ),
    "profiles that build on each other": (
        "profiles:\n  a: {profile: b}\n  b:\n    profile: a\nmodels: {gpt-image-2: {profile: a}}\n",
        "mine.yaml:4: profiles 'b': profile 'a' builds on itself",
    ),
    "a source without a date": (
        "rules:\n  IMG003:\n    source: my notes\n",
        "mine.yaml:3: rules 'IMG003': source 'my notes' is not listed under sources, so it needs a checked date",
    ),
    "a mapping that the target refuses": (
        "rules:\n  IMG003:\n    map: {standard: superb}\n",
        "mine.yaml:2: IMG003 maps quality to 'superb', which ",
    ),
    "a size that the target refuses": (
        "rules:\n  IMG004:\n    map: {'512x512': '640x640'}\n",
        "mine.yaml:2: IMG004 maps size to '640x640', which gpt-image-1 refuses on generations",
    ),
    "a name that two models claim": (
        "models:\n  gpt-image-2:\n    aliases: [dall-e-3]\n",
        "mine.yaml:2: the name 'dall-e-3' of 'gpt-image-2' already belongs to 'dall-e-3'",
    ),
    "a shutdown of an active model": (
        "models:\n  gpt-image-2:\n    lifecycle: {openai: {shutdown: 2027-01-01}}\n",
        "mine.yaml:3: models 'gpt-image-2', lifecycle 'openai': an active model has no shutdown date",
    ),
    "a number where text belongs": (
        "rules:\n  IMG003:\n    title: 5\n",
        "mine.yaml:3: rules 'IMG003': title must be text; put it in quotes",
    ),
    "a list where a mapping belongs": ("rules: [a]\n", "mine.yaml:1: rules must be a mapping"),
    "an alias": ("sources: &a {}\nrules: *a\n", "YAML aliases (&name, *name) are not allowed in rule files"),
    "a tag": ("rules: !!python/object:os.system {}\n", "is not allowed here"),
    "broken YAML": ("rules: {a: [\n", "mine.yaml:2: not valid YAML: "),
    "a control character": ("rules: \x07\n", "mine.yaml: not valid YAML: "),
    "an endless nest": ("a: " + "[" * 50_000 + "\n", "mine.yaml:1: nested more than 40 levels deep"),
    "an endless block nest": (
        "rules:\n  " + "- " * 50_000 + "\n",
        "mine.yaml:2: nested more than 40 levels deep",
    ),
    "an unknown default target": (
        "default_target: dall-e-3\n",
        "mine.yaml:1: default_target 'dall-e-3' is no target model.",
    ),
    "a message with an unknown place": (
        "errors:\n  value: {message: 'no {such} place'}\n",
        "mine.yaml:2: errors 'value': message fills in 'such'. Allowed: ",
    ),
    "a replaced error that does not exist": (
        "advice:\n  error_codes:\n    replaced: {content_policy_violation: moderation_block}\n",
        "mine.yaml:3: advice, error_codes, replaced: 'moderation_block' is no error with a code. Did you mean",
    ),
    "a timeout that allows less than it warns of": (
        "advice:\n  timeout: {enough: 60}\n",
        "mine.yaml:2: advice, timeout: enough must not be below short",
    ),
    "an unknown form of an image": (
        "consumers:\n  requests: {accepts: [uri]}\n",
        "mine.yaml:2: consumers 'requests': accepts cannot hold 'uri'. Allowed: url, data-uri, bytes, path",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_rule_file_is_refused_with_file_and_line(tmp_path: Path, case: str) -> None:
    text, message = BAD[case]
    said = error_of(tmp_path, text)
    assert message in said
    assert said.startswith("mine.yaml")


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"rules:\n  IMG003: {}\n# \xff\n")
    with pytest.raises(CatalogError, match=r"mine\.yaml:3: not UTF-8 text"):
        load([path])


def test_a_huge_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(CatalogError, match="larger than 1,000,000 bytes"):
        load([path])


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"none\.yaml: cannot be read: No such file or directory"):
        load([tmp_path / "none.yaml"])


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("", encoding="utf-8")
    assert load([path]) == load()


def test_an_override_changes_only_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "default_target: gpt-image-2\n"
        "models:\n"
        "  gpt-image-2:\n"
        "    lifecycle: {openai: {status: deprecated, shutdown: 2027-01-31}}\n"
        "rules:\n"
        "  IMG003:\n"
        "    map: {standard: low, xhigh: null}\n",
        encoding="utf-8",
    )
    mine, packaged = load([path]), load()
    assert mine.default_target == "gpt-image-2"
    model = mine.models["gpt-image-2"]
    assert model.lifecycle["openai"].shutdown == date(2027, 1, 31)
    assert model.endpoints == packaged.models["gpt-image-2"].endpoints
    assert mine.rules["IMG003"].mapping == {"standard": "low", "hd": "high", "max": "high"}
    assert mine.rules["IMG003"].title == packaged.rules["IMG003"].title
    assert packaged.rules["IMG003"].mapping["standard"] == "medium"


def test_a_later_file_wins_over_an_earlier_one(tmp_path: Path) -> None:
    for name, value in (("a", "low"), ("b", "high")):
        (tmp_path / f"{name}.yaml").write_text(
            f"rules: {{IMG003: {{map: {{standard: {value}}}}}}}\n", encoding="utf-8"
        )
    assert load([tmp_path / "a.yaml", tmp_path / "b.yaml"]).rules["IMG003"].mapping["standard"] == "high"


def test_a_project_can_add_a_rule_a_model_and_a_consumer(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        """
rules:
  OWN001:
    title: seed is gone
    why: Our gateway used to take it.
    operation: drop
    parameter: user
    target_families: [house]
    source: Our gateway's notes
    checked: 2026-11-01
models:
  house-image-1:
    profile: gpt-image-2
    family: house
    released: 2026-10-01
    lifecycle: {openai: {status: active, source: sdk}}
    parameters: {user: null}
consumers:
  our-upload:
    title: our upload
    role: send
    calls: [house.upload]
    accepts: [bytes]
    source: sdk
""",
        encoding="utf-8",
    )
    mine = load([path])
    target, warning = mine.target("house-image-1", TODAY)
    assert warning is None
    assert mine.translate("generations", "user", "x", target, TODAY).rule == "OWN001"
    assert mine.consumers[-1].calls == ("house.upload",)


def test_the_packaged_files_define_nothing_twice_between_them() -> None:
    trees = [read(path, path.name) for path in sorted(rules_folder().glob("*.yaml"))]
    seen: set[tuple[str, str]] = set()
    for tree in trees:
        assert isinstance(tree.value, dict)
        for section, entries in tree.value.items():
            for key in entries.value if isinstance(entries.value, dict) else ():
                assert (section, key) not in seen
                seen.add((section, key))


def test_rules_that_lack_an_error_of_the_contract_are_refused() -> None:
    whole = parse("", "x")
    for path in sorted(rules_folder().glob("*.yaml")):
        whole = merge(whole, read(path, path.name))
    broken = merge(whole, parse("errors: {unknown_parameter: null}", "x"))
    with pytest.raises(CatalogError, match="errors lacks 'unknown_parameter'"):
        from_tree(broken)


def test_rules_cannot_be_changed_after_loading() -> None:
    with pytest.raises(TypeError, match="cannot be changed"):
        load().models["dall-e-2"].endpoints["generations"]["size"] = None  # type: ignore[index]


def test_asking_for_the_catalog_imports_neither_the_sdk_nor_a_schema_library() -> None:
    code = (
        "import sys, migrator.catalog as c; c.load();"
        "print(sorted({'openai', 'pydantic', 'jsonschema', 'deepdiff', 'libcst'} & set(sys.modules)))"
    )
    folder = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
