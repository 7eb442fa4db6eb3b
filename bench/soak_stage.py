"""Where a soak plays: the example configuration with customers of its own, and carriers whose characters change."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from simulators.stage import HOST, Ports, example_directory, gateway_config

CUSTOMERS = ("soak-a", "soak-b", "soak-c", "soak-d")
PASSWORD = "soak-pw"


class Written(NamedTuple):
    """The files."""

    simulators: Path
    phones: Path


def characters(minutes: float) -> dict[str, list[dict[str, Any]]]:
    """What each carrier is like: some of it all the time, some of it in a share of the time.

    What makes a backlog comes first, so that memory has had its peak when it is measured.
    """
    seconds = minutes * 60

    def within(begin: float, end: float) -> dict[str, float]:
        return {"from_seconds": seconds * begin, "to_seconds": seconds * end}

    odd = {"form": "text", "shuffled": True, "capitals": True, "dates": "12", "leave_out": ["sub", "text"]}
    return {
        "docomo": [
            {"kind": "repeating", "share": 0.1},
            {"kind": "slow", "seconds": [0.0, 0.5], "spread": "exponential", **within(0.2, 0.4)},
            {"kind": "throttling", "most_per_second": 12, "congestion": True, **within(0.1, 0.17)},
            {"kind": "hanging_up", "after_seconds": [10, 40], "within_pdu": False, **within(0.1, 0.8)},
            {"kind": "odd_receipts", "share": 0.3, "shape": odd},
        ],
        "au": [
            {"kind": "early", "seconds": [0.1, 0.4], "share": 0.2},
            {"kind": "elsewhere", "share": 0.5},
            {"kind": "refusing", "status": 0x14, "share": 0.05, **within(0.3, 0.5)},
            {"kind": "split_writes", "octets": 50, "share": 0.5},
            {"kind": "refusing_binds", "share": 0.5, "status": 0x08, **within(0.1, 0.8)},
        ],
        "softbank": [
            {"kind": "intermediate", "stats": ["ACCEPTD", "ENROUTE"], "share": 0.3},
            {"kind": "contradicting", "share": 0.05, "after_seconds": 2.0},
            {"kind": "lumped_writes", "pdus": 10, "most_seconds": 0.2},
            {"kind": "hanging_up", "by": "unbind", "after_pdus": [100, 400], **within(0.1, 0.8)},
        ],
        "rakuten": [
            {"kind": "hanging_up", "by": "reset", "after_pdus": [50, 200], "within_pdu": True, **within(0.1, 0.8)},
            {"kind": "restarting", "every_seconds": max(seconds / 6, 10.0), "down_seconds": 3.0, **within(0.1, 0.8)},
            {"kind": "odd_receipts", "share": 0.5, "shape": {"form": "tlvs", "unknown_tlvs": True}},
        ],
    }


def write_simulators(directory: Path, minutes: float, seed: int) -> Written:
    """The carriers' file: the example's four, misbehaving, with phones that write."""
    content = yaml.safe_load((example_directory() / "simulators.yaml").read_text(encoding="utf-8"))
    content["seed"] = seed
    played = characters(minutes)
    for place, (name, smsc) in enumerate(content["smscs"].items()):
        smsc["port"] = 0
        smsc["characters"] = played[name]
        phone = {"source": f"81901000000{place}", "destination": f"0501000000{place}"}
        times = {"at_seconds": 3 + place, "every_seconds": 5, "times": max(int(minutes * 60 * 0.8 / 5), 1)}
        smsc["phones"] = [
            {"text": "配信停止", **phone, **times},
            {"text": "お世話になっております。" * 12, **phone, **times, "reference_bits": 16, "reversed_parts": True},
        ]
    path = directory / "simulators.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return Written(path, directory / "seen.jsonl")


def write_gateway(directory: Path, addresses: Mapping[str, str]) -> Path:
    """The gateway's files: the example, towards these carriers, with the soak's customers."""
    example = example_directory()
    smscs = yaml.safe_load((example / "simulators.yaml").read_text(encoding="utf-8"))["smscs"]
    ports = {smscs[name]["port"]: int(address.rpartition(":")[2]) for name, address in addresses.items()}
    main = gateway_config(example, directory / "config", Ports(metrics=0), ports)
    customers = {
        name: {
            "system_id": name,
            "password": PASSWORD,
            "tariff": "standard",
            "window": 200,
            "numbers": [f"0501000000{place}"],
        }
        for place, name in enumerate(CUSTOMERS)
    }
    text = yaml.safe_dump({"customers": customers}, allow_unicode=True)
    (directory / "config" / "customers" / "soak.yaml").write_text(text, encoding="utf-8")
    for profile in sorted((directory / "config" / "carriers").glob("*.yaml")):
        content = yaml.safe_load(profile.read_text(encoding="utf-8"))
        for carrier in content["carriers"].values():
            session = carrier.setdefault("session", {})
            session |= {"reconnect_min_seconds": 0.2, "reconnect_max_seconds": 2.0, "enquire_link_seconds": 5}
            session["response_seconds"] = 5
            carrier["in_doubt"] = "resend"
        profile.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return main


__all__ = ["CUSTOMERS", "HOST", "PASSWORD", "characters", "write_gateway", "write_simulators"]
