"""Files of certificates: those that are good, and each way to be bad, told without a traceback."""

import contextlib
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from gateway.settings.certificates import MOST_FILE_OCTETS, CertificateError, client_side, not_after_ms, server_side
from tests.gateway.settings.issued import Files, issue

CA = trustme.CA()
OTHER = trustme.CA()


def ms(when: datetime) -> int:
    return int(when.timestamp()) * 1000


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return issue(tmp_path, CA)


def why(certificate: Path, key: Path, client_ca: Path | None = None) -> str:
    with pytest.raises(CertificateError) as caught:
        server_side(certificate, key, client_ca, required=False)
    return str(caught.value)


def test_what_a_listener_gets(files: Files) -> None:
    plain = server_side(files.certificate, files.key, None, required=False)
    assert plain.context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert plain.context.verify_mode is ssl.CERT_NONE
    assert plain.ends_ms == ms(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC))
    asking = server_side(files.certificate, files.key, files.ca, required=False)
    assert asking.context.verify_mode is ssl.CERT_OPTIONAL
    demanding = server_side(files.certificate, files.key, files.ca, required=True)
    assert demanding.context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    "end",
    [
        datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC),
        datetime(2049, 12, 31, tzinfo=UTC),
        datetime(2050, 1, 1, tzinfo=UTC),  # from here on it is written in another way
        datetime(2999, 6, 7, 8, 9, 10, tzinfo=UTC),
    ],
)
def test_when_it_ends(tmp_path: Path, end: datetime) -> None:
    files = issue(tmp_path, CA, not_after=end)
    assert server_side(files.certificate, files.key, None, required=False).ends_ms == ms(end)


def test_the_first_of_the_chain_that_ends_counts(tmp_path: Path) -> None:
    late = issue(tmp_path, CA)
    chain = late.certificate.read_bytes()
    early = issue(tmp_path, CA, not_after=datetime(2030, 1, 1, tzinfo=UTC)).certificate.read_bytes()
    files = issue(tmp_path, CA)
    files.certificate.write_bytes(chain + early)
    files.key.write_bytes(files.key.read_bytes())
    with pytest.raises(CertificateError, match="does not open"):
        server_side(files.certificate, files.key, None, required=False)
    files = issue(tmp_path, CA)
    files.certificate.write_bytes(files.certificate.read_bytes() + early)
    side = server_side(files.certificate, files.key, None, required=False)
    assert side.ends_ms == ms(datetime(2030, 1, 1, tzinfo=UTC))


def test_files_that_are_not_there_or_hold_something_else(tmp_path: Path, files: Files) -> None:
    absent, garbage = tmp_path / "absent", tmp_path / "garbage"
    garbage.write_bytes(b"\xff\0garbage\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert why(absent, files.key) == f"the certificate {absent} cannot be read: No such file or directory"
    assert why(files.certificate, absent) == f"the key {absent} cannot be read: No such file or directory"
    assert why(files.certificate, files.key, absent).startswith(f"the client_ca {absent} cannot be read")
    assert "cannot be read" in why(tmp_path, files.key)
    assert "holds no certificate" in why(garbage, files.key)
    assert "holds no certificate" in why(files.key, files.key)
    assert "does not open the certificate" in why(files.certificate, garbage)
    assert "holds no certificates" in why(files.certificate, files.key, files.key)
    assert "holds no certificates" in why(files.certificate, files.key, garbage)


def test_a_key_of_another_certificate(tmp_path: Path, files: Files) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert "key values mismatch" in why(files.certificate, issue(other, CA).key)


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path, files: Files) -> None:
    long = tmp_path / "long"
    long.write_bytes(files.certificate.read_bytes() + b"\n" * MOST_FILE_OCTETS)
    assert "is longer than" in why(long, files.key)


def test_an_encrypted_key_asks_nobody(files: Files) -> None:
    key = load_pem_private_key(files.key.read_bytes(), None)
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hush")))
    assert "it is encrypted" in why(files.certificate, files.key)


LEAF = ssl.PEM_cert_to_DER_cert(CA.issue_cert("x").cert_chain_pems[0].bytes().decode())


@given(st.integers(0, len(LEAF) - 1), st.integers(0, 255))
def test_octets_that_were_changed_are_read_or_refused(place: int, octet: int) -> None:
    changed = LEAF[:place] + bytes((octet,)) + LEAF[place + 1 :]
    with contextlib.suppress(ValueError):
        assert isinstance(not_after_ms(changed), int)


@given(st.integers(0, len(LEAF) - 1))
def test_octets_that_are_cut_off_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        not_after_ms(LEAF[:length])


@given(st.binary(max_size=100))
def test_garbage_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        not_after_ms(octets)


def test_what_a_connection_of_ours_gets(files: Files) -> None:
    side = client_side(files.ca, files.certificate, files.key)
    assert side.context.verify_mode is ssl.CERT_REQUIRED
    assert side.context.check_hostname
    assert side.context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert len(side.context.get_ca_certs()) == 1
    assert side.ends_ms == ms(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert client_side(None, None, None).ends_ms is None


def test_a_connection_of_ours_with_files_that_do_not_fit(files: Files, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = issue(elsewhere, OTHER)
    with pytest.raises(CertificateError, match="does not open the certificate"):
        client_side(None, files.certificate, other.key)
    with pytest.raises(CertificateError, match="holds no certificates"):
        client_side(files.key, None, None)
