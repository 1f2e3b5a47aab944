"""The doctor says what is missing, how to get it, and whether it matters."""

import os
from pathlib import Path

import pytest

from livecommerce import cli, doctor
from livecommerce.doctor import Finding, State
from livecommerce.settings import SHORTEST_SECRET, Settings


def test_a_cure_stands_below_what_needs_it() -> None:
    found = [
        Finding("node", State.OK, "v20"),
        Finding("ffmpeg", State.LESS, "no", "install it"),
    ]
    node, ffmpeg, cure = doctor.table(found).splitlines()
    assert node.startswith("ok")
    assert "ffmpeg" in ffmpeg
    assert cure.strip() == "-> install it"


@pytest.mark.parametrize(
    ("state", "lax", "strict"), [(State.OK, 0, 0), (State.LESS, 0, 1), (State.BAD, 1, 1)]
)
def test_the_exit_code_says_whether_it_runs(state: State, lax: int, strict: int) -> None:
    found = [Finding("x", State.OK, ""), Finding("y", state, "")]
    assert doctor.exit_code(found) == lax
    assert doctor.exit_code(found, strict=True) == strict


def test_a_program_that_is_not_there_is_no_reason_not_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor.browser().state is State.LESS
    assert "apt-get" in doctor.browser().cure


def test_an_old_node_is_too_old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v18.19.0\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert doctor.node().state is State.LESS
    assert "too old" in doctor.node().said


def test_pages_are_built_and_no_older_than_their_sources(tmp_path: Path) -> None:
    assert "not built" in doctor.assets(tmp_path).said
    manifest = tmp_path / "static" / ".vite" / "manifest.json"
    source = tmp_path / "frontend" / "src" / "room.tsx"
    for path in (manifest, source):
        path.parent.mkdir(parents=True)
        path.touch()
    os.utime(manifest, (2, 2))
    os.utime(source, (1, 1))
    assert doctor.assets(tmp_path).state is State.OK
    os.utime(source, (3, 3))
    assert "older" in doctor.assets(tmp_path).said


def test_a_data_folder_that_is_not_there_yet_is_looked_at_above(tmp_path: Path) -> None:
    assert doctor.disk(tmp_path / "a" / "b").state is not State.BAD


def test_a_dead_servers_address_is_not_given(tmp_path: Path) -> None:
    (tmp_path / "pg-18").mkdir()
    pid_file = tmp_path / "pg-18" / "postmaster.pid"
    pid_file.write_text(f"{2**22 + 1}\n/x\n1\n5432\n/tmp/lc-pg-x\n\n")
    assert doctor.running_database(tmp_path) is None
    pid_file.write_text(f"{os.getpid()}\n/x\n1\n5432\n/tmp/lc-pg-x\n\n")
    url = "postgresql://postgres@/livecommerce?host=/tmp/lc-pg-x"
    assert doctor.running_database(tmp_path) == url


def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_PORT", "eighty")
    assert cli.main(["doctor"]) == cli.CANNOT
    assert "LC_PORT" in capsys.readouterr().err


def test_production_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ENV", "production")
    assert cli.main(["serve"]) == cli.CANNOT
    assert "LC_DATABASE_URL" in capsys.readouterr().err


REAL = {
    "database_url": "postgresql://x/y",
    "secret": "s" * 40,
    "stripe_key": "sk_live_x",
    "stripe_publishable_key": "pk_live_x",
    "stripe_webhook_secret": "whsec_x",
}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("stripe_key", "sk_test_sandbox", "live"),
        ("stripe_publishable_key", "pk_test_sandbox", "live"),
        ("stripe_key", "nonsense", "live"),
        ("stripe_publishable_key", None, "LC_STRIPE_PUBLISHABLE_KEY"),
        ("stripe_base_url", "http://127.0.0.1:9", "sandbox"),
        ("stripe_webhook_secret", " , ", "blank"),
        ("secret", " " * 40, "blank"),
        ("secret", "short", "32 characters"),
    ],
)
def test_production_takes_no_key_of_a_sandbox(name: str, value: str | None, said: str) -> None:
    assert Settings(env="production", **REAL).element_key == "pk_live_x"  # type: ignore[arg-type]
    assert Settings(env="production", **{**REAL, "stripe_key": "rk_live_x"})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=said):
        Settings(env="production", **{**REAL, name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["LC_SECRET", "LC_STRIPE_WEBHOOK_SECRET"])
def test_production_takes_what_is_left_empty_for_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv("LC_ENV", "production")
    for field, value in REAL.items():
        monkeypatch.setenv(f"LC_{field.upper()}", value)
    assert Settings().secret_key() == REAL["secret"]
    monkeypatch.setenv(name, "")
    assert cli.main(["serve"]) == cli.CANNOT
    assert name in capsys.readouterr().err


def test_an_empty_secret_elsewhere_is_one_made_and_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LC_SECRET", "")
    monkeypatch.setenv("LC_DATA_DIR", str(tmp_path))
    assert len(Settings().secret_key()) > SHORTEST_SECRET


def test_keys_of_two_modes_are_refused_everywhere() -> None:
    mixed = {"stripe_key": "sk_test_x", "stripe_publishable_key": "pk_live_x"}
    with pytest.raises(ValueError, match="two modes"):
        Settings(**mixed)  # type: ignore[arg-type]
    same = Settings(stripe_key="sk_test_x", stripe_publishable_key="pk_test_x")  # type: ignore[arg-type]
    assert same.element_key == "pk_test_x"
    on_sandbox = same.model_copy(update={"stripe_base_url": "http://127.0.0.1:9"})
    assert on_sandbox.element_key is None


def test_a_shop_behind_a_proxy_is_told_when_it_believes_nobody() -> None:
    address = "https://live.example.com"
    assert doctor.proxies(Settings(public_url=address)).state is State.LESS
    assert doctor.proxies(Settings(public_url="http://127.0.0.1:8080")).state is State.OK
    told = doctor.proxies(Settings(public_url=address, trusted_proxies="127.0.0.1, ::1"))
    assert told.state is State.OK
    assert told.said.startswith("127.0.0.1/32, ::1/128")
