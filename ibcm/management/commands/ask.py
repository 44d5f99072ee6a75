"""Ask a question, or a file of them."""

import json
from typing import Any

from django.core.management import CommandParser

from ibcm import asking
from ibcm.chat import services
from ibcm.commands import HomeCommand, UsageError, Writer
from ibcm.domain.answers import AskRequest


class Command(HomeCommand):
    help = (
        "Ask a question and read the answer with its sources, or ask every line of a file: "
        'lines are {"id", "question", "city"?, "domain"?}, answers come in the same order with the same id.'
    )
    example = 'manage.py ask "Which airport serves Pune?" --city pune'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("question", nargs="?", help="what you want to know, in English or Hindi")
        parser.add_argument("--city", help="slug of a city, such as pune")
        parser.add_argument("--sector", help="slug of a sector, such as fintech")
        parser.add_argument("--domain", help="slug of an assistant")
        parser.add_argument("--language", help="language of the answer, such as hi; the question's own unless given")
        parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
        parser.add_argument("--file", metavar="Q.JSONL", help="questions, one JSON object a line")
        parser.add_argument("--out", metavar="A.JSONL", help="where the answers go, with --file")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        if options["file"]:
            return self._file(err, options)
        if options["question"] is None or options["out"]:
            raise UsageError('ask "…" takes one question; --file Q.JSONL takes many and needs --out A.JSONL')
        asked = {key: options[key] for key in ("question", "city", "sector", "domain", "language")}
        answer = services.ask(AskRequest(**asked))
        if options["json"]:
            out.write(json.dumps(answer.to_json(), ensure_ascii=False, indent=2) + "\n")
        else:
            asking.show(answer, out)
        return None

    def _file(self, err: Writer, options: dict[str, Any]) -> int:
        if not options["out"] or options["question"] is not None:
            raise UsageError("--file Q.JSONL needs --out A.JSONL, and no question beside it")
        questions, answers = self.path(options, options["file"]), self.path(options, options["out"])
        if questions == answers:
            raise UsageError("--file and --out are the same file")
        asking.ask_file(questions, answers, err)
        return 0
