"""What the status page costs the loop: many customers and binds, all of which have done and have everything.

Run as `python -m bench.page`. The figures are milliseconds of the processor for reading the flow and writing the page;
one JSON line last.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from bench.scrape import busy, tell
from gateway.carrier_binds import CarrierBinds
from gateway.page.render import Renderer
from gateway.page.throughput import SECONDS, Throughput
from gateway.page.view import View
from gateway.steer_status import SteerStatus


def pages(customers: int, binds: int) -> dict[str, Callable[[], bytes]]:
    """By name: read the flow and write the page."""
    flow = busy(customers, binds)
    store: Any = SimpleNamespace(
        stuck="", archive_stuck="", batches=1, changes=1, repeated_records=0, behind=False, pid=1
    )
    throughput = Throughput(flow.accounts, flow.carriers)
    for second in range(SECONDS):
        throughput.look(float(second))
    view = View(flow, SteerStatus(flow, cast("CarrierBinds", None), store), throughput, {}, None)
    renderer = Renderer("bench")
    carrier = next(iter(flow.carriers))

    def show(template: str, **values: Any) -> bytes:
        usual = {"visitor": None, "can_sign_in": True, "path": "/", "fresh": True, "time": "2026-11-25 12:00:00"}
        return renderer.page(template, "ja", **usual, **values)

    def overview() -> bytes:
        view.forget()
        return show("overview", view=view.overview(), announcements=(), throughput=throughput)

    def of_carrier() -> bytes:
        rates = throughput.carrier(carrier).rates()
        return show("carrier", carrier=view.carrier(carrier), rates=rates)

    def of_customers() -> bytes:
        found, many = view.customers("", 1)
        return show("customers", found=found, search="", page=1, pages=many)

    return {"overview": overview, "carrier": of_carrier, "customers": of_customers}


def figures(customers: int, binds: int, rounds: int) -> dict[str, float | int | str]:
    """The median of each page."""
    found: dict[str, float | int | str] = {"bench": "page", "customers": customers, "binds": binds}
    for name, page in pages(customers, binds).items():
        cpu = []
        for _ in range(rounds):
            used = time.thread_time()
            octets = len(page())
            cpu.append(1000 * (time.thread_time() - used))
        found |= {f"{name}_median_cpu_ms": round(statistics.median(cpu), 2), f"{name}_octets": octets}
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    tell("bench.page", __doc__, figures, arguments)


if __name__ == "__main__":
    main()
