"""How long an answer takes, by kind of question.

`python -m benchmarks.ask_latency --url http://127.0.0.1:8000 --questions q.jsonl [--out a.jsonl]` asks a running `up`
one question after the other, and prints p50 and p95 in milliseconds: of the whole HTTP request, and of the walk as the
server measured it (`timings_ms.total`). The first questions (`--warm 20`) are asked and not counted. The answers can be
kept and given to benchmarks.score_answers.
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.running import ask, percentile
from benchmarks.score_answers import read_lines

TEXT_KINDS = ("text",)


def main(arguments: list[str] | None = None) -> int:
    """Ask, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ask_latency", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="address of a running `up`")
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="keep the answers here")
    parser.add_argument("--limit", type=int, help="only the first N questions")
    parser.add_argument("--warm", type=int, default=20, help="asked first and not counted (default: 20)")
    given = parser.parse_args(arguments)
    questions = read_lines(given.questions)[: given.limit]
    for question in questions[: given.warm]:
        ask(given.url, question)
    answers, times = measure(given.url, questions)
    print(table(times))
    if given.out:
        lines = (json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
        given.out.write_text("".join(lines), encoding="utf-8")
    return 0


def measure(
    url: str, questions: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, list[tuple[float, float | None]]]]:
    """Answers with the question's id, and kind -> (request ms, server's own ms)."""
    answers: list[dict[str, Any]] = []
    times: dict[str, list[tuple[float, float | None]]] = defaultdict(list)
    for question in questions:
        start = time.perf_counter()
        answer = ask(url, question)
        taken = (time.perf_counter() - start) * 1_000
        own = (answer.get("timings_ms") or {}).get("total")
        group = "text" if question["kind"] in TEXT_KINDS else "structured"
        for name in (question["kind"], f"= {group}", "= all"):
            times[name].append((taken, own))
        answers.append({**answer, "id": question["id"]})
    return answers, times


def table(times: dict[str, list[tuple[float, float | None]]]) -> str:
    """One line a kind; `= structured`, `= text` and `= all` last."""
    lines = [f"{'milliseconds':28}{'n':>5}{'p50':>9}{'p95':>9}{'max':>9}{'walk p50':>10}{'walk p95':>10}"]
    for name, pairs in sorted(times.items(), key=lambda item: (item[0].startswith("="), item[0])):
        taken = [pair[0] for pair in pairs]
        own = [pair[1] for pair in pairs if pair[1] is not None]
        inner = f"{percentile(own, 0.5):10.1f}{percentile(own, 0.95):10.1f}" if own else f"{'-':>10}{'-':>10}"
        shown = f"{percentile(taken, 0.5):9.1f}{percentile(taken, 0.95):9.1f}{max(taken):9.1f}"
        lines.append(f"{name:28}{len(pairs):>5}{shown}{inner}")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
