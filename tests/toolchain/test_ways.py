"""Which way a part comes, and what is said when a way is closed."""

from __future__ import annotations

import os
import socket
import subprocess
import time

import pytest

from toolchain import gobuild, manifest
from toolchain import vendor as vendor_module
from toolchain.errors import ToolchainError, Unreachable
from toolchain.pins import PINS, system
from toolchain.place import locate

ONE = ("bin/one", "bin/one-exec")
TWO = ("home/plugins/two-v1/two",)


def publish(vendor) -> None:
    vendor.publish("one", ONE)
    vendor.publish("two", TWO)


def ways(site) -> dict[str, str]:
    found = manifest.read(site.cache / site.pins.key())
    assert found is not None
    return {name: part.way for name, part in found.parts.items()}


def test_the_vendor_comes_before_go(site, vendor):
    publish(vendor)
    there = site.ensure()
    assert ways(site) == {"one": "vendor", "two": "vendor"}
    assert site.builds == 0
    assert all(os.access(there.folder / file, os.X_OK) for file in (*ONE, *TWO))
    assert locate(site.pins, site.cache) == there


def test_the_vendors_source_is_recorded_with_the_archives_digest(site, vendor):
    publish(vendor)
    there = site.ensure()
    source = manifest.read(there.folder).parts["one"].source
    digest = vendor.files["/one.txt"].decode().splitlines()[1].split()[0]
    assert source == f"{vendor.base}/one.tar.gz (sha256 {digest})"


def test_go_builds_what_the_vendor_does_not_have(site):
    there = site.ensure()
    assert ways(site) == {"one": "go", "two": "go"}
    assert site.builds == 2
    assert (there.bin / "one-exec").read_text() == "#!/bin/sh\n"
    assert any("the vendor's release: no, 127.0.0.1" in line and "answered 404" in line for line in site.said)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (
            lambda v: v.files.update({"/one.txt": f"{'a' * 64}  one.tar.gz\n".encode()}),
            "aaaaaaaaaaaaaaaa... is published",
        ),
        (lambda v: v.truncated.add("/one.tar.gz"), "the download broke off after"),
        (lambda v: v.files.pop("/one.txt"), "no published checksum"),
        (lambda v: v.files.update({"/one.txt": b"nonsense\n"}), "does not list one.tar.gz"),
        (lambda v: v.files.pop("/one.tar.gz"), "answered 404"),
        (lambda v: v.publish("one", ("bin/one",)), "does not hold one-exec"),
    ],
    ids=["other digest", "truncated", "no checksums", "not in the list", "no archive", "incomplete archive"],
)
def test_an_archive_that_is_not_right_is_not_used(site, vendor, spoil, reason):
    publish(vendor)
    spoil(vendor)
    there = site.ensure()
    assert ways(site) == {"one": "go", "two": "vendor"}
    assert any(reason in line for line in site.said), site.said
    assert [path.name for path in there.folder.rglob("*.tar.gz")] == []


def test_an_archive_that_is_no_archive_is_not_used(site, vendor):
    vendor.publish("one", ONE)
    vendor.publish("two", TWO)
    vendor.files["/one.tar.gz"] = b"<html>Sign in to the proxy</html>"
    import hashlib

    vendor.files["/one.txt"] = f"{hashlib.sha256(vendor.files['/one.tar.gz']).hexdigest()}  one.tar.gz".encode()
    site.ensure()
    assert ways(site) == {"one": "go", "two": "vendor"}
    assert any("cannot be unpacked" in line for line in site.said)


def test_a_vendor_that_does_not_answer_is_given_up_in_time(vendor):
    vendor.hanging.add("/one.tar.gz")
    started = time.monotonic()
    with pytest.raises(Unreachable, match="no answer"):
        vendor_module.probe(f"{vendor.base}/one.tar.gz", seconds=0.2)
    assert time.monotonic() - started < 1


def test_a_name_that_hangs_is_given_up_in_time(monkeypatch, vendor):
    def slow(*_args: object, **_more: object) -> None:
        vendor.released.wait(30)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    started = time.monotonic()
    with pytest.raises(Unreachable, match="no answer"):
        vendor_module.probe("http://vendor.invalid/one.tar.gz", seconds=0.2)
    assert time.monotonic() - started < 1


def test_a_refused_connection_and_an_unknown_name_are_told_apart(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("no_proxy", "127.0.0.1,vendor.invalid")
    with pytest.raises(Unreachable, match="connection refused"):
        vendor_module.probe(f"http://127.0.0.1:{port}/one.tar.gz")

    def unknown(*_args: object, **_more: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match="the name cannot be resolved"):
        vendor_module.probe("http://vendor.invalid/one.tar.gz")


def test_a_download_that_stands_still_is_given_up(site, vendor, monkeypatch):
    publish(vendor)
    monkeypatch.setattr(vendor_module, "STALL_SECONDS", 0.2)
    monkeypatch.setattr(vendor_module, "probe", lambda _url: None)
    vendor.hanging.add("/one.tar.gz")
    site.ensure()
    assert ways(site) == {"one": "go", "two": "vendor"}
    assert any("the download broke off after 0 bytes" in line for line in site.said)


def test_what_is_installed_comes_first(site, vendor, executable):
    publish(vendor)
    for name in ("one", "one-exec"):
        executable(site.folder / "path" / name, "#!/bin/sh\necho 1.2.3\n")
    executable(site.folder / "pulumi" / "plugins" / "two-v1" / "two", "#!/bin/sh\necho v1.2.3\n")
    there = site.ensure()
    assert ways(site) == {"one": "installed", "two": "installed"}
    assert (there.bin / "one").read_text() == "#!/bin/sh\necho 1.2.3\n"
    assert not (there.bin / "one").is_symlink()
    assert vendor.requests == []


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"one": "echo v1.2.4", "one-exec": ""}, "one is 1.2.4, not 1.2.3"),
        ({"one": "exit 1", "one-exec": ""}, "one is not runnable, not 1.2.3"),
        ({"one": "echo v1.2.3"}, "one has no one-exec beside it"),
    ],
    ids=["another version", "broken", "without its companion"],
)
def test_what_is_installed_and_does_not_fit_is_left_alone(site, executable, files, reason):
    for name, body in files.items():
        executable(site.folder / "path" / name, f"#!/bin/sh\n{body}\n")
    site.ensure()
    assert ways(site)["one"] == "go"
    assert any(reason in line for line in site.said), site.said


def test_another_clones_toolchain_on_path_is_not_taken_for_an_installation(site, monkeypatch):
    first = site.ensure()
    monkeypatch.setenv("PATH", f"{first.bin}{os.pathsep}{os.environ['PATH']}")
    (site.folder / "sources" / "module" / "main.go").write_text("package main\n")
    before = site.builds
    from toolchain import pins

    pins._key.cache_clear()
    second = site.ensure()
    assert second != first
    assert site.builds == before + 2
    assert any("only an earlier cache of this project has one" in line for line in site.said)


def test_nothing_works_says_what_was_tried_and_what_helps(site):
    (site.folder / "path" / "go").unlink()
    with pytest.raises(ToolchainError) as caught:
        site.ensure()
    text = str(caught.value)
    assert "the one 1.2.3 cannot be brought" in text
    assert "already installed: there is no one on PATH" in text
    assert "the vendor's release: 127.0.0.1" in text
    assert "a build from Go modules: there is no Go (needs 1.25.11 or newer)" in text
    assert "Fix: install Go 1.25.11 or newer" in text
    assert locate(site.pins, site.cache) is None


def test_an_old_go_is_refused_with_its_version(site, executable):
    executable(site.folder / "path" / "go", "#!/bin/sh\necho go1.24.3\n")
    with pytest.raises(ToolchainError, match=r"is Go 1\.24\.3, older than 1\.25\.11"):
        site.ensure()


def test_a_failed_build_shows_its_last_lines(site, monkeypatch):
    monkeypatch.setenv("FAKE_GO_FAILS", "main.go:7: checksum mismatch")
    with pytest.raises(ToolchainError, match=r"main\.go:7: checksum mismatch"):
        site.ensure()
    assert list(site.cache.rglob("staging")) == []


def test_a_build_that_says_another_version_is_not_used(site, executable):
    text = (site.folder / "path" / "go").read_text().replace("echo v1.2.3", "echo v9.9.9")
    executable(site.folder / "path" / "go", text)
    with pytest.raises(ToolchainError, match=r"says it is version 9\.9\.9, not 1\.2\.3"):
        site.ensure()


def test_a_cache_that_cannot_be_written_is_one_clear_error(site):
    site.cache.write_text("a file where the folder should be")
    with pytest.raises(ToolchainError, match=r"cannot write the toolchain to .*ECS_CACHE_DIR"):
        site.ensure()


def test_gos_checks_cannot_be_switched_off_by_a_users_settings(monkeypatch):
    monkeypatch.setenv("GOFLAGS", "-mod=mod -insecure")
    monkeypatch.setenv("GOSUMDB", "off")
    monkeypatch.setenv("GONOSUMDB", "*")
    monkeypatch.setenv("GOTOOLCHAIN", "auto")
    monkeypatch.setenv("GOPROXY", "https://mirror.example")
    seen = gobuild.environment()
    assert seen["GOFLAGS"] == "-mod=readonly"
    assert seen["GOTOOLCHAIN"] == "local"
    assert not {"GOSUMDB", "GONOSUMDB"} & set(seen)
    assert seen["GOPROXY"] == "https://mirror.example"


def test_every_module_of_the_project_has_its_sums(tools):
    go = gobuild.find()
    if go is None:
        pytest.skip("needs Go; this machine got its toolchain without it")
    for module in {build.module for part in PINS.parts for build in part.builds}:
        folder = PINS.sources / module
        text = (folder / "go.mod").read_text()
        assert "\ngo 1.25.11\n" in text
        assert "\ntoolchain " not in text
        listed = subprocess.run(
            [go.path, "list", "-deps", "./..."],
            cwd=folder,
            env=gobuild.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert listed.returncode == 0, listed.stderr


def test_the_real_pins_name_the_vendors_files():
    kind, machine = system()
    engine, plugin = PINS.parts
    assert engine.archive.url.startswith(f"https://get.pulumi.com/releases/sdk/pulumi-v3.253.0-{kind}-")
    assert plugin.archive.url == (
        f"https://get.pulumi.com/releases/plugins/pulumi-resource-openstack-v5.5.3-{kind}-{machine}.tar.gz"
    )
    assert set(engine.files) == {
        "bin/pulumi",
        "bin/pulumi-language-python",
        "bin/pulumi-language-python-exec",
        "bin/pulumi-resource-pulumi-python",
    }
    assert plugin.files == ("home/plugins/resource-openstack-v5.5.3/pulumi-resource-openstack",)


def test_a_long_build_says_what_it_does(site, monkeypatch):
    """Where there is no terminal, a line every few seconds shows that it is alive."""
    from toolchain import install

    monkeypatch.setattr(install, "HEARTBEAT", 0)
    monkeypatch.setenv("FAKE_GO_SECONDS", "1.2")
    site.ensure()
    assert "  building one: 1 s, 1 packages, now compiling ./one" in site.said


def test_linking_is_told_from_compiling():
    assert gobuild._progress("pulumi", 12.4, 0, "") == "building pulumi: 12 s, linking"
    assert gobuild._progress("pulumi", 12.4, 7, "net/http") == "building pulumi: 12 s, 7 packages, now net/http"
