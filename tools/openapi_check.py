"""Checks the simulator's answers and errors against the public OpenAPI description of the API.

`python tools/openapi_check.py openapi.yaml`: the file is OpenAI's own (the repository openai/openai-openapi) and no
part of this project. Prints one line per answer; exit code 1 when one does not fit.
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

PROMPT = "A lighthouse"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("description", type=Path, help="openapi.yaml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    schemas = yaml.load(parser.parse_args().description.read_bytes(), loader)["components"]["schemas"]
    catalog = load()
    bad = 0
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
