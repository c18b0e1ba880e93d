"""Checks the simulator's answers, and the short form that the tests read, against the public OpenAPI description.

`python tools/openapi_check.py openapi.yaml`: the file is OpenAI's own (the repository openai/openai-openapi) and no
part of this project. Prints one line per answer and per schema that differs from tests/simulator/openapi_images.yaml;
exit code 1 when there is one.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import Any

import requests
import yaml
from jsonschema import Draft202012Validator
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from migrator.catalog import load  # noqa: E402
from migrator.simulator import Simulator  # noqa: E402
from tests.simulator import description  # noqa: E402

PROMPT = "A lighthouse"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("description", type=Path, help="openapi.yaml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    schemas = yaml.load(parser.parse_args().description.read_bytes(), loader)["components"]["schemas"]
    catalog = load()
    bad = _drifted(schemas)
    with Simulator(catalog) as simulator:
        model = catalog.default_target
        asked = {"model": model, "prompt": PROMPT, "size": "1024x1024", "quality": "low"}
        answers = [
            ("generation", "ImagesResponse", _post(simulator, "images/generations", json=asked)),
            (
                "webp",
                "ImagesResponse",
                _post(simulator, "images/generations", json={**asked, "output_format": "webp", "n": 2}),
            ),
            (
                "edit",
                "ImagesResponse",
                _post(simulator, "images/edits", data=asked, files={"image": ("a.png", _png(), "image/png")}),
            ),
            (
                "refusal",
                "ErrorResponse",
                _post(simulator, "images/generations", json={**asked, "style": "vivid"}),
            ),
            ("models", "ListModelsResponse", _get(simulator, "models")),
            ("model", "Model", _get(simulator, f"models/{model}")),
        ]
    for what, schema, answer in answers:
        rules: dict[str, Any] = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": schemas}}
        problems = list(Draft202012Validator(rules).iter_errors(answer))
        bad += bool(problems)
        print(f"{what}: {schema}: {'fits' if not problems else problems[0].message[:200]}")
    return 1 if bad else 0


def _drifted(public: dict[str, Any]) -> int:
    """How many schemas of the short form are not what the description says; each is said."""
    short = description.load()
    known = {name: public[name] for name in short["schemas"] if name in public}
    described = description.shortened(public, known)
    bad = 0
    for name, ours in short["schemas"].items():
        theirs = described.get(name)
        if theirs is None:
            print(f"short form: {name}: the description has it no more")
        elif (ours["properties"], set(ours.get("required", ()))) != (
            theirs["properties"],
            set(theirs.get("required", ())),
        ):
            keys = sorted({*ours["properties"], *theirs["properties"]})
            other = [key for key in keys if ours["properties"].get(key) != theirs["properties"].get(key)]
            print(f"short form: {name}: differs in {', '.join(other) or 'what is required'}")
        else:
            continue
        bad += 1
    for name, properties in short.get("newer", {}).items():
        for key in set(properties) & set(public[name].get("properties", {})):
            print(f"short form: {name}: {key} is in the description now and need not be listed as newer")
            bad += 1
    print(f"short form: {len(short['schemas']) - bad} of {len(short['schemas'])} schemas as described")
    return bad


def _post(simulator: Simulator, path: str, **body: Any) -> Any:
    headers = {"Authorization": "Bearer sk-test"}
    return requests.post(f"{simulator.base_url}/{path}", headers=headers, timeout=60, **body).json()


def _get(simulator: Simulator, path: str) -> Any:
    headers = {"Authorization": "Bearer sk-test"}
    return requests.get(f"{simulator.base_url}/{path}", headers=headers, timeout=60).json()


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (256, 256), "teal").save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
