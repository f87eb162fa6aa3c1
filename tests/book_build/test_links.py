from book_build import links


def write_book(folder):
    source = folder / "book"
    source.mkdir()
    (source / "page.md").write_text(
        "# Title\n\nSee [a](https://example.org/a) and <https://example.org/b>.\n"
    )
    (source / "works.bib").write_text("@book{x, url = {https://example.org/c}}\n")
    return source


def test_every_link_is_listed_with_its_place(tmp_path):
    assert links.list_links(write_book(tmp_path)) == [
        ("page.md", 3, "https://example.org/a"),
        ("page.md", 3, "https://example.org/b"),
        ("works.bib", 1, "https://example.org/c"),
    ]


def test_without_a_network_nothing_passes(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(links, "reachable", lambda hosts: False)
    assert links.main(write_book(tmp_path), tmp_path / "out") == links.NO_NETWORK
    printed = capsys.readouterr().out
    assert "page.md:3: https://example.org/a" in printed
    assert "none was asked" in printed


def test_hosts_that_have_no_name_are_not_reachable():
    assert not links.reachable({"no-such-host.invalid"})
