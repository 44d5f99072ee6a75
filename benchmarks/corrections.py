"""How long a correction takes to reach answers: `python -m benchmarks.corrections --home DIR --records DIR [--n 30]`.

On a home that holds these records (benchmarks.scale --home keeps one) it starts `up`, signs in as the curator that the
home knows, and for each of n places with a name of its own: pins opening hours by the form of the admin, asks until
the answer says them, takes the decision back, and asks until the answer does not say them any more. Seconds from the
click to the true answer, p50 and the highest. Then as many records are ingested that expire at once, and `purge` is
timed until no question finds them.
"""

import argparse
import json
import os
import re
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.running import ROOT, ask, command, environment, free_port, manage, percentile, server, wait_until

HOURS = "Mo-Su 03:{:02d}-04:{:02d}"
PATIENCE_SECONDS = 120.0


def main(arguments: list[str] | None = None) -> int:
    """Correct, take back, purge, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corrections", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--records", type=Path, required=True, help="the folder that was ingested into it")
    parser.add_argument("--n", type=int, default=30)
    given = parser.parse_args(arguments)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment(given.home, PORT=str(port))
    with server(command("up"), cwd=ROOT, env=env) as process:
        wait_until(url, "/readyz", process)
        curator = Curator(url, (given.home / "admin_password").read_text(encoding="utf-8").strip())
        places = list(named_alone(given.records, given.n))
        done, undone = [], []
        for number, place in enumerate(places):
            pinned, taken_back = corrected(curator, url, place, HOURS.format(number % 60, number % 60))
            done.append(pinned)
            undone.append(taken_back)
        print(json.dumps({"pins": told(done), "undone": told(undone)}), flush=True)
        print(json.dumps({"purge": purged(given.home, given.records / "expiring", url, given.n)}))
    return 0


def told(seconds: list[float]) -> dict[str, float]:
    return {"n": len(seconds), "p50": round(percentile(seconds, 0.5), 2), "most": round(max(seconds), 2)}


def named_alone(folder: Path, n: int) -> Iterator[dict[str, Any]]:
    """Evenly spread over the file: places whose name no other has, told once."""
    with (folder / "records.jsonl").open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    names = Counter(record["data"]["name"] for record in records)
    alone = [one for one in records if names[one["data"]["name"]] == 1 and one["source"] == records[0]["source"]]
    yield from alone[:: max(1, len(alone) // n)][:n]


def corrected(curator: "Curator", url: str, place: dict[str, Any], hours: str) -> tuple[float, float]:
    """Seconds until the answer says these hours, and until it does not."""
    ref = f"{place['source']}:{place['key']}"
    question = {"question": f"When is {place['data']['name']} open?", "city": place["city"]}
    begun = time.monotonic()
    curator.post("/admin/review/pin/", record=ref, field="opening_hours", value=hours, reason="benchmark")
    pinned = until(url, question, hours, there=True) - begun
    decisions = curator.get(f"/admin/review/thing/{urllib.parse.quote(ref)}/")
    number = re.search(r'action="/admin/review/undo/".*?name="number" value="(\d+)"', decisions, re.DOTALL)
    if number is None:
        raise SystemExit(f"no decision can be taken back on the page of {ref}")
    begun = time.monotonic()
    curator.post("/admin/review/undo/", number=number[1])
    return pinned, until(url, question, hours, there=False) - begun


def until(url: str, question: dict[str, Any], text: str, *, there: bool) -> float:
    """The moment when the answer holds the text (or does not)."""
    begun = time.monotonic()
    while (text in ask(url, question)["text"]) != there:
        if time.monotonic() - begun > PATIENCE_SECONDS:
            raise SystemExit(f"after {PATIENCE_SECONDS:.0f} s the answer to {question} is still another one")
        time.sleep(0.05)
    return time.monotonic()


def purged(home: Path, folder: Path, url: str, n: int) -> dict[str, float]:
    """Ingest n records that expire at once, purge them, and ask for the last of them."""
    folder.mkdir(exist_ok=True)
    expires = datetime.now(UTC) + timedelta(seconds=90)
    said = {"source": "fleeting", "kind": "place", "city": "pune", "retrieved_at": datetime.now(UTC).isoformat()}
    with (folder / "records.jsonl").open("w", encoding="utf-8") as lines:
        for number in range(n):
            data = {"name": f"Fleeting Stall {number}", "category": "cafe", "lat": 18.5 + number / 1e4, "lon": 73.85}
            one = {**said, "key": str(number), "expires_at": expires.isoformat(), "data": data}
            lines.write(json.dumps(one) + "\n")
    (folder / "source.yaml").write_text("fleeting: {name: F, licence: CC0-1.0, attribution: F}\n", encoding="utf-8")
    manage(home, "ingest", "file", str(folder))
    time.sleep(max(0.0, (expires - datetime.now(UTC)).total_seconds()) + 1)
    begun = time.monotonic()
    manage(home, "purge")
    found = ask(url, {"question": f"Where is Fleeting Stall {n - 1}?", "city": "pune"})
    if not found["abstained"]:
        raise SystemExit(f"purged, and still answered: {found['text']}")
    return {"records": n, "seconds": round(time.monotonic() - begun, 2)}


class Curator:
    """A browser without a screen: signs in and sends forms."""

    def __init__(self, url: str, password: str) -> None:
        self._client = httpx.Client(base_url=url, follow_redirects=True, timeout=PATIENCE_SECONDS)
        self.get("/admin/login/")
        self.post("/admin/login/", username="admin", password=password, next="/admin/")

    def get(self, path: str) -> str:
        return self._client.get(path).raise_for_status().text

    def post(self, path: str, **form: str) -> None:
        """The token of the forms is the one in the cookie."""
        token = {"csrfmiddlewaretoken": self._client.cookies["csrftoken"]}
        self._client.post(path, data={**token, **form}).raise_for_status()


if __name__ == "__main__":
    os.environ.setdefault("IBCM_EMBEDDER", "hashing")
    raise SystemExit(main())
