"""The demo's stage: the example configuration on other ports, the carriers and the gateway as processes over it."""

import secrets
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

import yaml

from simulators.children import Child

HOST = "127.0.0.1"
READY_SECONDS = 30.0
TOKEN_OCTETS = 12
GATEWAY, CARRIERS = "gateway", "smsc-simulator"


class PortTaken(RuntimeError):
    """Somebody else listens there."""


class Ports(NamedTuple):
    """Where everybody listens, the carriers on ports that follow each other. 0: the kernel chooses. None: nowhere."""

    customers: int = 0
    first_carrier: int = 0
    metrics: int | None = None
    page: int | None = None


class Stage(NamedTuple):
    """What runs. `host` and `port` are the gateway's for customers; the other addresses are host:port."""

    host: str
    port: int
    metrics: str
    carriers: Mapping[str, str]
    seen: Path  # the carriers' record, JSON lines
    store: Path
    gateway: Child
    simulator: Child
    ended: "SimpleQueue[str]"  # names of children that are over
    page: str = ""
    token: str = ""  # that the page wants of who steers


def example_directory() -> Path:
    """The example configuration: beside this package in a clone, inside it when it was installed from a wheel."""
    here = Path(__file__).parent
    installed = here / "config"
    return installed if installed.is_dir() else here.parent / "config"


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def simulator_config(example: Path, to: Path, first_port: int) -> dict[str, int]:
    """Write the carriers' file with ports from `first_port` on, or all 0. Return the example's ports by carrier."""
    content = _read(example)
    before = {}
    for place, (name, smsc) in enumerate(content["smscs"].items()):
        before[name] = smsc["port"]
        smsc["port"] = first_port + place if first_port else 0
    _write(to, content)
    return before


def gateway_config(example: Path, to: Path, ports: Ports, carrier_ports: Mapping[int, int], token: str = "") -> Path:
    """Copy the gateway's files to the directory `to`, with these ports; `carrier_ports` leads from the example's port
    of a carrier to the one here, `token` opens the page. Return the main file."""
    shutil.copytree(example, to)
    main = to / "gateway.yaml"
    content = _read(main)
    content["listen"] = [{"host": HOST, "port": ports.customers}]
    content["metrics"] = None if ports.metrics is None else {"host": HOST, "port": ports.metrics}
    tokens = {"demo": token} if token else {}
    content["page"] = None if ports.page is None else {"host": HOST, "port": ports.page, "tokens": tokens}
    _write(main, content)
    for profile in sorted((to / "carriers").glob("*.yaml")):
        content = _read(profile)
        for carrier in content["carriers"].values():
            for bind in carrier["binds"]:
                bind["host"], bind["port"] = HOST, carrier_ports[bind["port"]]
        _write(profile, content)
    return main


def check_free(ports: Mapping[str, int]) -> None:
    """PortTaken tells every port, by the name of who wants it, that another process listens on."""
    taken = []
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                taken.append(f"{name}: port {port} can't be had: {error.strerror}")
    if taken:
        raise PortTaken("\n".join(taken))


@contextmanager
def set_up(directory: Path, ports: Ports) -> Iterator[Stage]:
    """Start the carriers and the gateway over an empty directory; end them in the reverse order."""
    example = example_directory()
    simulators = directory / "simulators.yaml"
    before = simulator_config(example / "simulators.yaml", simulators, ports.first_carrier)
    wanted = {"gateway (--port)": ports.customers, "metrics (--metrics-port)": ports.metrics or 0}
    wanted |= {"page (--page-port)": ports.page or 0}
    if ports.first_carrier:
        wanted |= {f"{name} (--carrier-port)": ports.first_carrier + place for place, name in enumerate(before)}
    check_free(wanted)
    ended: SimpleQueue[str] = SimpleQueue()
    seen = directory / "seen.jsonl"
    carrier_command = ["-m", "simulators.cli", "--config", str(simulators), "--record", str(seen)]
    with Child(CARRIERS, [sys.executable, *carrier_command], directory / "simulator.log", ended) as simulator:
        addresses = simulator.ready(READY_SECONDS)["addresses"]
        actual = {before[name]: int(address.rpartition(":")[2]) for name, address in addresses.items()}
        token = secrets.token_urlsafe(TOKEN_OCTETS)
        config = gateway_config(example, directory / "config", ports, actual, token)
        store = directory / "store"
        gateway_command = ["-m", "gateway", "run", "--config", str(config), "--state-directory", str(store)]
        with Child(GATEWAY, [sys.executable, *gateway_command], directory / "gateway.log", ended) as gateway:
            ready = gateway.ready(READY_SECONDS)
            host, _, port = ready["listen"][0].rpartition(":")
            metrics = ready.get("metrics") or ""
            page = ready.get("page") or ""
            yield Stage(host, int(port), metrics, addresses, seen, store, gateway, simulator, ended, page, token)
