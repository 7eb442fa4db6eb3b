"""Listeners with TLS and balancers, judged with their files."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from gateway.flow.doors import DoorLimits
from gateway.settings.listeners import DoorSettings, ListenSettings
from gateway.settings.load import SettingsError, load
from tests.gateway.settings.examples import SOUND, spoilt, write
from tests.gateway.settings.issued import issue

CA = trustme.CA()
PLAIN: dict[str, Any] = {"host": "127.0.0.1", "port": 0}


def test_plain_by_default() -> None:
    one = ListenSettings.model_validate(PLAIN)
    assert one.tls is None
    assert one.proxy_from == ()


def test_balancers() -> None:
    one = ListenSettings.model_validate(PLAIN | {"proxy_from": ("192.0.2.7", "2001:db8::/32")})
    assert one.proxy_from == (ip_network("192.0.2.7/32"), ip_network("2001:db8::/32"))
    for wrong in ("balancer.example", "192.0.2.7/24", "", 5, None):
        with pytest.raises(ValidationError, match="must be a network or an address"):
            ListenSettings.model_validate(PLAIN | {"proxy_from": (wrong,)})


def test_tls_files_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    issue(tmp_path / "tls", CA)
    tls = "{certificate: tls/chain.pem, key: tls/key.pem, client_ca: tls/ca.pem}"
    text = spoilt("port: 0}", f"port: 0, tls: {tls}}}", SOUND)
    (listen,) = load(write(tmp_path / "gateway.yaml", text)).listen
    assert listen.tls is not None
    assert listen.tls.certificate == tmp_path / "tls" / "chain.pem"
    assert listen.tls.build().ends_ms > 0


def test_a_bad_file_is_a_mistake_with_its_place(tmp_path: Path) -> None:
    text = spoilt("port: 0}", "port: 0, tls: {certificate: a.pem, key: b.pem}}", SOUND)
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path / "gateway.yaml", text))
    (mistake,) = caught.value.mistakes
    assert mistake.key == "listen.0.tls"
    assert mistake.message == f"the certificate {tmp_path}/a.pem cannot be read: No such file or directory"


def test_who_demands_certificates_says_who_signs_them(tmp_path: Path) -> None:
    files = issue(tmp_path, CA)
    tls = {"certificate": str(files.certificate), "key": str(files.key), "require_client_certificate": True}
    with pytest.raises(ValidationError, match="needs client_ca"):
        ListenSettings.model_validate(PLAIN | {"tls": tls})
    ListenSettings.model_validate(PLAIN | {"tls": tls | {"client_ca": str(files.ca)}})


def test_the_doors_defaults_are_the_flows() -> None:
    settings, limits = DoorSettings(), DoorLimits()
    for name in DoorLimits.__dataclass_fields__:
        assert getattr(settings, name) == getattr(limits, name)
