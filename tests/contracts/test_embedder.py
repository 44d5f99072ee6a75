"""One suite for every embedder: the hashing double always, real models where IBCM_MODELS has them."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from ibcm.domain.errors import ConfigurationError, ModelMissing
from retrieval.embedders.base import Embedder, Matrix
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.models.load import load_embedder

TEXTS = [
    "Old fort beside the river",
    "A hospital for children with an emergency ward, open day and night, near the railway station",
    "वेस्ट ज़ोन के बच्चों का अस्पताल",
    "",
    "x" * 900,
    "Vegetarian thali " * 60,
]
_loaded: dict[str, Embedder] = {}


@pytest.fixture(
    scope="module",
    params=[
        "hashing",
        pytest.param("multilingual-e5-small", marks=pytest.mark.models),
        pytest.param("all-MiniLM-L6-v2", marks=pytest.mark.models),
    ],
)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    models = os.environ.get("IBCM_MODELS")
    if request.param != "hashing" and not (models and (Path(models) / request.param / "manifest.json").exists()):
        pytest.skip(f"IBCM_MODELS has no {request.param}: run `manage.py models pull {request.param}`")
    if request.param not in _loaded:
        _loaded[request.param] = load_embedder(request.param, Path(models or "."))
    return _loaded[request.param]


def test_rows_are_float32_of_unit_length(embedder: Embedder) -> None:
    rows = embedder.passages(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (len(TEXTS), embedder.model.dimensions)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-3)
    query = embedder.query("fort")
    assert query.dtype == np.float32
    assert query.shape == (embedder.model.dimensions,)
    assert np.isclose(np.linalg.norm(query), 1.0, atol=1e-3)


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.passages([]).shape == (0, embedder.model.dimensions)


def test_neighbours_in_the_batch_do_not_matter(embedder: Embedder) -> None:
    together = embedder.passages(TEXTS)
    reversed_ = embedder.passages(TEXTS[::-1])[::-1]
    alone = np.stack([embedder.passages([text])[0] for text in TEXTS])
    for other in (reversed_, alone):
        assert np.min(np.sum(together * other, axis=1)) > 0.999


def test_the_same_text_gives_the_same_row(embedder: Embedder) -> None:
    assert np.array_equal(embedder.passages(TEXTS[:3]), embedder.passages(TEXTS[:3]))
    assert np.array_equal(embedder.query("fort"), embedder.query("fort"))


def test_likeness_is_found(embedder: Embedder) -> None:
    rows = embedder.passages(["Children's hospital near the station", "Old fort beside the river"])
    first, second = rows @ embedder.query("hospital for a child")
    assert first > second


def test_several_threads_get_what_one_gets(embedder: Embedder) -> None:
    expected = embedder.passages(TEXTS[:4])
    got: list[float] = []

    def work(mine: Callable[[list[str]], Matrix]) -> None:
        for _ in range(5):
            embedder.query(f"fort {len(got)}")
            got.append(float(np.min(np.sum(mine(TEXTS[:4]) * expected, axis=1))))

    threads = [Thread(target=work, args=(embedder.passages,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 15
    assert min(got) > 0.999


@pytest.mark.models
def test_a_hindi_question_finds_its_english_passage(embedder: Embedder) -> None:
    if embedder.model.name != "multilingual-e5-small":
        pytest.skip(f"{embedder.model.name} does not know Hindi")
    passages = embedder.passages(
        ["The museum opens at ten.", "The hospital has an emergency ward.", "Buses leave from the south gate."]
    )
    questions = ["संग्रहालय कब खुलता है?", "अस्पताल में आपातकालीन वार्ड है?", "बसें कहाँ से चलती हैं?"]
    best = [int(np.argmax(passages @ embedder.query(question))) for question in questions]
    assert best == [0, 1, 2]


def test_an_absent_model_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"manage\.py models pull"):
        load_embedder("multilingual-e5-small", tmp_path)


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"all-MiniLM-L6-v2.*hashing"):
        load_embedder("word2vec", tmp_path)


def test_a_hashing_embedder_is_named_by_its_size() -> None:
    assert HashingEmbedder(64).model != HashingEmbedder(128).model
    assert HashingEmbedder(64).model == HashingEmbedder(64).model
