"""Snippets are understood by the tools they are for."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from plimsoll.env import Address
from plimsoll.setup import snippets
from plimsoll.setup.addresses import Endpoint, endpoint, host_of
from tests.ingest.otlp import mesh

RECEIVER = Endpoint(Address("plimsoll.example", 4317), "named")


def test_every_file_is_a_snippet_and_every_snippet_has_its_file() -> None:
    folder = Path(__file__).resolve().parents[2] / "deploy" / "snippets"

    files = {path.name for path in folder.iterdir()} - {"README.md"}

    assert files == {snippet.file for snippet in snippets.ALL.values()} | {"catalog.yaml"}


def test_envoy_takes_its_snippet(tmp_path: Path) -> None:
    binary = mesh.binary()
    if binary is None:
        pytest.skip("no Envoy for this machine")
    tracing, cluster = yaml.safe_load_all(snippets.for_telemetry("envoy", RECEIVER, "plm_x"))
    filters = "type.googleapis.com/envoy.extensions.filters"
    manager: dict[str, Any] = {
        "@type": f"{filters}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "x",
        "route_config": {"virtual_hosts": [{"name": "x", "domains": ["*"], "routes": []}]},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{filters}.http.router.v3.Router"},
            }
        ],
        **tracing,
    }
    listener = {
        "name": "x",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }
    bootstrap = tmp_path / "envoy.yaml"
    bootstrap.write_text(yaml.safe_dump({"static_resources": {"listeners": [listener], "clusters": [cluster]}}))

    said = subprocess.run(
        [str(binary), "--mode", "validate", "-c", str(bootstrap)], capture_output=True, text=True, timeout=60
    )

    assert said.returncode == 0, said.stderr


def test_a_shell_understands_the_scripts() -> None:
    scripts = [snippets.text(name) for name, snippet in snippets.ALL.items() if snippet.file.endswith(".sh")]

    checked = [subprocess.run(["sh", "-n"], input=script, text=True).returncode for script in scripts]

    assert checked == [0] * len(scripts)


@pytest.mark.parametrize(
    ("bound", "seen_as", "written", "reach"),
    [
        ("127.0.0.1", "plimsoll.example", "127.0.0.1:4317", "here"),
        ("0.0.0.0", "plimsoll.example", "plimsoll.example:4317", "named"),
        ("0.0.0.0", "", "localhost:4317", "here"),
        ("::", "10.1.2.3", "10.1.2.3:4317", "named"),
        ("fd00::1", "x", "[fd00::1]:4317", "bound"),
    ],
)
def test_an_address_is_as_senders_write_it(bound: str, seen_as: str, written: str, reach: str) -> None:
    found = endpoint(Address(bound, 4317), seen_as)

    assert (str(found.address), found.reach) == (written, reach)


def test_the_host_of_a_header_has_no_port() -> None:
    assert [host_of(header) for header in ("a.b:80", "a.b", "[::1]:80", "10.0.0.1:8000")] == [
        "a.b",
        "a.b",
        "::1",
        "10.0.0.1",
    ]
