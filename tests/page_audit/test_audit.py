import gzip
import urllib.error
import urllib.request

import pytest

from page_audit.__main__ import main
from page_audit.browser import policy_faults
from page_audit.report import BARS, Bar, misses, table
from page_audit.serve import serve


@pytest.fixture
def site(tmp_path):
    (tmp_path / "index.html").write_text("<p>" + "a" * 5000)
    (tmp_path / "404.html").write_text("<p>not here")
    (tmp_path / "a.woff2").write_bytes(b"font")
    return tmp_path


def test_text_is_packed_as_on_the_web(site):
    with serve(site) as address, urllib.request.urlopen(f"{address}/") as answer:
        body = answer.read()
        assert answer.headers["Content-Encoding"] == "gzip"
    assert len(body) < 200
    assert gzip.decompress(body).startswith(b"<p>a")


def test_what_does_not_exist_has_its_page(site):
    with serve(site) as address:
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"{address}/no.html")
        with missing.value as answer:
            assert answer.code == 404
            assert gzip.decompress(answer.read()) == b"<p>not here"


def test_a_measure_off_its_bar_is_marked_and_named():
    measured = {"a": {"bytes": 100, "shift": 0.5}, "b": {"bytes": 251}}
    assert table(measured).count("✗") == 2
    assert list(misses(measured)) == [("a", "shift"), ("b", "bytes")]


@pytest.mark.parametrize(("bar", "value"), [(Bar("", least=95), 94), (Bar("", most=0), 1)])
def test_bars_hold_at_their_edge(bar, value):
    assert not bar.holds(value)
    assert bar.holds(95 if bar.least else 0)


def test_the_bars_are_those_of_the_book():
    assert str(BARS["performance"]) == "≥ 95"
    assert str(BARS["bytes"]) == "≤ 250"
    assert BARS["hosts"].most == BARS["axe"].most == 0


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        (None, "no policy"),
        ("script-src 'self'", "no default-src"),
        ("default-src 'none'; script-src 'unsafe-eval'", "script-src allows 'unsafe-eval'"),
        ("default-src 'none'; script-src *", "script-src allows *"),
        ("default-src https:; script-src 'self'", "default-src allows https:"),
    ],
)
def test_a_policy_that_allows_too_much_is_found(policy, fault):
    assert fault in policy_faults(policy)


def test_who_lacks_a_browser_is_told_how_to_get_one(site, monkeypatch, capsys):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="the package chromium"):
        main([str(site)])


def test_a_page_that_is_not_there_is_named(site, monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", "/bin/true")
    (tmp_path / "axe-core").mkdir()
    with pytest.raises(SystemExit, match="no page nosuch in"):
        main([str(site), "--lighthouse", "none", "--modules", str(tmp_path), "--pages", "nosuch"])
