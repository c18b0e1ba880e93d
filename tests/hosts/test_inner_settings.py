"""Settings inside of a value: defaults of the shell, assignments in units, files in a block of YAML, templates."""

from __future__ import annotations

import pytest

from tests.hosts.support import after, run, said

NEW = "gpt-image-2.6-flare"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (
            "compose.yaml",
            "e:\n  - IMAGE_MODEL=${IMAGE_MODEL:-dall-e-3}\n",
            f"e:\n  - IMAGE_MODEL=${{IMAGE_MODEL:-{NEW}}}\n",
        ),
        ("compose.yaml", 'e:\n  IMAGE_MODEL: "${M-dall-e-3}"\n', f'e:\n  IMAGE_MODEL: "${{M-{NEW}}}"\n'),
        ("serverless.yml", "IMAGE_MODEL: ${env:M, 'dall-e-3'}\n", f"IMAGE_MODEL: ${{env:M, '{NEW}'}}\n"),
        (
            "a.yml",
            "IMAGE_MODEL: ${{ vars.M || 'dall-e-3' }}\nIMAGE_QUALITY: ${{ vars.Q || 'hd' }}\n",
            f"IMAGE_MODEL: ${{{{ vars.M || '{NEW}' }}}}\nIMAGE_QUALITY: ${{{{ vars.Q || 'high' }}}}\n",
        ),
        (
            ".env",
            'export IMAGE_MODEL="${IMAGE_MODEL:-dall-e-3}"\n',
            f'export IMAGE_MODEL="${{IMAGE_MODEL:-{NEW}}}"\n',
        ),
        (
            "Dockerfile",
            "ARG IMAGE_MODEL=dall-e-3\nENV A=1 \\\n  # why\n\n  IMAGE_MODEL=dall-e-3 \\\n  IMAGE_SIZE=256x256\n",
            f"ARG IMAGE_MODEL={NEW}\nENV A=1 \\\n  # why\n\n  IMAGE_MODEL={NEW} \\\n  IMAGE_SIZE=1024x1024\n",
        ),
        (
            "bot.service",
            '[Service]\nEnvironment=IMAGE_MODEL=dall-e-3 "IMAGE_QUALITY=hd"\nEnvironment="A=b"\n',
            f'[Service]\nEnvironment=IMAGE_MODEL={NEW} "IMAGE_QUALITY=high"\nEnvironment="A=b"\n',
        ),
        (
            "bot.service",
            '[Service]\nEnvironment="IMAGE_MODEL=dall-e-3" "IMAGE_QUALITY=hd"\nEnvironment=A="b"\n',
            f'[Service]\nEnvironment="IMAGE_MODEL={NEW}" "IMAGE_QUALITY=high"\nEnvironment=A="b"\n',
        ),
        (
            "supervisord.conf",
            '[program:a]\nenvironment=IMAGE_MODEL="dall-e-3",IMAGE_QUALITY="hd"\n',
            f'[program:a]\nenvironment=IMAGE_MODEL="{NEW}",IMAGE_QUALITY="high"\n',
        ),
        (
            "render.yaml",
            "envVars:\n  - key: IMAGE_MODEL\n    value: dall-e-3\n  - key: IMAGE_QUALITY\n    value: hd\n",
            f"envVars:\n  - key: IMAGE_MODEL\n    value: {NEW}\n  - key: IMAGE_QUALITY\n    value: high\n",
        ),
        (
            "cm.yaml",
            "data:\n  app.env: |\n    # a\n    IMAGE_MODEL=dall-e-3\n\n    IMAGE_QUALITY=hd\n  b: 1\n",
            f"data:\n  app.env: |\n    # a\n    IMAGE_MODEL={NEW}\n\n    IMAGE_QUALITY=high\n  b: 1\n",
        ),
        (
            "cm.yaml",
            "data:\n  c.yaml: |-\n      image:\n        model: dall-e-3\n        size: 256x256\n",
            f"data:\n  c.yaml: |-\n      image:\n        model: {NEW}\n        size: 1024x1024\n",
        ),
        (
            "cm.yaml",
            'data:\n  s.json: |\n    {"image_model": "dall-e-3", "image_quality": "standard"}\n',
            f'data:\n  s.json: |\n    {{"image_model": "{NEW}", "image_quality": "medium"}}\n',
        ),
        (
            "templates/a.yaml",
            "{{- if .Values.on }}\ndata:\n  X: {{ .Values.x }}\n  IMAGE_MODEL: dall-e-3\n  {{- end }}\n",
            f"{{{{- if .Values.on }}}}\ndata:\n  X: {{{{ .Values.x }}}}\n  IMAGE_MODEL: {NEW}\n  {{{{- end }}}}\n",
        ),
    ],
)
def test_a_setting_inside_of_a_value_is_edited_alone(path: str, old: str, new: str) -> None:
    assert after(path, old) == new
    assert run(path, new).after is None


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("t.yaml", '{{- if .x }}\nIMAGE_MODEL: {{ .Values.m | default "dall-e-3" }}\n{{- end }}\n', 2),
        ("cm.yaml", "data:\n  a.env: >\n    IMAGE_MODEL=dall-e-3\n    X=1\n", 3),
        ("cm.yaml", "data:\r\n  c.yaml: |\r\n    image_model: dall-e-3\r\n    b: 1\r\n", 2),
        ("cm.yaml", 'data:\n  c.json: |\n    {"image_model": "dall-e-3",\n', 3),
        ("values.yaml", "config: |\n  image:\n    model: dall-e-3\n", 3),
        ("launch.json", '{"args": ["--model", "dall-e-3"]}', 1),
        ("bot.service", "[Service]\nEnvironment=IMAGE_MODEL=dall-e-3 $OTHER\n", 2),
        ("Procfile", "web: IMAGE_MODEL=dall-e-3 gunicorn app:app\n", 1),
        ("a.sh", "IMAGE_MODEL=dall-e-3 python draw.py now\n", 1),
        ("a.sh", "python draw.py --model dall-e-3 a red cat\n", 1),
    ],
)
def test_what_cannot_be_edited_alone_is_named_with_its_line(path: str, text: str, line: int) -> None:
    done = run(path, text, unsafe=True)
    assert done.after is None
    assert [(fix, at) for _, fix, at, _ in said(done)] == [("manual", line)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", "DESCRIPTION: ${D:-dall-e-3}\n"),
        ("a.yaml", "notes: ${D:-we used dall-e-3 here}\n"),
        ("a.yaml", "data:\n  README.txt: |\n    We drew it with dall-e-3.\n    It was nice.\n"),
        ("a.yaml", "IMAGE_QUALITY: ${Q:?hd}\n"),
        ("bot.service", "[Service]\nEnvironment=QUALITY=hd\n"),
    ],
)
def test_texts_and_other_forms_are_no_setting(path: str, text: str) -> None:
    done = run(path, text, unsafe=True)
    assert (done.after, done.findings) == (None, ())
