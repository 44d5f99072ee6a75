"""Where sources disagree about a value that an answer gives: said in a sentence, each with the name of its source."""

from retrieval.answering.context import Context
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact


def say_conflicts(entity: Entity, field: str, draft: Draft, context: Context) -> None:
    """Nothing, where all that hold now agree."""
    losing = entity.losing(field)
    if not losing:
        return
    phrases = context.phrases
    facts = [context.attributed(fact) for fact in (entity.fact(field), *losing)]
    shown = phrases.names([_attributed(field, fact, context) for fact in facts])
    text = phrases.say("conflict", field=phrases.field(field), name=entity.shown(phrases.language), value=shown)
    draft.say(text, *facts, whole=True)
    draft.conflicts.append((f"{entity.name}: {field}", facts))


def _attributed(field: str, fact: Fact, context: Context) -> str:
    """The value as its source writes it, with the name of the source."""
    return context.phrases.say("said_by", value=context.phrases.value(field, fact.value), source=fact.source)
