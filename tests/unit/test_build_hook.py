"""The front end is built when its sources change, and only then."""

import gzip
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

HOOK = Path(__file__).parents[2] / "livecommerce" / "pages" / "frontend" / "hatch_build.py"

NPM = """#!/bin/sh
echo "$@" >> {calls}
if [ "$1" = run ]; then mkdir -p ../static && printf '%02000d' 0 > ../static/room.js; fi
"""


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The hook, with a front end of its own and an npm that only takes notes."""
    spec = importlib.util.spec_from_file_location("hatch_build", HOOK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sources = tmp_path / "frontend"
    (sources / "node_modules").mkdir(parents=True)
    (sources / "package.json").write_text("{}")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "npm").write_text(NPM.format(calls=tmp_path / "calls"))
    (tools / "npm").chmod(0o755)
    monkeypatch.setattr(module, "HERE", sources)
    monkeypatch.setattr(module, "STATIC", tmp_path / "static")
    monkeypatch.setattr(module, "STAMP", tmp_path / "static" / ".stamp")
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    for name in ("LC_SKIP_WEB", "LC_REQUIRE_WEB"):
        monkeypatch.delenv(name, raising=False)
    return module


def calls(tmp_path: Path) -> list[str]:
    path = tmp_path / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_it_builds_once_for_the_same_sources(hook: ModuleType, tmp_path: Path) -> None:
    assert hook.bring_up_to_date() == ""
    (tmp_path / "frontend" / "node_modules" / "left.js").write_text("installed")
    assert hook.bring_up_to_date() == ""
    assert calls(tmp_path) == ["ci --no-audit --no-fund", "run build"]


def test_it_builds_again_for_other_sources(hook: ModuleType, tmp_path: Path) -> None:
    hook.bring_up_to_date()
    (tmp_path / "frontend" / "room.tsx").write_text("// changed")
    hook.bring_up_to_date()
    assert len(calls(tmp_path)) == 4


def test_a_packed_copy_lies_beside_each_text(hook: ModuleType, tmp_path: Path) -> None:
    hook.bring_up_to_date()
    packed = tmp_path / "static" / "room.js.gz"
    assert gzip.decompress(packed.read_bytes()) == (tmp_path / "static/room.js").read_bytes()


def test_built_assets_need_no_npm(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.bring_up_to_date()
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert hook.bring_up_to_date() == ""


def test_without_npm_it_says_so_and_fails_only_where_asked(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert "npm is missing" in hook.bring_up_to_date()
    monkeypatch.setenv("LC_REQUIRE_WEB", "1")
    with pytest.raises(RuntimeError, match="npm is missing"):
        hook.bring_up_to_date()


def test_it_can_be_told_to_leave_the_assets_alone(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_SKIP_WEB", "1")
    assert hook.bring_up_to_date() == ""
    assert calls(tmp_path) == []
