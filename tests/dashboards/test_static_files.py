"""Style sheets and pictures: what is sent is what the file is at that moment."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from whitenoise.responders import StaticFile

from dashboards.policy import CONTENT_SECURITY_POLICY, with_charts
from dashboards.static_files import Finder, StaticFiles, map_style_hash


def asked(method: str = "GET", **headers: str) -> HttpRequest:
    request = HttpRequest()
    request.method = method
    request.META = headers
    return request


def replaced(folder: Path, old: bytes, new: bytes, request: HttpRequest) -> HttpResponse:
    """Return the answer for a file that was replaced after the server had looked at it."""
    path = folder / "tokens.css"
    path.write_bytes(old)
    found = StaticFile(str(path), [("Content-Type", "text/css")])
    path.write_bytes(new)
    return StaticFiles.serve(found, request)


def test_a_file_that_grew_is_announced_with_its_new_length(tmp_path: Path) -> None:
    response = replaced(tmp_path, b"a{}", b"a{color:red}", asked())

    assert response.content == b"a{color:red}"
    assert response["Content-Length"] == "12"
    assert response["Content-Type"] == "text/css"


def test_a_file_that_shrank_is_announced_with_its_new_length(tmp_path: Path) -> None:
    response = replaced(tmp_path, b"a{color:red}", b"a{}", asked())

    assert (response.content, response["Content-Length"]) == (b"a{}", "3")


def test_a_range_that_is_gone_is_announced_as_short_as_it_is(tmp_path: Path) -> None:
    response = replaced(tmp_path, b"a{color:red}", b"a{}", asked(HTTP_RANGE="bytes=1-5"))

    assert (response.status_code, response.content, response["Content-Length"]) == (206, b"{}", "2")


def test_whoever_asks_for_the_head_alone_is_told_the_length_of_the_file(tmp_path: Path) -> None:
    response = replaced(tmp_path, b"a{}", b"a{}", asked("HEAD"))

    assert (response.content, response["Content-Length"]) == (b"", "3")


def test_the_map_style_of_the_installed_plotly_is_in_the_policy_of_charts() -> None:
    assert map_style_hash().startswith("sha256-")
    assert f"'{map_style_hash()}'" in with_charts()
    assert map_style_hash() not in CONTENT_SECURITY_POLICY


def test_what_others_wrote_is_served_from_their_packages() -> None:
    for name in ("htmx/htmx.js", "plotly/plotly.js"):
        assert "site-packages" in str(Finder().find(name))


def test_nothing_outside_the_folder_is_found() -> None:
    assert Finder().find("../policy.py") == []
    assert Finder().find("plimsoll/nothing.css", find_all=True) == []
