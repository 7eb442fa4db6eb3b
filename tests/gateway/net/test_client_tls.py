"""TLS towards a carrier: whom we trust, what we show, and files that cannot be used."""

import ssl
from pathlib import Path

import pytest
import trustme

from gateway.net.client_tls import ClientTls


def test_without_files_the_system_is_trusted_and_names_are_checked() -> None:
    context = ClientTls().context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_with_a_ca_only_that_is_trusted(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(ca))
    assert len(ClientTls(ca).context().get_ca_certs()) == 1


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no certificate")
    with pytest.raises(OSError, match="No such file"):
        ClientTls(tmp_path / "absent.pem").context()
    with pytest.raises(ssl.SSLError):
        ClientTls(garbage).context()
    with pytest.raises(ssl.SSLError):
        ClientTls(None, garbage, garbage).context()
