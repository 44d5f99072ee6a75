"""Which of the domain assistants a question belongs to: the one that its plan and words touch most."""

from retrieval.catalogue import Catalogue
from retrieval.language import key_of
from retrieval.plan import Plan


def route(plan: Plan, catalogue: Catalogue) -> str | None:
    """Slug of an assistant; None when none is touched."""
    scope, words = catalogue.scope, set(key_of(plan.question).split())
    labels = {catalogue.things[id_].label.lower() for named in plan.subjects for id_ in named.ids[:5]}
    categories = {catalogue.things[id_].category for named in plan.subjects for id_ in named.ids[:5]} | {plan.sought}
    scores: dict[str, float] = {}
    for assistant in scope.assistants.values():
        own = {slug for category in assistant.categories for slug in scope.below(category)}
        kinds = set(assistant.kinds)
        score = 2.0 * bool(own & categories) + 1.0 * len(words & {key_of(w) for w in assistant.words})
        score += 0.5 * bool(kinds & (labels | {(plan.label or "").lower()}))
        scores[assistant.slug] = score
    best = max(scores, key=lambda slug: scores[slug], default=None)
    return best if best is not None and scores[best] > 0 else None
