"""Runs the simulated API: in a thread for tests, or in the foreground for people. Loopback only."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import threading
import time
from typing import TYPE_CHECKING

from migrator.catalog.errors import did_you_mean
from migrator.simulator.contract import Contract, era_date
from migrator.simulator.faults import FaultPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from types import TracebackType

    import uvicorn

    from migrator.catalog import Catalog
    from migrator.simulator.app import Service
    from migrator.simulator.contract import Era
    from migrator.simulator.desk import Options
    from migrator.simulator.journal import Received

HOST = "127.0.0.1"
PATIENCE = 10.0
"""Seconds to wait for the server thread to start or to end."""


class SimulatorError(Exception):
    """The simulator cannot run as asked. The text is one line for people."""


class Simulator:
    """A simulated Images API in a daemon thread, as a context manager.

    ``era`` is ``"today"`` or ``"dalle"`` (the last day on which the DALL-E models were alive); ``today`` is a
    date that overrides the one of the era. ``latency`` is in seconds per answer. ``faults`` maps fault names
    to the share of requests that they hit. ``deployments`` maps Azure deployment names to model ids. Port 0
    is any free one. ``options`` replaces ``latency`` and ``seed`` and sets limits.

    Raises:
        SimulatorError: when the era, the faults or the port cannot be had.
    """

    def __init__(
        self,
        catalog: Catalog,
        era: Era = "today",
        *,
        today: date | None = None,
        latency: float = 0.0,
        seed: int = 0,
        port: int = 0,
        faults: Mapping[str, float] | None = None,
        deployments: Mapping[str, str] | None = None,
        host: str = HOST,
        options: Options | None = None,
    ) -> None:
        from migrator.simulator.app import Service  # noqa: PLC0415 - the server library loads here
        from migrator.simulator.desk import Desk, Options  # noqa: PLC0415

        try:
            self.today = today or era_date(catalog, era)
            days = {} if today else {"azure": era_date(catalog, era, "azure")}
            plan = FaultPlan(faults, seed)
        except ValueError as problem:
            raise SimulatorError(str(problem)) from None
        for name, model in (deployments or {}).items():
            if catalog.model(model) is None:
                hint = did_you_mean(model, catalog.names()) or " `migrator models` lists those that it knows."
                raise SimulatorError(f"deployment {name!r}: there is no model {model!r}.{hint}")
        self.era = era
        self._options = options or Options(latency=latency, seed=seed)
        self._contract = Contract(catalog, self.today, days, deployments)
        self._address = (_loopback(host), port)
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.service: Service = Service(Desk(self._contract, self._options, plan, self._stopping))

    @property
    def root_url(self) -> str:
        """``http://127.0.0.1:PORT``. Raises SimulatorError when the simulator does not run."""
        if self._socket is None:
            raise SimulatorError("the simulator is not running")
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def base_url(self) -> str:
        """What goes into ``OPENAI_BASE_URL``: the root with ``/v1``."""
        return f"{self.root_url}/v1"

    @property
    def requests(self) -> list[Received]:
        """Everything that was received so far, oldest first."""
        return self.service.desk.journal.all()

    @property
    def failures(self) -> list[Exception]:
        """Faults of the simulator itself; each was answered with status 500."""
        return list(self.service.desk.failures)

    def environment(self) -> dict[str, str]:
        """Environment variables that point an OpenAI or Azure OpenAI client at this simulator."""
        return {
            "OPENAI_BASE_URL": self.base_url,
            "OPENAI_API_BASE": self.base_url,
            "OPENAI_API_KEY": "sk-simulated",
            "AZURE_OPENAI_ENDPOINT": self.root_url,
            "AZURE_OPENAI_API_KEY": "simulated",
            "OPENAI_API_VERSION": "2025-04-01-preview",
        }

    def start(self) -> Simulator:
        """Binds the port and starts to answer; returns once requests are taken."""
        server = self._bind()
        sock = self._socket
        self._thread = threading.Thread(
            target=lambda: server.run(sockets=[sock] if sock else None),
            name="migrator-simulator",
            daemon=True,
        )
        self._thread.start()
        end = time.monotonic() + PATIENCE
        while not server.started:
            if not self._thread.is_alive() or time.monotonic() > end:
                self.stop()
                raise SimulatorError("the simulator did not start")
            time.sleep(0.002)
        return self

    def stop(self) -> None:
        """Ends the server and frees the port. Does nothing when it does not run."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(PATIENCE)
        if self._socket is not None:
            self._socket.close()
        self.service.batches.close()
        self._server = self._thread = self._socket = None

    def run(self, announce: Callable[[str], None]) -> None:
        """Answers in this thread until interrupted. ``announce`` gets lines for people once it listens."""
        server = self._bind()
        announce(f"Simulated OpenAI Images API on {self.base_url} (the day is {self.today.isoformat()})")
        announce(
            f"Use it with: OPENAI_BASE_URL={self.base_url} OPENAI_API_KEY=sk-simulated. Stop with Ctrl-C."
        )
        if self._contract.deployments:
            names = ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "OPENAI_API_VERSION")
            settings = " ".join(f"{name}={self.environment()[name]}" for name in names)
            announce(f"Deployments {', '.join(self._contract.deployments)}: {settings}")
        try:
            server.run(sockets=[self._socket] if self._socket else None)
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _bind(self) -> uvicorn.Server:
        import uvicorn  # noqa: PLC0415 - costs a tenth of a second

        host, port = self._address
        self._socket = _listening(host, port)
        config = uvicorn.Config(
            self.service.application(),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level=logging.CRITICAL,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        return self._server

    def _stopping(self) -> bool:
        return self._server is None or self._server.should_exit


def serve(
    catalog: Catalog,
    *,
    announce: Callable[[str], None],
    host: str = HOST,
    port: int = 8765,
    era: Era = "today",
    today: date | None = None,
    latency: float = 0.0,
    seed: int = 0,
    faults: Mapping[str, float] | None = None,
    deployments: Mapping[str, str] | None = None,
    options: Options | None = None,
) -> None:
    """Serves the simulated API until interrupted; the arguments are those of :class:`Simulator`.

    Raises:
        SimulatorError: when it cannot run as asked; one line for people.
    """
    simulator = Simulator(
        catalog,
        era=era,
        today=today,
        latency=latency,
        seed=seed,
        port=port,
        faults=faults,
        deployments=deployments,
        host=host,
        options=options,
    )
    simulator.run(announce)


def _listening(host: str, port: int) -> socket.socket:
    """A bound and listening socket. Raises SimulatorError when the port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay (40 ms per answer) off only where it sees the protocol spelled out
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(512)
    except (OSError, OverflowError) as problem:
        sock.close()
        raise SimulatorError(f"cannot listen on {host} port {port}: {problem}") from None
    return sock


def _loopback(host: str) -> str:
    """``host`` as an address of this machine. Raises SimulatorError for any other."""
    if host == "localhost":
        return HOST
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise SimulatorError(f"the simulator serves this machine only; {host} is not a loopback address")
    return host
