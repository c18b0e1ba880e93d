"""Code that recognises a refused prompt by the old error code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Migrate

HANDLER = """
import base64
import openai

client = openai.OpenAI()


def draw(prompt):
    try:
        answer = client.images.generate(model="dall-e-3", prompt=prompt, response_format="b64_json")
    except openai.BadRequestError as e:
        {line}
            return None
        raise
    return base64.b64decode(answer.data[0].b64_json)
"""

OLD, NEW = '"content_policy_violation"', '"moderation_blocked"'
TESTS = {
    "an equal code": (
        f"if e.code == {OLD}:",
        f"if e.code in ({OLD}, {NEW}):",
    ),
    "a code on the right": (
        f"if {OLD} == e.code:",
        f"if e.code in ({OLD}, {NEW}):",
    ),
    "another code": (
        f"if e.code != {OLD}:",
        f"if e.code not in ({OLD}, {NEW}):",
    ),
    "single quotes": (
        "if e.code == 'content_policy_violation':",
        "if e.code in ('content_policy_violation', 'moderation_blocked'):",
    ),
    "a code deep in the body": (
        f'if (e.body or {{}}).get("code") == {OLD}:',
        f'if (e.body or {{}}).get("code") in ({OLD}, {NEW}):',
    ),
    "a part of a larger test": (
        f"if e.status_code == 400 and e.code == {OLD}:",
        f"if e.status_code == 400 and e.code in ({OLD}, {NEW}):",
    ),
    "a text": (
        f"if {OLD} in str(e):",
        f"if {OLD} in str(e) or {NEW} in str(e):",
    ),
    "a part of the code in a text": (
        'if "content_policy" in str(e).lower():',
        f'if "content_policy" in str(e).lower() or {NEW} in str(e).lower():',
    ),
    "a text in a conjunction": (
        f"if e.status_code == 400 and {OLD} in e.message:",
        f"if e.status_code == 400 and ({OLD} in e.message or {NEW} in e.message):",
    ),
    "a text in a disjunction": (
        f'if "safety system" in str(e) or {OLD} in str(e):',
        f'if "safety system" in str(e) or {OLD} in str(e) or {NEW} in str(e):',
    ),
    "a text that lacks the code": (
        f"if {OLD} not in str(e):",
        f"if {OLD} not in str(e) and {NEW} not in str(e):",
    ),
    "a text behind not": (
        f"if not {OLD} in str(e):",
        f"if not ({OLD} in str(e) or {NEW} in str(e)):",
    ),
    "a text behind not in brackets": (
        f"if not ({OLD} in str(e)):",
        f"if not ({OLD} in str(e) or {NEW} in str(e)):",
    ),
    "a list of codes": (
        f'if e.code in ({OLD}, "billing_hard_limit_reached"):',
        f'if e.code in ({OLD}, "billing_hard_limit_reached", {NEW}):',
    ),
    "words that are looked for": (
        f'if any(word in str(e) for word in [{OLD}, "safety"]):',
        f'if any(word in str(e) for word in [{OLD}, "safety", {NEW}]):',
    ),
}


@pytest.mark.parametrize("case", TESTS)
def test_a_test_for_the_old_code_accepts_the_new_one_too(migrated: Migrate, case: str) -> None:
    before, after = TESTS[case]
    done = migrated(HANDLER.format(line=before))
    (finding,) = done.of("IMG031")
    assert (finding.fix, finding.applied) == ("safe", True)
    assert f"        {after}\n" in done.files["app.py"]


def test_a_case_matches_both_codes(migrated: Migrate) -> None:
    done = migrated(
        """
        import openai

        client = openai.OpenAI()

        def draw(prompt):
            try:
                return client.images.generate(model="dall-e-3", prompt=prompt, n=1).data[0].b64_json
            except openai.BadRequestError as e:
                match e.code:
                    case "content_policy_violation":
                        return None
                    case "other" | "content_policy_violation" as code:
                        return code
                raise
        """
    )
    assert 'case "content_policy_violation" | "moderation_blocked":' in done.files["app.py"]
    assert 'case "other" | "content_policy_violation" | "moderation_blocked" as code:' in done.files["app.py"]


def test_a_table_that_is_asked_for_the_code_gets_the_same_entry(migrated: Migrate) -> None:
    done = migrated(
        """
        import openai

        client = openai.OpenAI()
        MESSAGES = {
            "content_policy_violation": "That is not allowed.",
            "rate_limit_exceeded": "Try later.",
        }

        def draw(prompt):
            try:
                return client.images.generate(model="dall-e-3", prompt=prompt).data[0].b64_json
            except openai.APIError as e:
                return MESSAGES.get(e.code, "Something went wrong.")
        """
    )
    assert '"moderation_blocked": "That is not allowed.",' in done.files["app.py"]
    assert done.of("IMG031")[0].applied


def test_a_list_with_a_name_grows_where_it_is_only_asked(migrated: Migrate) -> None:
    text = """
        import openai

        client = openai.OpenAI()
        REFUSED = frozenset({{"content_policy_violation"}})

        def draw(prompt):
            try:
                return client.images.generate(model="dall-e-3", prompt=prompt).data[0].b64_json
            except openai.APIError as e:
                if e.code in REFUSED:
                    return None
                raise
        {more}
    """
    done = migrated(text.format(more=""))
    assert 'REFUSED = frozenset({"content_policy_violation", "moderation_blocked"})' in done.files["app.py"]
    shown = migrated(text.format(more="\n        def show():\n            return sorted(REFUSED)"))
    (finding,) = shown.of("IMG031")
    assert (finding.fix, finding.applied) == ("manual", False)
    assert "moderation_blocked" in finding.suggestion


def test_a_code_with_a_name_is_followed_into_the_module_that_handles_errors(migrated: Migrate) -> None:
    done = migrated(
        {
            "codes.py": 'POLICY = "content_policy_violation"\n',
            "app.py": """
            import openai
            from codes import POLICY

            client = openai.OpenAI()

            def draw(prompt):
                try:
                    return client.images.generate(model="dall-e-3", prompt=prompt).data[0].b64_json
                except openai.APIError as e:
                    if e.code == POLICY:
                        return None
                    raise
            """,
        }
    )
    assert 'if e.code in (POLICY, "moderation_blocked"):' in done.files["app.py"]


def test_a_caller_in_another_module_and_a_reader_of_the_error_are_reached(migrated: Migrate) -> None:
    done = migrated(
        {
            "painter.py": """
            import openai

            def paint(prompt):
                return openai.OpenAI().images.generate(model="dall-e-3", prompt=prompt).data[0].b64_json
            """,
            "web.py": """
            import openai
            from painter import paint
            from texts import explain

            def view(prompt):
                try:
                    return paint(prompt)
                except openai.APIError as error:
                    return explain(error)
            """,
            "texts.py": """
            def explain(error):
                return "no" if error.code == "content_policy_violation" else "maybe"
            """,
            "elsewhere.py": """
            def audit(row):
                return row.code == "content_policy_violation"
            """,
        }
    )
    assert (
        'if error.code in ("content_policy_violation", "moderation_blocked") else' in done.files["texts.py"]
    )
    assert "moderation_blocked" not in done.files["elsewhere.py"]


@pytest.mark.parametrize(
    "line",
    [
        'if e.code in ("content_policy_violation", "moderation_blocked"):',
        'if e.code == "content_policy_violation" or "moderation" in str(e):',
        'if log("content_policy_violation") or e.code == "x":',
        'if outcome(e) == "content_policy_violation":',
        'if "policy" in str(e):',
    ],
)
def test_code_that_knows_the_new_code_or_tests_for_something_else_is_left_alone(
    migrated: Migrate, line: str
) -> None:
    own = '\n\ndef outcome(e):\n    return "content_policy_violation"\n'
    done = migrated(HANDLER.format(line=line) + own)
    assert done.of("IMG031") == []


def test_what_cannot_be_written_twice_is_left_to_a_person(migrated: Migrate) -> None:
    done = migrated(HANDLER.format(line='if "content_policy_violation" in read(e).text():'))
    (finding,) = done.of("IMG031")
    assert (finding.fix, finding.applied) == ("manual", False)


def test_tests_of_the_project_keep_their_old_answers(migrated: Migrate) -> None:
    done = migrated(
        {
            "app.py": HANDLER.format(line="if e.code is None:"),
            "tests/test_app.py": """
            from app import draw

            def test_refused(error):
                draw("x")
                assert error.code == "content_policy_violation"
            """,
        }
    )
    assert done.of("IMG031") == []


def test_nothing_is_said_where_no_call_leaves_the_old_models(migrated: Migrate) -> None:
    text = HANDLER.format(line='if e.code == "content_policy_violation":')
    live = text.replace("dall-e-3", "gpt-image-2.6-flare").replace(', response_format="b64_json"', "")
    assert migrated(live).advice() == []
    swapped = text.replace("dall-e-3", "gpt-image-1").replace(', response_format="b64_json"', "")
    assert migrated(swapped).advice() == []


def test_code_of_a_site_that_waits_for_review_waits_as_well(migrated: Migrate) -> None:
    text = """
        import openai


        def draw(client, prompt, store):
            try:
                answer = openai.OpenAI(base_url="https://images.example.org/v1").images.generate(
                    model="dall-e-3", prompt=prompt, response_format="b64_json"
                )
                store.put(answer)
            except openai.BadRequestError as error:
                return error.code == "content_policy_violation"
        """
    left = migrated(text.replace('base_url="https://images.example.org/v1"', ""))
    assert not any(site.migrated for site in left.report.sites)
    assert [(f.fix, f.applied) for f in left.of("IMG031")] == [("review", False)]
    assert not any(result.after for result in left.report.files)
    done = migrated(text.replace('base_url="https://images.example.org/v1"', ""), unsafe=True)
    assert [f.applied for f in done.of("IMG031")] == [True]
