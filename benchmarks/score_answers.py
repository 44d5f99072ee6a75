"""Scores answers against computed ones: `python -m benchmarks.score_answers --questions q.jsonl --answers a.jsonl`.

Prints, by kind and by language, the share right, abstained and asserted-and-wrong of the answerable questions, and the
share of silence and of invention on the unanswerable ones, with 95 % bootstrap intervals over the questions.
`--failures 20` lists what went wrong, `--json` writes every verdict.
"""

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.judge import Verdict, judge

BOOTSTRAP_ROUNDS = 2_000
Scored = tuple[Mapping[str, Any], Mapping[str, Any] | None, Verdict]


def main(arguments: list[str] | None = None) -> int:
    """Score one answer file; exit 1 when questions have no answer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.score_answers", description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--failures", type=int, default=0, metavar="N", help="list the first N failures")
    parser.add_argument("--kind", help="only kinds that start so")
    parser.add_argument("--json", type=Path, help="write id, kind, language and verdict of each question here")
    given = parser.parse_args(arguments)
    answers = {line["id"]: line for line in read_lines(given.answers)}
    asked = [q for q in read_lines(given.questions) if q["kind"].startswith(given.kind or "")]
    scored: list[Scored] = [(q, answers.get(q["id"]), judge(q, answers.get(q["id"]))) for q in asked]
    print(table(scored))
    for line in failures(scored, given.failures):
        print(line)
    if given.json:
        rows = [{"id": q["id"], "kind": q["kind"], "language": q["language"], "verdict": v} for q, _, v in scored]
        given.json.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return 1 if any(verdict == "error" for _, _, verdict in scored) else 0


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def table(scored: Sequence[Scored]) -> str:
    """One line a kind, one a language, and the whole with intervals."""
    lines = [f"{'':28}{'n':>5}{'right':>8}{'abst.':>8}{'wrong':>8}{'silent':>8}{'invent.':>8}{'error':>8}"]
    by_kind, by_language = _grouped(scored, "kind"), _grouped(scored, "language")
    lines += [_row(kind, verdicts) for kind, verdicts in sorted(by_kind.items())]
    lines += ["", *(_row(language, verdicts) for language, verdicts in sorted(by_language.items()))]
    verdicts = [verdict for _, _, verdict in scored]
    answerable = [v for q, _, v in scored if q["answerable"]]
    unanswerable = [v for q, _, v in scored if not q["answerable"]]
    lines += ["", _row("all", verdicts), ""]
    lines.append(_share("answerable: right", answerable, lambda v: v == "right"))
    lines.append(_share("answerable: abstained", answerable, lambda v: v == "abstained"))
    lines.append(_share("answerable: asserted and wrong", answerable, lambda v: v == "wrong"))
    lines.append(_share("unanswerable: said so", unanswerable, lambda v: v == "silent"))
    lines.append(_share("unanswerable: invented", unanswerable, lambda v: v == "invented"))
    lines.append(_share("all: right or rightly silent", verdicts, lambda v: v in ("right", "silent")))
    lines.append(_share("all: asserted and wrong", verdicts, lambda v: v in ("wrong", "invented")))
    return "\n".join(lines)


def failures(scored: Sequence[Scored], most: int) -> Iterable[str]:
    """Wrong and invented first: they do the harm."""
    order: dict[Verdict, int] = {"wrong": 0, "invented": 1, "error": 2, "abstained": 3}
    bad = sorted((one for one in scored if one[2] in order), key=lambda one: order[one[2]])
    for question, answer, verdict in bad[:most]:
        given = answer or {}
        wanted = "-" if not question["answerable"] else _short(question["answer"])
        where = f"[{question['language']}] city={question['city']}"
        yield f"\n{verdict.upper()} {question['id']} {question['kind']} {where}"
        yield f"  asked:  {question['question']}"
        yield f"  wanted: {wanted}" + (f"  or {_short(question['aliases'])}" if question["aliases"] else "")
        yield f"  got:    {_short(given.get('short'))} | {_short(given.get('text') or given.get('missing') or given)}"


def interval(flags: Sequence[bool], *, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the share of true ones."""
    rng, n = random.Random(seed), len(flags)
    shares = sorted(sum(rng.choices(flags, k=n)) / n for _ in range(BOOTSTRAP_ROUNDS))
    return shares[int(0.025 * BOOTSTRAP_ROUNDS)], shares[int(0.975 * BOOTSTRAP_ROUNDS) - 1]


def _grouped(scored: Sequence[Scored], key: str) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = defaultdict(list)
    for question, _, verdict in scored:
        found[question[key]].append(verdict)
    return found


def _row(name: str, verdicts: Sequence[Verdict]) -> str:
    counted = Counter(verdicts)
    order: tuple[Verdict, ...] = ("right", "abstained", "wrong", "silent", "invented", "error")
    return f"{name:28}{len(verdicts):>5}" + "".join(f"{counted[one] or '':>8}" for one in order)


def _share(name: str, verdicts: Sequence[Verdict], wanted: Callable[[Verdict], bool]) -> str:
    if not verdicts:
        return f"{name:34} none asked"
    flags = [wanted(verdict) for verdict in verdicts]
    low, high = interval(flags)
    share = sum(flags) / len(flags)
    return f"{name:34}{100 * share:6.1f} %   [{100 * low:.1f}, {100 * high:.1f}]   {sum(flags)} of {len(flags)}"


def _short(value: object) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 260 else shown[:260] + "…"


if __name__ == "__main__":
    raise SystemExit(main())
