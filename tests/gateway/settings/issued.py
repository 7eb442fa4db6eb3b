"""A certificate authority for tests, and the files that a listener needs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import trustme

FAR = datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
NAME = "smpp.example"


class Files(NamedTuple):
    """Where they are."""

    certificate: Path
    key: Path
    ca: Path


def issue(
    directory: Path, ca: trustme.CA, *names: str, not_after: datetime = FAR, common_name: str | None = None
) -> Files:
    """Write a chain, its key and its authority; over those that are there already."""
    files = Files(directory / "chain.pem", directory / "key.pem", directory / "ca.pem")
    leaf = ca.issue_cert(*(names or (NAME,)), common_name=common_name, not_before=BEGAN, not_after=not_after)
    files.certificate.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    files.key.write_bytes(leaf.private_key_pem.bytes())
    files.ca.write_bytes(ca.cert_pem.bytes())
    return files
