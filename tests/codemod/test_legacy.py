"""Calls of openai<1: recognised, kept acceptable, or moved to the current package."""

from __future__ import annotations

import pytest

from migrator.codemod.plan.legacy.pins import pins
from tests.codemod.support import Project, catalog, rewrite

_CALL = 'openai.Image.create(prompt="p", n=1, size="512x512")'
_KEPT = 'openai.Image.create(model="gpt-image-2.6-flare", prompt="p", n=1, size="1024x1024")'
_MOVED = 'openai.images.generate(model="gpt-image-2.6-flare", prompt="p", n=1, size="1024x1024")'


def test_the_call_stays_where_it_is_and_becomes_acceptable() -> None:
    done = rewrite(f"import openai\n\nr = {_CALL}\nprint(r['data'][0]['url'])\n")
    assert _KEPT in done.text
    assert "['b64_json']" in done.text
    assert done.sites[0].migrated


@pytest.mark.parametrize(
    ("top", "call"),
    [
        ("import openai as ai", "ai.Image.create"),
        ("from openai import Image", "Image.create"),
        ("from openai import Image as Drawing", "Drawing.create"),
        ("from openai.api_resources.image import Image", "Image.create"),
        ("import openai.api_resources.image", "openai.api_resources.image.Image.create"),
        ("import openai\n\npaint = openai.Image.create", "paint"),
        ("import openai\n\nImages = openai.Image", "Images.create"),
        ("try:\n    import openai\nexcept ImportError:\n    openai = None\n", "openai.Image.create"),
        ("from langfuse.openai import openai", "openai.Image.create"),
    ],
)
def test_every_way_to_the_image_class_is_known(top: str, call: str) -> None:
    done = rewrite(f'{top}\n\nr = {call}(prompt="p", size="256x256")\n')
    assert 'model="gpt-image-2.6-flare", prompt="p", size="1024x1024"' in done.text


@pytest.mark.parametrize(
    "top",
    [
        "import g4f as openai",
        "from litellm import openai_like as openai",
        "from PIL import Image\n\n\nclass openai:\n    Image = Image",
        "import vendor.openai.v0 as openai  # the .images of dall-e",
    ],
)
def test_what_only_looks_like_the_package_is_left_alone(top: str) -> None:
    done = rewrite(f"{top}\n\nr = {_CALL}\nprint(r['data'][0]['url'])\n")
    assert done.sites == ()
    assert done.changed == {}


def test_a_table_of_pictures_is_no_image_class() -> None:
    text = 'from shop.models import Image\n\nImage.objects.create(prompt="p", n=1)\nImage.create(prompt="dall-e-2")\n'
    assert rewrite(text).sites == ()


def test_a_module_that_is_a_parameter_asks_for_a_look() -> None:
    done = rewrite(f"def draw(openai):\n    return {_CALL}['data'][0]['b64_json']\n")
    assert [one.fix for one in done.of("IMG023")] == ["review"]
    assert done.changed == {}


def test_an_upload_cannot_stay_on_the_old_package() -> None:
    done = rewrite('import openai\n\nopenai.Image.create_edit(image=open("a.png", "rb"), prompt="p")\n')
    assert [one.fix for one in done.of("IMG070")] == ["manual"]
    assert done.changed == {}


def test_azure_is_left_with_the_call_of_today_and_without_the_key() -> None:
    text = (
        'import openai\n\nopenai.api_type = "azure"\nopenai.api_base = "https://me.openai.azure.com"\n'
        f'openai.api_version = VERSION\nopenai.api_key = "sk-very-secret"\n\nr = {_CALL}\n'
    )
    elsewhere = text + 'if EUROPE:\n    openai.api_version = "2023-06-01-preview"\n'
    for found in (rewrite(text), rewrite(elsewhere, sdk="latest")):
        (finding,) = found.of("IMG070")
        assert 'azure_endpoint="https://me.openai.azure.com", api_version=' in finding.suggestion
        assert "api_key=…" in finding.suggestion
        assert "very-secret" not in finding.message + finding.suggestion


def test_settings_of_a_program_beside_it_do_not_count() -> None:
    files = {
        "azure_demo.py": f'import openai\n\nopenai.api_type = "azure"\nopenai.api_key = key\nr = {_CALL}\n',
        "plain_demo.py": f"import openai\n\nopenai.api_key = key\nr = {_CALL}\n",
    }
    done = rewrite(files)
    assert {site.path: site.migrated for site in done.sites} == {
        "azure_demo.py": False,
        "plain_demo.py": True,
    }


def test_settings_of_a_module_that_is_imported_by_way_of_another_count() -> None:
    files = {
        "main.py": "import art\nimport config\n\nart.draw()\n",
        "config.py": 'import openai\n\nopenai.api_type = "azure"\n',
        "art.py": f"import openai\n\nopenai.api_key = key\n\n\ndef draw():\n    {_CALL}\n",
    }
    assert rewrite(files).rules() == {"IMG070"}


def test_a_type_from_outside_with_another_address_asks_for_a_look() -> None:
    settings = 'openai.api_type = os.environ["TYPE"]\nopenai.api_base = os.environ["BASE"]\n'
    text = f"import os\nimport openai\n\n{settings}{_CALL}\n"
    assert [one.fix for one in rewrite(text).of("IMG022")] == ["review"]


def test_a_keyword_of_other_calls_that_the_api_refuses_is_taken_out_after_a_look() -> None:
    text = 'import openai\n\nopenai.Image.create(prompt="p", request_timeout=30)\n'
    assert rewrite(text).changed == {}
    assert 'create(model="gpt-image-2.6-flare", prompt="p")' in rewrite(text, unsafe=True).text
    moved = rewrite(text, sdk="latest").text
    assert 'openai.images.generate(model="gpt-image-2.6-flare", prompt="p", timeout=30)' in moved


def test_a_key_that_need_not_be_there_is_asked_for() -> None:
    text = f'import openai\n\nprompt = "p"\nitem = {_CALL}["data"][0]\nprint(item["revised_prompt"])\n'
    assert 'item.get("revised_prompt") or ""' in rewrite(text).text
    assert "item.revised_prompt or" in rewrite(text, sdk="latest").text


def test_a_branch_on_a_missing_url_is_no_proof_of_safety_in_a_dict() -> None:
    text = (
        f'import openai\n\nitem = {_CALL}["data"][0]\n'
        'if item["url"]:\n    print(item["url"])\nelse:\n    print(item["b64_json"])\n'
    )
    assert 'item["url"]' not in rewrite(text).text


@pytest.mark.parametrize("sdk", ["keep", "latest"])
def test_a_field_whose_name_is_computed_is_not_taken_for_granted(sdk: str) -> None:
    text = (
        "import openai\n\n\ndef draw(field):\n"
        f'    print([item[field] for item in {_CALL}["data"]])\n\n\ndraw("url")\n'
    )
    done = rewrite(text, sdk=sdk)
    assert done.changed == {}
    assert done.left


@pytest.mark.parametrize("sdk", ["keep", "latest"])
def test_a_keyword_that_the_api_never_knew_is_left_to_a_person(sdk: str) -> None:
    done = rewrite('import openai\n\nopenai.Image.create(prompt="p", num_images=1)\n', sdk=sdk)
    assert [one.fix for one in done.of("IMG008")] == ["manual"]
    assert done.changed == {}


def test_a_wrapper_is_no_call() -> None:
    text = (
        "import openai\nfrom asgiref.sync import sync_to_async\n\n\nasync def draw():\n"
        '    first = await sync_to_async(openai.Image.create)(prompt="p", size="256x256")\n'
        "    create = sync_to_async(openai.Image.create)\n"
        '    second = await create(prompt="p", size="256x256")\n'
        '    print(first["data"][0]["b64_json"], second.data[0].b64_json)\n'
    )
    done = rewrite(text)
    call = '(model="gpt-image-2.6-flare", prompt="p", size="1024x1024")'
    assert f"sync_to_async(openai.Image.create){call}" in done.text
    assert f"await create{call}" in done.text
    moved = rewrite(text, sdk="latest").text
    assert f"sync_to_async(openai.images.generate){call}" in moved


def test_the_class_of_the_package_may_have_children() -> None:
    text = (
        "import openai\n\n\nclass Cached(openai.Image):\n    @classmethod\n    def create(cls, **kwargs):\n"
        '        return super().create(prompt="p", size="256x256")["data"][0]["b64_json"]\n\n\n'
        'class Plain(openai.Image):\n    pass\n\n\nPlain.create(prompt="p", size="512x512")\nCached.create(prompt="p")\n'
    )
    done = rewrite(text)
    assert [site.line for site in done.sites] == [7, 14]
    assert 'super().create(model="gpt-image-2.6-flare", prompt="p", size="1024x1024")' in done.text


@pytest.mark.parametrize(
    "top",
    [
        "from gptcache.adapter import openai",
        "import promptlayer\n\nopenai = promptlayer.openai",
        "import importlib\n\nopenai = importlib.import_module('openai')",
    ],
)
def test_a_stand_in_for_the_package_asks_for_a_look(top: str) -> None:
    done = rewrite(f"{top}\n\nprint({_CALL}['data'][0]['b64_json'])\n")
    assert [one.fix for one in done.of("IMG023")] == ["review"]


def test_a_class_that_is_kept_somewhere_asks_for_a_look_where_it_may_be_called() -> None:
    text = (
        "import openai\n\n\ndef validate(cls, values):\n    values['client'] = openai.Image\n    return values\n\n\n"
        'class Wrapper(Model):\n    def run(self, p):\n        self.rows.create(name="dall-e-2")\n'
        '        return self.client.create(prompt=p, n=1, size="256x256")["data"][0]["url"]\n'
    )
    (finding,) = rewrite(text).of("IMG023")
    assert (finding.line, finding.fix) == (12, "review")


def test_keywords_that_nobody_sees_may_lead_to_azure() -> None:
    files = {
        "draw.py": "import openai\nfrom settings import options\n\nopenai.Image.create(prompt='p', **options())\n",
        "settings.py": "import openai\nimport vault\n\n\ndef options():\n    return vault.read('api_type', 'api_key')\n",
    }
    assert [one.fix for one in rewrite(files).of("IMG022")] == ["review"]
    files["settings.py"] = "import vault\n\n\ndef options():\n    return vault.read('api_key')\n"
    assert rewrite(files).of("IMG022") == []


def test_a_function_that_only_calls_itself_has_callers_out_of_sight() -> None:
    text = (
        "import openai\n\n\nclass Painter:\n    def draw(self, again=0):\n        try:\n"
        f'            return {_CALL}["data"][0]["url"]\n'
        "        except Exception:\n            return self.draw(again + 1)\n"
    )
    assert {one.fix for one in rewrite(text).of("IMG012")} == {"review"}


def test_an_answer_in_an_attribute_that_nothing_here_reads_is_for_others() -> None:
    text = (
        "import openai\n\n\nclass Job:\n    def run(self, prompt):\n"
        '        self.answer = openai.Image.create(prompt=prompt, size="512x512")\n'
        "        return self\n"
    )
    assert [one.fix for one in rewrite(text).of("IMG015")] == ["review"]


# moving to the current package


def test_the_call_and_its_reads_move() -> None:
    text = f'import openai\n\nr = {_CALL}\nfor item in r["data"]:\n    print(item.get("url"), r["created"])\n'
    done = rewrite(text, sdk="latest")
    assert f"r = {_MOVED}" in done.text
    assert "for item in r.data:" in done.text
    assert "item.b64_json, r.created" in done.text


def test_a_second_run_finds_nothing_left_to_move() -> None:
    first = rewrite(f"import openai\n\nprint({_CALL}['data'][0]['b64_json'])\n", sdk="latest")
    assert rewrite(first.text, sdk="latest").changed == {}


def test_an_asynchronous_call_gets_a_client_with_the_settings_of_the_module() -> None:
    text = (
        'import openai\n\nopenai.organization = "o"\nopenai.api_base = BASE\n\n\n'
        'async def draw():\n    return (await openai.Image.acreate(prompt="p"))["data"][0]["b64_json"]\n'
    )
    done = rewrite(text, sdk="latest", unsafe=True)
    assert (
        "await openai.AsyncOpenAI(api_key=openai.api_key, organization=openai.organization, "
        "base_url=openai.base_url).images.generate(" in done.text
    )
    assert "openai.base_url = BASE" in done.text


def test_a_key_that_may_be_missing_falls_back_to_the_module() -> None:
    text = (
        "import openai\n\nopenai.api_key = KEY\n\n\ndef draw(key=None):\n"
        '    print(openai.Image.create(api_key=key, prompt="p").data[0].b64_json)\n'
    )
    assert "openai.OpenAI(api_key=key or openai.api_key).images.generate(" in rewrite(text, sdk="latest").text


@pytest.mark.parametrize(
    ("top", "handler", "after"),
    [
        ("import openai", "openai.error.InvalidRequestError", "openai.BadRequestError"),
        ("import openai", "openai.InvalidRequestError", "openai.BadRequestError"),
        ("import openai", "(openai.error.Timeout, ValueError)", "(openai.APITimeoutError, ValueError)"),
        ("import openai\nimport openai.error", "openai.error.APIError", "openai.InternalServerError"),
        ("import openai\nfrom openai.error import RateLimitError", "RateLimitError", "RateLimitError"),
        ("import openai\nfrom openai.error import Timeout as Slow", "Slow", "Slow"),
        ("import openai\nfrom openai.error import Timeout", "Timeout", "APITimeoutError"),
        ("import openai\nfrom openai import error", "error.PermissionError", "openai.PermissionDeniedError"),
    ],
)
def test_errors_get_their_new_names(top: str, handler: str, after: str) -> None:
    text = f"{top}\n\ntry:\n    r = {_CALL}\nexcept {handler}:\n    raise SystemExit(1)\n"
    done = rewrite(text, sdk="latest")
    assert f"except {after}:" in done.text
    assert "openai.error" not in done.text
    assert "import error" not in done.text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("openai.ChatCompletion.create(model='gpt-4')", "ChatCompletion"),
        ("openai.proxy = 'http://proxy'", "openai.proxy"),
        ("try:\n    pass\nexcept openai.error.InvalidAPIType:\n    pass", "InvalidAPIType"),
        (
            "try:\n    pass\nexcept openai.error.OpenAIError as e:\n    print(e.user_message)",
            "e.user_message",
        ),
        ("from openai.embeddings_utils import get_embedding", "embeddings_utils"),
    ],
)
def test_what_has_no_counterpart_keeps_the_call_where_it_is(text: str, named: str) -> None:
    done = rewrite(f"import openai\n\n{text}\nr = {_CALL}\n", sdk="latest")
    assert done.changed == {}
    assert any(named in one.message for one in done.of("IMG072"))


def test_another_file_of_the_same_program_keeps_the_call_where_it_is() -> None:
    files = {
        "bot.py": "import art\nimport openai\n\nopenai.ChatCompletion.create(model='gpt-4')\nart.draw()\n",
        "art.py": f"import openai\n\n\ndef draw():\n    print({_CALL})\n",
        "lone.py": f"import openai\n\nprint({_CALL}['data'][0]['b64_json'])\n",
    }
    done = rewrite(files, sdk="latest")
    assert set(done.changed) == {"lone.py"}
    assert "ChatCompletion in bot.py" in done.of("IMG072")[0].message


@pytest.mark.parametrize(
    "use",
    [
        "json.dump(r, out)",
        "print(json.loads(str(r))['data'][0]['url'])",
        "print(r.to_dict()['data'][0]['url'])",
        "print('url' in r['data'][0])",
        "r['data'][0]['prompt'] = 'p'",
        "print(dict(r))",
        "print([key for key in r['data'][0]])",
        "print(r['data'][0].items())",
        "print(r.last_response)",
    ],
)
def test_an_answer_that_is_used_as_a_dict_keeps_the_call_where_it_is(use: str) -> None:
    done = rewrite(f"import json\nimport openai\n\nr = {_CALL}\n{use}\n", sdk="latest")
    assert done.changed == {}
    assert done.left


def test_uploads_without_a_name_get_one() -> None:
    text = (
        "import io\nimport openai\n\n\ndef furnish(data, mask):\n"
        '    r = openai.Image.create_edit(data, open("mask.png", "rb"), prompt="p")\n'
        "    print(r.data[0].b64_json)\n"
    )
    done = rewrite(text, sdk="latest", unsafe=True)
    assert 'image=("image.png", data), mask=open("mask.png", "rb"), prompt="p")' in done.text


def test_bytes_in_a_call_of_the_current_package_get_a_name_too() -> None:
    top = "import io\nfrom openai import OpenAI\n\nclient = OpenAI()\nbuffer = io.BytesIO()\n"
    call = 'client.images.edit({model}image={image}, prompt="p")\n'
    for image in ("buffer", "buffer.getvalue()", 'open("a.png", "rb").read()'):
        done = rewrite(top + call.format(model="", image=image))
        assert f'image=("image.png", {image})' in done.text
    for image in ('open("a.png", "rb")', '("a.png", buffer)'):
        assert "image.png" not in rewrite(top + call.format(model="", image=image)).text
    named = top + 'buffer.name = "a.png"\n' + call.format(model="", image="buffer")
    assert "image.png" not in rewrite(named).text
    other = top + call.format(model='model="gpt-image-1", ', image="buffer")
    assert "image.png" not in rewrite(other).text


# requirements


@pytest.mark.parametrize(
    ("path", "text", "line", "sdk"),
    [
        ("requirements.txt", "flask\nopenai==0.28.1  # old\n", 2, "latest"),
        ("requirements.txt", "openai[datalib] <1,>=0.27\n", 1, "latest"),
        ("pyproject.toml", '[project]\ndependencies = ["flask", "openai~=0.27.2"]\n', 2, "latest"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nopenai = "^0.28"\n', 2, "latest"),
        ("pyproject.toml", '[x]\nopenai = {version = "0.27.8", optional = true}\n', 2, "latest"),
        ("setup.py", 'setup(\n    install_requires=["openai<1.0"],\n)\n', 2, "latest"),
        ("environment.yml", "dependencies:\n  - pip:\n      - openai==0.27.*\n", 3, "latest"),
        ("Dockerfile", "FROM python\nRUN pip install 'openai<1' flask\n", 2, "latest"),
        ("requirements.txt", "openai>=1.3\n", 1, "keep"),
        ("requirements.txt", "openai==1.*\n", 1, "keep"),
    ],
)
def test_a_requirement_for_the_other_side_is_named(path: str, text: str, line: int, sdk: str) -> None:
    done = rewrite({"app/art.py": f"import openai\n\n{_CALL}\n", path: text}, sdk=sdk)
    (finding,) = done.of("IMG073")
    assert (finding.path, finding.line) == (path, line)


@pytest.mark.parametrize(
    ("text", "sdk"),
    [
        ("openai\nlangchain-openai==0.1\nopenai-whisper==0.2\n", "latest"),
        ("openai>=0.27\n", "latest"),
        ("openai>=0.27,<2\n", "keep"),
        ("openai==0.25.0\n", "keep"),
        ("openai==0.28\n", "keep"),
        ("openai!=1.0\n", "keep"),
    ],
)
def test_a_requirement_that_fits_is_not_mentioned(text: str, sdk: str) -> None:
    done = rewrite({"art.py": f"import openai\n\n{_CALL}\n", "requirements.txt": text}, sdk=sdk)
    assert done.of("IMG073") == []


def test_requirements_matter_only_where_there_are_such_calls() -> None:
    assert list(pins(Project({"requirements.txt": "openai==0.28\n"}), catalog(), [], "latest")) == []


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": f'import os\nos.environ["OPENAI_API_TYPE"] = "azure"\nimport openai\nr = {_CALL}\n'},
        {"app.py": f'import os\nos.environ.setdefault("OPENAI_API_TYPE", "azure_ad")\nimport openai\nr = {_CALL}\n'},
        {"app.py": f"import settings\nimport openai\nr = {_CALL}\n",
         "settings.py": "import os\nos.environ['OPENAI_API_TYPE'] = 'azure'\n"},
    ],
)  # fmt: skip
def test_azure_in_the_environment_is_azure(files: dict[str, str]) -> None:
    done = rewrite(files)
    assert "IMG070" in {one.rule for one in done.left}
    assert not done.changed


@pytest.mark.parametrize(
    "line", ['# os.environ["OPENAI_API_TYPE"] = "azure"', 'os.environ["OPENAI_API_TYPE"] = "open_ai"']
)
def test_a_comment_or_another_type_is_not_azure(line: str) -> None:
    assert rewrite(f"import os\n{line}\nimport openai\nr = {_CALL}\n").sites[0].migrated


def test_a_method_that_is_chosen_by_its_name_is_left_to_a_person() -> None:
    done = rewrite('import openai\nprint("dall-e-2", getattr(openai.Image, "create")(prompt="p"))\n')
    assert "IMG027" in {one.rule for one in done.left}


def test_a_session_of_the_old_package_keeps_the_call_where_it_is() -> None:
    text = f"import openai\nopenai.aiosession.set(object())\nr = {_CALL}\n"
    assert "IMG072" in {one.rule for one in rewrite(text, sdk="latest").left}
    assert not rewrite(text).left
