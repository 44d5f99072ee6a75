"""Who owns an organization, and what it owns: one step, as each source says it."""

from graph import queries
from retrieval.answering.context import Context
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.answering.phrases import SHOWN
from retrieval.plan import Plan


def ownership(plan: Plan, context: Context) -> Draft:
    """The owners of an organization, or what it owns."""
    entity, problem = context.one_of(plan.subjects[0], plan)
    if entity is None:
        return problem or missing(plan.subjects[0].text)
    field, phrases = plan.fields[0], context.phrases
    rows = context.rows(queries.owned_by(entity.id) if field == "owned" else queries.owners_of(entity.id))
    alive = context.ledger.citable({str(row["record"]) for row in rows}, now=context.now)
    found = {str(row["id"]): row for row in rows if row["record"] in alive}
    if not found:
        return missing(phrases.say("no_field", field=phrases.field(field), name=entity.shown(plan.language)))
    names = [str(row["name"]) for row in found.values()]
    draft = Draft(short=len(names) if plan.k else names, columns=["id", "name"])
    draft.rows = [[id_, row["name"]] for id_, row in found.items()]
    facts = [Fact(str(row["record"]), field, str(row["name"]), entity.name) for row in found.values()]
    slots = {"name": entity.shown(plan.language), "names": phrases.names(names), "n": phrases.number(len(names))}
    phrase = f"{field}_more" if len(names) > SHOWN else field
    draft.say(phrases.say(phrase, **slots), *facts, support="computed", computed=[len(names)])
    return draft
