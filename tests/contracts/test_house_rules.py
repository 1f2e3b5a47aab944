"""The house rules a linter does not know. Each test lists every place that breaks its rule."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = {"livecommerce", "streams", "payments"}
AT_THE_ROOT = PRODUCT | {
    *("tests", "deploy", "pyproject.toml", "requirements.txt", "requirements-dev.txt"),
    *("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile"),
}
LONGEST = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "base", "data", "info"}

# Who may import what reaches outside; everything else asks these.
EDGES = {
    "stripe": ["payments/stripe_asking.py", "payments/stripe_gateway.py", "payments/sandbox/*"],
    "redis": ["streams/realtime/redis_*", "livecommerce/web/*", "livecommerce/resources.py"],
    "asyncpg": [
        "livecommerce/kernel/*",
        "livecommerce/embedded/*",
        "livecommerce/migrations/*",
    ],
}
SHAPE = {
    *("rules", "errors", "events", "tables", "wire", "queries", "actions"),
    *("reactions", "jobs", "routes", "__init__"),
}
COMMIT = ["livecommerce/kernel/db.py", "livecommerce/migrations/*"]
READ_THE_CLOCK = ["livecommerce/kernel/clock.py", "livecommerce/kernel/ids.py"]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def one_of(path: Path, allowed: list[str]) -> bool:
    return any(fnmatch(name(path), pattern) for pattern in allowed)


@cache
def files(*suffixes: str) -> list[Path]:
    """The repository's files, those not yet committed too."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = sorted(ROOT / entry for entry in listed.split("\0") if entry)
    return [p for p in paths if p.is_file() and (not suffixes or p.suffix in suffixes)]


def product() -> list[Path]:
    return [p for p in files(".py") if p.relative_to(ROOT).parts[0] in PRODUCT]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def places(paths: list[Path], wrong: Callable[[ast.AST], str | None]) -> list[str]:
    """``file:line what`` for every node that is wrong."""
    return [
        f"{name(path)}:{getattr(node, 'lineno', 1)} {said}"
        for path in paths
        for node in ast.walk(tree(path))
        if (said := wrong(node))
    ]


def none_of(wrong: list[str]) -> None:
    """Fails with every place, one a line."""
    assert not wrong, "\n" + "\n".join(wrong)


def callee(node: ast.AST) -> str:
    """``datetime.now`` for ``datetime.now(UTC)``; empty for what is no call."""
    return _dotted(node.func) if isinstance(node, ast.Call) else ""


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module


def test_a_file_fits_on_a_few_pages() -> None:
    lengths = [(p, len(p.read_text().splitlines())) for p in files(".py", ".ts", ".tsx")]
    none_of([f"{name(path)}: {length} lines" for path, length in lengths if length > LONGEST])


def test_a_module_starts_with_the_sentence_it_is_for() -> None:
    none_of([name(p) for p in files(".py") if not ast.get_docstring(tree(p))])
    scripts = [p for p in files(".ts", ".tsx") if not p.name.endswith(".d.ts")]
    none_of([name(p) for p in scripts if not p.read_text().startswith(("//", "/*"))])


def test_a_name_says_what_is_inside() -> None:
    def words(path: Path) -> set[str]:
        return {part.partition(".")[0].lower() for part in path.relative_to(ROOT).parts}

    none_of([name(p) for p in files(".py", ".ts", ".tsx") if words(p) & VAGUE])


def test_only_the_kernel_commits() -> None:
    def commits(node: ast.AST) -> str | None:
        last = callee(node).rpartition(".")[2]
        return last if last in {"commit", "rollback"} else None

    none_of(places([p for p in product() if not one_of(p, COMMIT)], commits))


def test_a_function_given_a_tx_opens_no_transaction() -> None:
    def opens(node: ast.AST) -> str | None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.args.args[0].arg if node.args.args else ""
            if first == "tx" and any(callee(n).endswith("db.begin") for n in ast.walk(node)):
                return node.name
        return None

    none_of(places(product(), opens))


def test_only_the_clock_reads_the_clock() -> None:
    clocks = re.compile(
        r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|func\.now|time\.(time|time_ns))$"
    )
    in_sql = re.compile(r"(?i)\b(now|clock_timestamp)\(\)|\bcurrent_timestamp\b")

    def reads(node: ast.AST) -> str | None:
        if clocks.search(callee(node)):
            return callee(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = in_sql.search(node.value)
            return found[0] if found else None
        return None

    none_of(places([p for p in product() if not one_of(p, READ_THE_CLOCK)], reads))


def test_what_reaches_outside_stays_at_the_edge() -> None:
    for package, allowed in EDGES.items():

        def reaches(node: ast.AST, package: str = package) -> str | None:
            return next((m for m in imports(node) if m.split(".")[0] == package), None)

        none_of(places([p for p in product() if not one_of(p, allowed)], reaches))


def test_nothing_of_ours_is_mocked() -> None:
    def mocks(node: ast.AST) -> str | None:
        return next((m for m in imports(node) if m == "unittest.mock"), None)

    none_of(places(files(".py"), mocks))


def test_no_machine_and_no_registry_is_named() -> None:
    machine = re.compile(r"""(^|["'`\s=(:])/(work|root|farm|home/\w+)/""", re.MULTILINE)
    registry = re.compile(r'"resolved": *"https?:|--(extra-)?index-url +\S|registry *= *"?http')
    found = [
        f"{name(path)}: {match[0].strip()}"
        for path in files()
        for pattern in (machine, registry)
        if path != Path(__file__)
        if (match := pattern.search(path.read_text(errors="replace")))
    ]
    none_of(found)


def test_the_root_is_tidy() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in files()}
    none_of([e for e in sorted(found) if not e.startswith(".") and e not in AT_THE_ROOT])


def test_a_package_says_what_it_is_and_why() -> None:
    inner = sorted(p.parent for p in (ROOT / "livecommerce").glob("*/__init__.py"))
    missing = []
    for package in [ROOT / "streams", ROOT / "payments", *inner]:
        readme, decisions = package / "README.md", package / "DECISIONS.md"
        if not readme.exists() or len(readme.read_text().splitlines()) > 150:
            missing.append(f"{name(readme)}, of at most 150 lines")
        if not decisions.exists():
            missing.append(name(decisions))
    none_of(missing)


def test_a_feature_has_the_shape_of_all_features() -> None:
    """A file of a kind of its own is one that the package's README can name."""
    stray = []
    for rules in [p for p in product() if p.name in {"rules.py", "tables.py"}]:
        package = rules.parent
        says = "".join(
            readme.read_text()
            for folder in (package, package.parent)
            if (readme := folder / "README.md").exists()
        )
        stray += [
            name(path)
            for path in sorted(package.glob("*.py"))
            if path.stem not in SHAPE and path.name not in says
        ]
    none_of(sorted(set(stray)))
