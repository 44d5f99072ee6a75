"""`python -m benchmarks.questions --records PATH... --n 500 --seed 1 --split dev --out q.jsonl`."""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from benchmarks.questions.generate import Generator
from benchmarks.questions.world import load


def main(arguments: list[str] | None = None) -> int:
    """Read records, write questions, say on stderr what was made."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions", description=__doc__)
    parser.add_argument("--records", nargs="+", type=Path, required=True, help="record files, or folders of them")
    parser.add_argument("--n", type=int, default=500, help="how many questions (default: 500)")
    parser.add_argument("--seed", type=int, default=1, help="same records, seed and split: same questions")
    parser.add_argument("--split", choices=("dev", "heldout"), default="dev", help="which half of the phrasings")
    parser.add_argument("--unanswerable", type=float, default=0.2, help="share that nobody can answer (default: 0.2)")
    parser.add_argument("--out", type=Path, required=True, help="question file to write")
    given = parser.parse_args(arguments)
    world = load(given.records)
    generator = Generator(world, seed=given.seed, split=given.split, unanswerable=given.unanswerable)
    kinds: Counter[str] = Counter()
    with given.out.open("w", encoding="utf-8") as out:
        for question in generator.questions(given.n):
            out.write(json.dumps(question, ensure_ascii=False) + "\n")
            kinds[question["kind"]] += 1
    shown = ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
    print(f"{sum(kinds.values())} questions about {len(world.things)} things: {shown}", file=sys.stderr)
    return 0 if kinds.total() == given.n else 1


if __name__ == "__main__":
    raise SystemExit(main())
