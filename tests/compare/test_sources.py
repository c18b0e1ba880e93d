"""Sources: what is written for them, archives, downloads, and secrets that stay secret."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from migrator.catalog import load as load_rules
from migrator.compare.sources import fetch, replies
from migrator.compare.sources.base import AskError
from migrator.errors import UserError
from migrator.simulator import Simulator
from tests.compare.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.compare.conftest import Bench

ONE = "version: 1\nprompts:\n  - {id: a, prompt: Alpha, size: 1024x1024, quality: low, samples: 2}\n"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CANARY = "sk-canary-5d1f2c7e9b"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("openai:dall-e-3", "dall-e-3 was shut down at OpenAI on 2026-05-12"),
        ("azure:pictures=dall-e-3", "dall-e-3 was shut down at Azure on 2026-02-18"),
        ("openai-compatible:dall-e-3@https://api.openai.com/v1", "shut down at OpenAI on 2026-05-12"),
        ("openai", "'openai' is no source."),
        ("opnai:x", "Did you mean 'openai'?"),
        ("openai:", "lacks what comes after the colon"),
        ("openai-compatible:flux", "lacks the address"),
        ("openai-compatible:flux@ftp://host/v1", "is no http(s) address"),
        ("openai-compatible:flux@https://me:secret@host/v1", "no user, password or query"),
        ("archive:nowhere", "there is no folder 'nowhere'"),
        ("simulator:dall-e-4", "the simulator knows no 'dall-e-4'. Did you mean"),
    ],
)
def test_a_source_that_means_nothing_is_refused_in_planning(bench: Bench, spec: str, message: str) -> None:
    with pytest.raises(UserError) as told:
        bench.plan(ONE, new=(spec,))
    assert message in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "address", ["https://me:s3cret@host/v1", "https://host/v1?key=s3cret", "ftp://me:s3cret@host/v1"]
)
def test_a_secret_in_an_address_is_refused_without_repeating_it(bench: Bench, address: str) -> None:
    with pytest.raises(UserError) as told:
        bench.plan(ONE, new=(f"openai-compatible:flux@{address}",))
    assert "s3cret" not in str(told.value)
    with pytest.raises(UserError) as told:
        bench.plan(ONE, new=(f"gateway:flux@{address}",))
    assert "s3cret" not in str(told.value)


def test_a_dead_model_lives_on_elsewhere(bench: Bench) -> None:
    made = bench.plan(
        ONE,
        old=("simulator:dall-e-3", "openai-compatible:dall-e-3@http://127.0.0.1:9/v1"),
        new=("openai:gpt-image-2", "openai:gpt-image-2.6-flare"),
        others=[("third", "azure:pictures=gpt-image-1.5")],
    )
    assert [column.name for column in made.columns] == ["old", "old2", "new", "new2", "third"]
    assert [task.request.get("quality") for task in made.tasks[::2]] == [None, None, "low", "low", "low"]
    assert len({task.id for task in made.tasks}) == 10


def test_a_secret_may_not_stand_in_a_suite(bench: Bench) -> None:
    suite = ONE + (
        "sources:\n  x: {kind: openai-compatible, model: m, base_url: 'https://host/v1', headers: {X-Api-Key: s3cret}}\n"
    )
    with pytest.raises(UserError, match="looks like a secret") as told:
        bench.plan(suite, new=("x",))
    assert "s3cret" not in str(told.value)


# Archives


def archive(bench: Bench, files: dict[str, bytes | str]) -> str:
    folder = bench.folder / "photos"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return f"archive:{folder}"


def picture(shade: int) -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (4, 4), (shade, 0, 0)).save(out, "PNG")
    return out.getvalue()


def recorded(*pictures: bytes) -> list[dict[str, str]]:
    return [{"b64_json": base64.b64encode(one).decode()} for one in pictures]


URL = "https://cdn.example/img-1.png?sig=1"


def exchange(method: str, uri: str, body: Any, answer: Any, code: int = 200) -> dict[str, Any]:
    """One interaction, as vcrpy writes it."""
    return {
        "request": {
            "method": method,
            "uri": uri,
            "body": body,
            "headers": {"authorization": ["Bearer sk-x"]},
        },
        "response": {"status": {"code": code, "message": "OK"}, "headers": {}, "body": {"string": answer}},
    }


def cassette(*interactions: dict[str, Any], version: int = 1) -> str:
    return yaml.safe_dump({"interactions": list(interactions), "version": version})


def asked(body: Any, *pictures: bytes, pack: bool = False, endpoint: str = "generations") -> dict[str, Any]:
    answer: Any = json.dumps({"created": 1, "data": recorded(*pictures)})
    answer = gzip.compress(answer.encode()) if pack else answer
    return exchange("POST", f"https://api.openai.com/v1/images/{endpoint}", body, answer)


ALPHA = json.dumps({"prompt": "Alpha", "model": "dall-e-3"})
FORM = (
    '--x\r\nContent-Disposition: form-data; name="model"\r\n\r\ndall-e-3\r\n'
    '--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n\x89PNG\r\n'
    '--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nAlpha\r\n--x--\r\n'
).encode("latin-1")

FORMS: dict[str, dict[str, bytes | str]] = {
    "names": {"a.png": picture(1), "a-1.png": picture(2)},
    "numbers from one": {"a-1.png": picture(1), "a-2.png": picture(2)},
    "csv": {
        "x.png": picture(1),
        "y.png": picture(2),
        "manifest.csv": "file,id,sample,model,latency_s,cost_usd\nx.png,a,0,dall-e-3,9.5,0.04\ny.png,a,1,dall-e-3,,\n",
    },
    "json by prompt": {
        "x.png": picture(1),
        "y.png": picture(2),
        "manifest.json": json.dumps(
            [{"file": "x.png", "prompt": "Alpha"}, {"file": "y.png", "prompt": " Alpha", "sample": 1}]
        ),
    },
    "recorded response": {"a.json": json.dumps({"created": 1, "data": recorded(picture(1), picture(2))})},
    "recorded exchange": {
        "0001.json": json.dumps(
            {
                "request": {"prompt": "Alpha", "model": "dall-e-3"},
                "response": {"data": [*recorded(picture(1)), {"url": "data:image/png;base64,%s"}]},
            }
        )
        % base64.b64encode(picture(2)).decode()
    },
    "cassette": {
        "pictures.yaml": cassette(
            exchange("POST", "https://api.openai.com/v1/chat/completions", ALPHA, '{"choices": []}'),
            exchange("POST", "https://api.openai.com/v1/images/generations", ALPHA, '{"error": {}}', 429),
            asked(ALPHA, picture(1)),
            asked(ALPHA.encode(), picture(2), pack=True),
        ),
        "suite.yaml": ONE,
    },
    "cassette in JSON": {
        "pictures.json": json.dumps({"interactions": [asked(ALPHA, picture(1), picture(2))], "version": 1})
    },
    "cassette with urls": {
        "pictures.yml": cassette(
            exchange(
                "POST",
                "https://api.openai.com/v1/images/generations",
                ALPHA,
                json.dumps({"data": [{"url": URL}, *recorded(picture(2))]}),
            ),
            exchange("GET", URL, None, picture(1)),
        )
    },
    "cassette of an edit": {"c.yaml": cassette(asked(FORM, picture(1), picture(2), endpoint="edits"))},
}


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_is_read_in_every_form(bench: Bench, form: str) -> None:
    ended = bench.run(ONE, old=(archive(bench, FORMS[form]),))
    assert [task["state"] for task in ended.results["tasks"]] == ["ok", "ok"]
    kept = [(bench.folder / "run" / task["file"]).read_bytes() for task in ended.results["tasks"]]
    assert kept == [picture(1), picture(2)]
    first = ended.results["tasks"][0]
    named = form in ("csv", "recorded exchange") or form.startswith("cassette")
    assert first["model"] == ("dall-e-3" if named else "unknown")
    if form == "csv":
        assert (first["latency_s"], first["cost_usd"], first["cost_is"]) == (9.5, 0.04, "measured")
    assert ended.results["simulated"] is False


def test_what_has_no_counterpart_is_reported_on_both_sides(bench: Bench) -> None:
    files: dict[str, bytes | str] = {"a.png": picture(1), "stray.png": picture(2), "notes.txt": "x"}
    ended = bench.run(ONE, old=(archive(bench, files),))
    assert [task["state"] for task in ended.results["tasks"]] == ["ok", "unmatched"]
    assert "has 1 picture for a, no sample 1" in ended.results["tasks"][1]["reason"]
    assert ended.results["notes"] == ["old: 1 picture of the archive matches no prompt: stray.png"]
    assert ended.exit_code == 1


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"manifest.json": '[{"file": "../secret.png", "id": "a"}]'}, "leads out of the archive"),
        ({"manifest.json": '[{"file": "/etc/hosts", "id": "a"}]'}, "leads out of the archive"),
        ({"manifest.json": '[{"file": "no.png", "id": "a"}]'}, "there is no file 'no.png'"),
        ({"manifest.json": '[{"id": "a"}]'}, "entry 1 names no file"),
        ({"manifest.json": "{}"}, "must be a list of objects"),
        ({"manifest.json": "[" * 100_000}, "not valid JSON"),
        ({"manifest.csv": 'file,id\n"x'}, "not valid CSV"),
        ({"x.png": PNG, "manifest.csv": "file\nx.png\n"}, "has neither id nor prompt"),
        ({"c.yaml": "interactions:\n- {a: [\n"}, "c.yaml:3: is no cassette that can be read"),
        ({"c.yaml": "interactions:\n- !!python/object/apply:os.system [x]\n"}, "c.yaml:2: is no cassette"),
        ({"c.json": '{"interactions"'}, "c.json: not valid JSON"),
    ],
)
def test_a_manifest_that_is_wrong_or_hostile_is_refused(
    bench: Bench, files: dict[str, bytes | str], message: str
) -> None:
    (bench.folder / "secret.png").write_bytes(PNG)
    with pytest.raises(UserError) as told:
        bench.run(ONE, old=(archive(bench, files),))
    assert message in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "interactions: 5\n",
        "interactions: [1, {}, {request: 1, response: 2}, {request: {uri: 'http://[', method: POST}, response: {}}]",
        cassette(exchange("POST", "https://x/images/generations", ALPHA, b"\x1f\x8bnothing")),
        cassette(exchange("POST", "https://x/images/generations", [1], "[]")),
        "a: &a [x]\nb: [*a, *a]\ninteractions: [*a]\n",
    ],
)
def test_an_odd_cassette_holds_no_pictures(bench: Bench, text: str) -> None:
    ended = bench.run(ONE, old=(archive(bench, {"c.yaml": text}),))
    assert [task["state"] for task in ended.results["tasks"]] == ["unmatched", "unmatched"]


def test_a_deployment_with_a_name_of_its_own_is_a_source(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Simulator(load_rules(), today=TODAY, deployments={"art": "gpt-image-2"}) as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        ended = bench.run(ONE, new=("azure:art=gpt-image-2",))
        assert {one.path for one in server.requests} == {"/openai/deployments/art/images/generations"}
    assert [task["state"] for task in ended.results["tasks"]] == ["ok", "ok"]
    assert {task["simulated"] for task in ended.results["tasks"]} == {True}
    assert {task["cost_is"] for task in ended.results["tasks"]} == {"measured"}


def test_what_is_no_picture_is_a_failure(bench: Bench) -> None:
    ended = bench.run(ONE, old=(archive(bench, {"a.png": b"<html>", "a-1.png": PNG[:40]}),))
    assert [task["error"]["class"] for task in ended.results["tasks"]] == ["refused", "refused"]
    assert [task["reason"] for task in ended.results["tasks"]] == [
        "a.png is no picture: it is no PNG, JPEG, WebP, GIF or SVG",
        "a-1.png is no picture: the PNG picture is damaged",
    ]
    assert not list((bench.folder / "run" / "images").glob("*"))


def test_a_link_that_leads_out_of_an_archive_is_not_read_and_named(bench: Bench) -> None:
    place = archive(bench, {"a.png": PNG})
    (bench.folder / "elsewhere.png").write_bytes(PNG)
    (bench.folder / "photos" / "a-1.png").symlink_to(bench.folder / "elsewhere.png")
    ended = bench.run(ONE, old=(place,))
    assert [task["state"] for task in ended.results["tasks"]] == ["ok", "unmatched"]
    assert "old: links that lead out of the archive are not read: a-1.png" in ended.results["notes"]


def test_a_first_run_does_not_speak_of_going_on(bench: Bench) -> None:
    bench.run(ONE, old=(archive(bench, {"a.png": PNG}),))
    assert "done already" not in bench.said.getvalue()


# A server that is up to no good


class Hostile(BaseHTTPRequestHandler):
    """Answers as the test says; ``heard`` keeps what came."""

    heard: list[tuple[str, str]]
    answer: Any

    def do_GET(self) -> None:
        self.heard.append((self.path, self.headers.get("Authorization", "")))
        type(self).answer(self)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hostile() -> Iterator[Any]:
    handler = type("Handler", (Hostile,), {"heard": [], "answer": lambda self: self.reply(200, PNG)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    handler.root = f"http://127.0.0.1:{server.server_port}"
    handler.place = ("127.0.0.1", server.server_port)
    yield handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_picture_on_the_sources_own_host_is_fetched(hostile: Any) -> None:
    assert fetch.fetch(f"{hostile.root}/a.png?sig=1", trusted={hostile.place}) == PNG
    assert hostile.heard == [("/a.png?sig=1", "")]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x.png",
        "http://localhost/x.png",
        "http://[::1]/x.png",
        "http://[::ffff:127.0.0.1]/x.png",
        "http://10.0.0.1/x.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/x.png",
        "http://2130706433/x.png",
        "file:///etc/hosts",
        "ftp://127.0.0.1/x.png",
        "http:///x.png",
        "http://127.0.0.1:99999/",
        "http://example.org/\r\nX: y",
        "",
    ],
)
def test_private_addresses_and_other_schemes_are_never_fetched(url: str) -> None:
    with pytest.raises(AskError) as told:
        fetch.fetch(url, timeout=2)
    assert told.value.trouble == "refused"


def test_a_redirect_to_a_private_address_is_not_followed(hostile: Any) -> None:
    hostile.answer = lambda self: self.reply(302, b"", Location="http://127.0.0.1:1/secret")
    with pytest.raises(AskError, match="private address"):
        fetch.fetch(f"{hostile.root}/a.png", trusted={hostile.place})
    hostile.answer = lambda self: self.reply(302, b"", Location="/again")
    with pytest.raises(AskError, match="redirects more than 3 times"):
        fetch.fetch(f"{hostile.root}/a.png", trusted={hostile.place})


def test_a_download_that_is_too_large_or_breaks_off_is_refused(
    hostile: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile.answer = lambda self: self.reply(200, b"x" * 5000)
    monkeypatch.setattr(fetch, "MAX_BYTES", 4999)
    with pytest.raises(AskError, match="larger than 4,999 bytes"):
        fetch.fetch(f"{hostile.root}/a.png", trusted={hostile.place})

    def cut(self: Any) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"x")

    hostile.answer = cut
    with pytest.raises(AskError) as told:
        fetch.fetch(f"{hostile.root}/a.png", trusted={hostile.place})
    assert told.value.trouble == "transport"


def test_a_download_that_drips_ends_in_time(hostile: Any) -> None:
    import time

    def drip(self: Any) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x")
            time.sleep(0.05)

    hostile.answer = drip
    started = time.monotonic()
    with pytest.raises(AskError) as told:
        fetch.fetch(f"{hostile.root}/a.png", trusted={hostile.place}, timeout=0.4)
    assert told.value.trouble == "timeout"
    assert time.monotonic() - started < 3


def test_an_answer_that_names_an_address_inside_the_network_brings_nothing(
    bench: Bench, hostile: Any
) -> None:
    body = json.dumps({"data": [{"url": "http://169.254.169.254/latest"}]}).encode()
    hostile.answer = lambda self: self.reply(200, body, Content_Type="application/json")
    ended = bench.run(ONE, new=(f"openai-compatible:m@{hostile.root}/v1",))
    assert {task["error"]["class"] for task in ended.results["tasks"]} == {"refused"}


def test_an_answer_is_not_followed_to_another_place(bench: Bench, hostile: Any, server: Simulator) -> None:
    hostile.answer = lambda self: self.reply(307, b"", Location=f"{server.base_url}/images/generations")
    ended = bench.run(ONE, new=(f"openai-compatible:gpt-image-2@{hostile.root}/v1",))
    assert {task["state"] for task in ended.results["tasks"]} == {"failed"}
    assert server.requests == []


def test_no_secret_is_ever_written(bench: Bench, hostile: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def echo(self: Any) -> None:
        said = f"Incorrect API key provided: {self.headers['Authorization']} {self.headers['X-Team']}"
        body = json.dumps({"error": {"message": said, "code": "invalid_api_key"}}).encode()
        self.reply(401, body, Content_Type="application/json", X_Request_Id="req_1")

    hostile.answer = echo
    monkeypatch.setenv("GATEWAY_KEY", CANARY)
    monkeypatch.setenv("TEAM", f"team-{CANARY}")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai-canary")
    suite = ONE + (
        f"sources:\n  gate: {{kind: openai-compatible, model: m, base_url: '{hostile.root}/v1', key_env: GATEWAY_KEY,"
        " headers: {X-Team: '${TEAM}'}}\n"
    )
    ended = bench.run(suite, new=("gate",))
    assert ended.results["tasks"][0]["error"]["class"] == "auth"
    assert "[hidden]" in ended.results["tasks"][0]["error"]["message"]
    assert hostile.heard[0][1] == f"Bearer {CANARY}"
    written = [path.read_bytes() for path in (bench.folder / "run").rglob("*") if path.is_file()]
    written += [json.dumps(ended.results).encode(), bench.said.getvalue().encode()]
    assert not any(b"canary" in data for data in written)


def test_a_gateway_is_never_sent_the_key_of_openai(
    bench: Bench, hostile: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    bench.run(ONE, new=(f"openai-compatible:m@{hostile.root}/v1",))
    assert {key for _, key in hostile.heard} == {"Bearer none"}


def test_a_missing_key_is_said_before_anything_is_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UserError, match="source 'new' needs a key: set OPENAI_API_KEY or pass --key-file"):
        bench.run(ONE, new=("openai:gpt-image-2",))


# Replies


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after-ms": "240"}, "", 0.24),
        ({"retry-after": "12"}, "", 12.0),
        ({"retry-after": "nonsense"}, "", None),
        ({"retry-after": "Mon, 01 Jan 2024 00:00:00 GMT"}, "", 0.0),
        ({}, "Please try again in 51.84s.", 51.84),
        ({}, "Please try again in 240ms.", 0.24),
        ({}, "Please try again in 1m2s.", 62.0),
        ({"x-ratelimit-reset-requests": "1m30s"}, "", 90.0),
        ({"x-ratelimit-reset-requests": "240ms"}, "", 0.24),
        ({}, "Slow down.", None),
    ],
)
def test_how_long_a_refusal_asks_to_wait(
    headers: dict[str, str], message: str, seconds: float | None
) -> None:
    assert replies.wait_of(headers, message) == (pytest.approx(seconds) if seconds is not None else None)


@pytest.mark.parametrize(
    ("status", "error", "trouble"),
    [
        (400, {"code": "moderation_blocked", "message": "no"}, "moderation"),
        (400, {"code": "content_policy_violation", "message": "no"}, "moderation"),
        (400, {"code": None, "message": None, "type": "image_generation_user_error"}, "moderation"),
        (400, {"code": "invalid_value", "message": "no", "type": "image_generation_user_error"}, "refused"),
        (403, {"message": "Your organization must be verified to use the model 'x'."}, "unverified"),
        (403, {"message": "no"}, "auth"),
        (401, {}, "auth"),
        (404, {"code": "model_not_found"}, "refused"),
        (408, {}, "timeout"),
        (409, {}, "server"),
        (429, {"code": "rate_limit_exceeded"}, "rate_limit"),
        (429, {"type": "insufficient_quota"}, "quota"),
        (400, {"code": "billing_hard_limit_reached"}, "quota"),
        (502, {}, "server"),
        (520, {}, "server"),
    ],
)
def test_every_refusal_has_its_class(status: int, error: dict[str, Any], trouble: str) -> None:
    for body in (error, {"error": error}):
        assert replies.refusal(load_rules(), status, body, {}).trouble == trouble
    assert replies.refusal(load_rules(), 500, "<html>", {}).message == "HTTP 500 without an explanation"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"data": []}',
        b'{"data": [1]}',
        b'{"data": [{"b64_json": "*"}]}',
        b"[" * 99999,
    ],
)
def test_a_body_that_is_no_reply_is_malformed(body: bytes) -> None:
    with pytest.raises(AskError) as told:
        replies.picture_of(body)
    assert told.value.trouble == "malformed"
