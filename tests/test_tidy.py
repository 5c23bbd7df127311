"""House rules that no other tool keeps: lengths, docstrings, words, dependencies that are accounted for."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_LINES = 400
MAX_FUNCTION_LINES = 70
LONGER = {"src/millpond/verify/verifier.py": 700}  # one file to copy out and run alone

FOLDERS = ("src", "tests", "bench", "docs", "scripts", "requirements", ".ci")
SOURCES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
SOURCES += [path for path in sorted(ROOT.iterdir()) if path.is_file() and not path.name.startswith(".")]
SOURCES = [path for path in SOURCES if "__pycache__" not in path.parts]
MODULES = [path for path in SOURCES if path.suffix == ".py"]
TEXTS = [
    path
    for path in SOURCES
    if path.suffix
    in {"", ".py", ".md", ".toml", ".txt", ".json", ".html", ".css", ".js", ".sql", ".yml", ".svg"}
]

FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.~-])/(?:home|root|work|tmp|opt|Users)/",
    "a package registry's host": r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|debian\.org)\b",
    "work put off": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def everywhere(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=named)


@everywhere(MODULES)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@everywhere(MODULES)
def test_a_module_is_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGER.get(named(path), MAX_LINES)


@everywhere(MODULES)
def test_a_function_fits_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{node.name} has {length} lines"


@everywhere(TEXTS)
def test_a_text_is_clean(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for what, pattern in FORBIDDEN.items():
        found = re.search(pattern, text)
        assert not found, f"{what}: {found.group()!r} in line {text.count(chr(10), 0, found.start()) + 1}"
    assert not text or text.endswith("\n"), "the last line does not end"
    assert "\r" not in text


def test_tests_are_no_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    every = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for extra in project["project"]["optional-dependencies"].values():
        every += extra
    names = {re.split(r"[\[<>=~! ]", requirement)[0] for requirement in every}
    return sorted(names - {"millpond"})


@pytest.mark.parametrize("package", dependencies())
def test_a_dependency_is_accounted_for(package: str) -> None:
    docs = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert re.search(rf"^.*\b{re.escape(package)}\b.*\S", docs, re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize("package", dependencies())
def test_a_dependency_is_pinned(package: str) -> None:
    lock = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")
    assert re.search(rf"^{re.escape(package)}==", lock, re.MULTILINE | re.IGNORECASE)
