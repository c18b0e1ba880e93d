from __future__ import annotations

import io
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import openai
import pytest

from migrator.catalog import load
from migrator.simulator import Simulator, SimulatorError
from migrator.simulator.desk import Options


def fetch(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, problem.read()


def test_the_log_holds_parameters_and_status_in_order():
    with (
        Simulator(load()) as simulator,
        openai.OpenAI(base_url=simulator.base_url, api_key="k", max_retries=0) as client,
    ):
        client.images.generate(model="gpt-image-2", prompt="a fox", n=2)
        with pytest.raises(openai.BadRequestError):
            client.images.generate(model="gpt-image-2", prompt="a fox", style="vivid")
        seen = [(r.path, r.parameters, r.status, r.code) for r in simulator.requests]
    path = "/v1/images/generations"
    assert seen == [
        (path, {"model": "gpt-image-2", "prompt": "a fox", "n": 2}, 200, None),
        (path, {"model": "gpt-image-2", "prompt": "a fox", "style": "vivid"}, 400, "unknown_parameter"),
    ]


def test_the_log_never_holds_a_key(plain_png):
    with (
        Simulator(load()) as simulator,
        openai.OpenAI(base_url=simulator.base_url, api_key="sk-very-secret", max_retries=0) as client,
        openai.AzureOpenAI(
            azure_endpoint=simulator.root_url, api_key="azure-secret", api_version="2025-04-01-preview"
        ) as azure,
    ):
        client.images.edit(model="gpt-image-2", image=("a.png", plain_png), prompt="a cat")
        azure.images.generate(model="gpt-image-2", prompt="a cat")
        log = fetch(f"{simulator.root_url}/_simulator/requests")[1].decode()
    assert "secret" not in log
    edit = json.loads(log)["requests"][0]
    assert edit["parameters"]["image"][0]["bytes"] == len(plain_png)


def test_an_azure_client_reaches_deployments(plain_png):
    with (
        Simulator(load(), deployments={"art": "gpt-image-2"}) as simulator,
        openai.AzureOpenAI(
            azure_endpoint=simulator.root_url, api_key="k", api_version="2025-04-01-preview", max_retries=0
        ) as client,
    ):
        assert client.images.generate(model="art", prompt="a fox").data[0].b64_json
        assert client.images.edit(model="art", image=("a.png", plain_png), prompt="a fox").data[0].b64_json
        with pytest.raises(openai.NotFoundError) as caught:
            client.images.generate(model="none", prompt="a fox")
        paths = [request.path for request in simulator.requests]
    assert caught.value.code == "DeploymentNotFound"
    assert paths[0] == "/openai/deployments/art/images/generations"


def test_azure_serves_dall_e_3_in_the_dalle_era(dalle_simulator):
    with openai.AzureOpenAI(
        azure_endpoint=dalle_simulator.root_url, api_key="k", api_version="2024-02-01", max_retries=0
    ) as client:
        answer = client.images.generate(model="dall-e-3", prompt="a fox", style="natural")
    assert fetch(answer.data[0].url)[0] == 200


def test_azure_requests_need_a_version(today_simulator):
    url = f"{today_simulator.root_url}/openai/deployments/gpt-image-2/images/generations"
    request = urllib.request.Request(url, b"{}", {"api-key": "k", "content-type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as problem:
        assert problem.code == 404


def test_a_hosted_picture_expires(dalle_simulator):
    with (
        Simulator(load(), era="dalle", options=Options(url_life=0.0)) as simulator,
        openai.OpenAI(base_url=simulator.base_url, api_key="k", max_retries=0) as client,
    ):
        url = client.images.generate(model="dall-e-3", prompt="a fox").data[0].url
        assert fetch(url)[0] == 403


@pytest.mark.parametrize("name", ["none.png", "..%2F..%2Fetc%2Fpasswd", "%00"])
def test_only_hosted_pictures_are_served(dalle_simulator, name):
    assert fetch(f"{dalle_simulator.root_url}/hosted/{name}")[0] in {403, 404}


def test_a_body_over_the_limit_is_refused():
    with (
        Simulator(load(), options=Options(max_body=20_000)) as simulator,
        openai.OpenAI(base_url=simulator.base_url, api_key="k", max_retries=0) as client,
    ):
        assert client.images.generate(model="gpt-image-2", prompt="x" * 10_000).data
        with pytest.raises(openai.APIStatusError) as caught:
            client.images.generate(model="gpt-image-2", prompt="x" * 30_000)
    assert caught.value.status_code == 413


def test_latency_delays_an_answer():
    with (
        Simulator(load(), latency=0.3) as simulator,
        openai.OpenAI(base_url=simulator.base_url, api_key="k") as client,
    ):
        started = time.monotonic()
        client.images.generate(model="gpt-image-2", prompt="a fox")
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])
def test_only_this_machine_can_be_served(host):
    with pytest.raises(SimulatorError, match="loopback"):
        Simulator(load(), host=host)


def test_a_port_that_is_taken_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        simulator = Simulator(load(), port=taken.getsockname()[1])
        with pytest.raises(SimulatorError, match="cannot listen"):
            simulator.start()


@pytest.mark.parametrize(
    "wrong",
    [
        {"era": "stone"},
        {"faults": {"flood": 0.1}},
        {"faults": {"500": 0.7, "429": 0.7}},
        {"faults": {"500": -1}},
    ],
)
def test_wrong_settings_are_one_clear_line(wrong):
    with pytest.raises(SimulatorError):
        Simulator(load(), **wrong)


def test_the_port_is_free_after_the_end():
    with Simulator(load()) as simulator:
        port = int(simulator.root_url.rpartition(":")[2])
    with pytest.raises(SimulatorError, match="not running"):
        _ = simulator.base_url
    with Simulator(load(), port=port) as again:
        assert again.root_url.endswith(f":{port}")


def test_the_end_does_not_wait_for_a_request_that_hangs():
    simulator = Simulator(load()).start()
    failed = threading.Event()

    def hang():
        with openai.OpenAI(base_url=simulator.base_url, api_key="k", max_retries=0) as client:
            try:
                client.images.generate(model="gpt-image-2", prompt="[[sim:timeout]]")
            except openai.APIError:
                failed.set()

    thread = threading.Thread(target=hang)
    thread.start()
    time.sleep(0.5)
    simulator.stop()
    thread.join(5)
    assert failed.is_set()


def test_no_thread_is_left_behind():
    before = {thread.name for thread in threading.enumerate()}
    with Simulator(load()):
        assert "migrator-simulator" in {thread.name for thread in threading.enumerate()}
    left = {thread.name for thread in threading.enumerate()} - before
    assert "migrator-simulator" not in left


SERVE = """
from datetime import date
from migrator.catalog import load
from migrator.simulator import serve
serve(load(), port=0, today=date(2026, 12, 1), announce=lambda line: print(line, flush=True))
print("ended", flush=True)
"""


def test_serve_announces_its_address_and_ends_on_interrupt():
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        assert "2026-12-01" in line
        base_url = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
        with openai.OpenAI(base_url=base_url, api_key="k") as client:
            assert "gpt-image-1.5" not in [model.id for model in client.models.list()]
        process.send_signal(signal.SIGINT)
        out, problems = process.communicate(timeout=10)
    finally:
        process.kill()
        process.communicate()
    assert out.endswith("ended\n")
    assert problems == ""
    assert process.returncode == 0


def test_importing_the_package_loads_no_server_and_no_pillow():
    heavy = ("starlette", "uvicorn", "PIL", "anyio")
    code = f"import sys, migrator.simulator; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_environment_points_the_sdk_at_the_simulator(today_simulator, monkeypatch):
    for name, value in today_simulator.environment().items():
        monkeypatch.setenv(name, value)
    with openai.OpenAI() as client, openai.AzureOpenAI() as azure:
        assert client.images.generate(model="gpt-image-2", prompt="a fox").data
        assert azure.images.generate(model="gpt-image-2", prompt="a fox").data


def test_a_picture_can_be_asked_for_by_head(dalle, dalle_simulator):
    url = dalle.images.generate(model="dall-e-2", prompt="a fox", size="256x256").data[0].url
    with urllib.request.urlopen(urllib.request.Request(url, method="HEAD")) as response:
        assert int(response.headers["content-length"]) > 1000
        assert io.BytesIO(response.read()).getvalue() == b""


def test_the_log_keeps_only_the_start_of_very_long_values():
    with (
        Simulator(load()) as simulator,
        openai.OpenAI(base_url=simulator.base_url, api_key="k", max_retries=0) as client,
    ):
        client.images.generate(model="gpt-image-2", prompt="x" * 9_000)
        assert len(simulator.requests[0].parameters["prompt"]) < 6_000


def test_a_picture_sent_as_text_is_refused(today_simulator):
    part = b'--q\r\ncontent-disposition: form-data; name="image"\r\n\r\nx\r\n--q--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=q", "authorization": "Bearer k"}
    request = urllib.request.Request(f"{today_simulator.base_url}/images/edits", part, headers)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as problem:
        assert json.load(problem)["error"]["code"] == "invalid_type"
