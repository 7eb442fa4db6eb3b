"""TLS towards a carrier: whom we trust, what we show, and files that cannot be used."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from gateway.net.client_tls import ClientTls
from gateway.settings.certificates import CertificateError
from tests.gateway.settings.issued import FAR, issue


def test_without_files_the_system_is_trusted_and_names_are_checked() -> None:
    context = ClientTls().build().context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_with_a_ca_only_that_is_trusted(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(ca))
    assert len(ClientTls(ca).build().context.get_ca_certs()) == 1


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no certificate")
    absent = tmp_path / "absent.pem"
    for tls, said in (
        (ClientTls(absent), "the ca .*absent.pem cannot be read: No such file"),
        (ClientTls(garbage), "the ca .*garbage.pem holds no certificates"),
        (ClientTls(None, garbage, garbage), "the certificate .*garbage.pem holds no certificate"),
        (ClientTls(None, absent, garbage), "the certificate .*absent.pem cannot be read"),
    ):
        with pytest.raises(CertificateError, match=said):
            tls.build()


def test_a_renewed_certificate_is_used_and_its_end_is_known(tmp_path: Path) -> None:
    authority = trustme.CA()
    first = issue(tmp_path, authority, not_after=datetime(2030, 1, 1, tzinfo=UTC))
    tls = ClientTls(first.ca, first.certificate, first.key)
    assert tls.build().ends_ms == int(datetime(2030, 1, 1, tzinfo=UTC).timestamp()) * 1000
    issue(tmp_path, authority)
    assert tls.build().ends_ms == int(FAR.timestamp()) * 1000
    assert ClientTls(first.ca).build().ends_ms is None
