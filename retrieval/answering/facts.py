"""Look up, check, describe, compare."""

from collections.abc import Sequence
from typing import Any

from graph import queries
from graph.ingest.validity import day_in
from retrieval.answering import lying
from retrieval.answering.conflicts import say_conflicts
from retrieval.answering.context import Context, metres, point
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.answering.geography import place_of
from retrieval.answering.text import split_sentences
from retrieval.containment import one_in_other
from retrieval.language import clean, key_of, tokens
from retrieval.plan import Constraint, Plan

YEAR_DIGITS = 4
YES = frozenset({"yes", "true", "y", "1"})
PLACE_FIELDS = ("address", "area", "locality", "postcode", "located_in")
INTRODUCED = (
    "address",
    "cuisine",
    "rating",
    "price_for_two",
    "opening_hours",
    "phone",
    "population",
    "founded",
    "start",
)


def lookup(plan: Plan, context: Context) -> Draft:
    """The value of a field of one thing."""
    named = plan.subjects[0]
    entities = [e for e in context.of(named.ids) if plan.city is None or e.city in (plan.city, "")]
    having = _having(entities, plan.fields)
    having = _next_event(having, plan, context)
    if len(having) > 1 and _agree(having, plan.fields):
        having = having[:1]
    dated = bool(having) and having[0].get("start") is not None
    if len(having) == 1 and (len(entities) == 1 or dated or not named.partial):
        return _values(having[0], plan, context)
    if len(having) > 1:
        return context.ask_which(named, having)
    entity, problem = context.one_of(named, plan)
    if entity is None:
        return problem or missing(named.text)
    return lying.held_in(entity, plan, context) or missing(_no_value(entity, plan, context))


def _having(entities: Sequence[Entity], fields: Sequence[str]) -> list[Entity]:
    """Those with a value that holds; where there is none, those with one that held or will hold."""
    for some in (entities, [entity.as_it_was() for entity in entities]):
        if found := [e for e in some if any(_has_value(e, field) for field in fields)]:
            return found
    return []


def _next_event(entities: list[Entity], plan: Plan, context: Context) -> list[Entity]:
    """Of events of one name the one in the year that is asked, else the next to come, else the last that was.

    Of one day all of them: two hours are two events, or two sources that disagree, and neither wins by being earlier.
    """
    if len(entities) < 2 or any(not entity.get("start") for entity in entities):
        return entities
    words = [token.key for token in tokens(plan.question)]
    years = [word for word in words if word.isdigit() and len(word) == YEAR_DIGITS]
    today = day_in(str(entities[0].get("city") or ""), context.now).isoformat()
    dated = sorted(entities, key=lambda e: str(e.get("start")))
    if years:
        return [e for e in dated if str(e.get("start")).startswith(years[0])] or dated
    coming = [e for e in dated if str(e.get("start")) >= today]
    chosen = (coming or dated[::-1])[0]
    return [e for e in dated if _day(e) == _day(chosen)]


def _day(event: Entity) -> str:
    return str(event.get("start"))[:10]


def _no_value(entity: Entity, plan: Plan, context: Context) -> str:
    field = context.phrases.field(plan.fields[0])
    return context.phrases.say("no_field", field=field, name=entity.shown(plan.language))


def _agree(entities: Sequence[Entity], fields: Sequence[str]) -> bool:
    """Several things of one name that say the same."""
    values = {repr(_first(entity, fields)) for entity in entities}
    return len(values) == 1 and "where" not in fields


def _first(entity: Entity, fields: Sequence[str]) -> tuple[str, Any] | None:
    return next(((f, v) for f in fields if (v := _value(entity, f)) is not None), None)


def _value(entity: Entity, field: str) -> Any:
    if field == "where":
        return next((v for f in PLACE_FIELDS if (v := entity.get(f)) is not None), None) or entity.point
    if field == "names_hi":
        return entity.get("name_hi")
    return entity.get(field)


def _has_value(entity: Entity, field: str) -> bool:
    return _value(entity, field) is not None or (field == "where" and entity.get("record_kind") == "event")


def _values(entity: Entity, plan: Plan, context: Context) -> Draft:
    draft = Draft()
    found = _first(entity, plan.fields)
    if found is None and "where" in plan.fields and entity.get("record_kind") == "event":
        found = ("where", None)
    if found is None:
        return missing(_no_value(entity, plan, context))
    field, value = found
    if field == "where":
        _where(_venue(entity, draft, context), draft, context)
    else:
        field = "name_hi" if field == "names_hi" else field
        _say_value(entity, field, value, draft, context)
    for told in PLACE_FIELDS if field == "where" else (field,):
        say_conflicts(entity, told, draft, context)
    if field in ("area", "where"):
        lying.say_disputes(entity, draft, context)
    if entity.point:
        draft.points.append(point(entity, context.phrases))
    draft.columns = ["id", "name", field if field != "where" else "address"]
    draft.rows = [[entity.id, entity.name, value if field != "where" else entity.get("address") or entity.get("area")]]
    return draft


def _say_value(entity: Entity, field: str, value: Any, draft: Draft, context: Context) -> None:
    phrases = context.phrases
    draft.say(phrases.lookup(field, entity.shown(phrases.language), value), entity.fact(field))
    draft.short = value if not isinstance(value, bool) else phrases.value(field, value)


def _venue(event: Entity, draft: Draft, context: Context) -> Entity:
    """The place where an event is held; anything else is where it is."""
    rows = context.rows(queries.places_of_events([event.id])) if event.get("record_kind") == "event" else []
    if not rows:
        return event
    properties: Any = rows[0]["properties"]
    place = Entity(properties)
    draft.short = place.name
    names = {"name": event.shown(context.phrases.language), "place": place.shown(context.phrases.language)}
    fact = Fact(str(rows[0]["record"]), "at", place.name, event.name)
    draft.say(context.phrases.say("held_at", **names), fact, place.fact("name"))
    return place


def _where(entity: Entity, draft: Draft, context: Context) -> None:
    phrases, name = context.phrases, entity.shown(context.phrases.language)
    address, field = entity.get("address"), _area_field(entity, context)
    area = entity.get(field)
    if address:
        draft.say(phrases.say("lookup_where", name=name, value=address), entity.fact("address"))
    if area and (not address or key_of(str(area)) not in key_of(str(address))):
        draft.say(phrases.say("lookup_where_area", name=name, value=area), entity.fact(field))
    if entity.point and not address:
        lat, lon = entity.point
        draft.say(phrases.say("lookup_position", name=name, lat=lat, lon=lon), entity.fact("lat"), entity.fact("lon"))
    draft.short = draft.short or address or area or (f"{entity.point[0]}, {entity.point[1]}" if entity.point else None)


def _area_field(entity: Entity, context: Context) -> str:
    """The field that says in which area it is: one that no polygon contradicts."""
    disputed = lying.disputed(entity, context)
    return next((field for field in ("area", "locality") if entity.get(field) and field not in disputed), "")


def check(plan: Plan, context: Context) -> Draft:
    """Whether a thing has a value that the question names."""
    entity, problem = context.one_of(plan.subjects[0], plan)
    if entity is None:
        return problem or missing(plan.subjects[0].text)
    asked = plan.constraints[0]
    if asked.field == "area" and (held := lying.check_held(entity, asked, plan, context)):
        return held
    fields = [asked.field] if asked.field != "area" else ["area", "locality"]
    entity = next(iter(_having([entity], fields)), entity)
    fields = [field for field in fields if entity.get(field) is not None]
    values = [entity.get(field) for field in fields]
    if not values:
        field = context.phrases.field(asked.field)
        return missing(context.phrases.say("no_field", field=field, name=entity.shown(plan.language)))
    field, value = fields[0], values[0]
    holds = _holds(value, asked.value, asked.condition.value if asked.condition else None)
    if asked.field == "area" and not holds and _may_lie_there(field, value, asked):
        names = {"name": entity.shown(plan.language), "area": value, "asked": asked.shown}
        return missing(context.phrases.say("lies_unknown", **names))
    phrases, draft = context.phrases, Draft(short="yes" if holds else "no")
    slots = {"field": phrases.field(field), "name": entity.shown(plan.language), "value": phrases.value(field, value)}
    phrase = "check_no" if not holds and not isinstance(asked.value, bool) else "check_yes" if holds else "lookup"
    draft.say(phrases.say(phrase, asked=asked.shown, **slots), entity.fact(field))
    say_conflicts(entity, field, draft, context)
    return draft


def _may_lie_there(field: str, value: Any, asked: Constraint) -> bool:
    """Only two names of one field, neither in the other and neither an area that is known, are two different areas."""
    known = asked.condition is not None and bool(asked.condition.areas)
    return field != "area" or known or one_in_other(str(value), asked.shown)


def _holds(value: Any, asked: Any, spellings: Any) -> bool:
    if isinstance(asked, bool):
        return (str(value).strip().lower() in YES) == asked
    wanted = {key_of(str(text)) for text in (spellings if isinstance(spellings, list) else [asked])}
    return any(key_of(str(item)) in wanted for item in (value if isinstance(value, list) else [value]))


def describe(plan: Plan, context: Context) -> Draft:
    """What is known about a thing, in a few sentences."""
    entity, problem = context.one_of(plan.subjects[0], plan)
    if entity is None:
        return problem or missing(plan.subjects[0].text)
    entity = entity.as_it_was()
    phrases, draft, name = context.phrases, Draft(), entity.shown(plan.language)
    known = [field for field in ("category", "mode", "area") if field not in lying.disputed(entity, context)]
    area = entity.get("area") if "area" in known else None
    place = ", ".join(str(p) for p in (area, entity.city and phrases.city(entity.city)) if p)
    if place and entity.category:
        category = phrases.thing(entity.category, plural=False)
        if entity.get("record_kind") == "route":
            category = phrases.say("route_of_mode", mode=entity.category)
        facts = [entity.fact(field) for field in known if entity.get(field)]
        facts.append(Fact(facts[0].record, "in_city", phrases.city(entity.city), entity.name))
        draft.say(phrases.say("describe", name=name, category=category, place=place), *facts)
    for field in INTRODUCED:
        value = entity.get(field)
        if value is not None:
            draft.say(phrases.lookup(field, name, value), entity.fact(field))
            say_conflicts(entity, field, draft, context)
    _describe_in_prose(entity, draft)
    if not draft.statements:
        return missing(phrases.say("no_field", field=phrases.field("description"), name=name))
    if entity.get("area") or entity.get("locality"):
        lying.say_disputes(entity, draft, context)
    if entity.point:
        draft.points.append(point(entity, phrases))
    return draft


def _describe_in_prose(entity: Entity, draft: Draft) -> None:
    """The first sentences of the description, in the source's own words."""
    description = entity.get("description")
    if isinstance(description, str):
        for sentence in split_sentences(clean(description))[:2]:
            draft.say(sentence, entity.fact("description"), support="quote")


def compare(plan: Plan, context: Context) -> Draft:
    """Which of two has more or less of a measure."""
    assert plan.order is not None
    pair: list[Entity] = []
    for named in plan.subjects:
        if plan.order.field == "distance":
            placed, problem = place_of(named, plan, context)
            if placed is None:
                return problem or missing(named.text)
            pair.append(placed)
            continue
        entities = [e for e in context.of(named.ids) if e.get(plan.order.field) is not None]
        entities = [e for e in entities if plan.city is None or e.city in (plan.city, "")] or entities
        if len(entities) == 1:
            pair.append(entities[0])
            continue
        entity, problem = context.one_of(named, plan)
        if entity is None:
            return problem or missing(named.text)
        pair.append(entity)
    if plan.order.field == "distance":
        return _compare_distance(plan, pair, context)
    return _compare_values(plan, pair, context)


def _compare_values(plan: Plan, pair: list[Entity], context: Context) -> Draft:
    assert plan.order is not None
    phrases, field = context.phrases, plan.order.field
    for entity in pair:
        if not isinstance(_number(entity.get(field)), float):
            phrase = "no_field" if entity.as_it_was().get(field) is None else "no_field_now"
            return missing(phrases.say(phrase, field=phrases.field(field), name=entity.shown(plan.language)))
    winner, loser = sorted(pair, key=lambda e: _number(e.get(field)) or 0.0, reverse=plan.order.descending)
    draft = Draft(
        columns=["id", "name", field], rows=[[e.id, e.name, e.get(field)] for e in (winner, loser)], ordered=True
    )
    slots = {
        "winner": winner.shown(plan.language),
        "loser": loser.shown(plan.language),
        "field": phrases.field(field),
        "value": phrases.value(field, winner.get(field)),
        "other": phrases.value(field, loser.get(field)),
        "comparative": phrases.say("higher" if plan.order.descending else "lower"),
    }
    equal = _number(winner.get(field)) == _number(loser.get(field))
    draft.say(phrases.say("compare_equal" if equal else "compare", **slots), winner.fact(field), loser.fact(field))
    draft.short = [winner.name, loser.name] if equal else winner.name
    for entity in (winner, loser):
        say_conflicts(entity, field, draft, context)
    draft.points = [point(entity, phrases) for entity in pair if entity.point]
    return draft


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _compare_distance(plan: Plan, pair: list[Entity], context: Context) -> Draft:
    assert plan.order is not None
    assert plan.anchor is not None
    anchor, problem = place_of(plan.anchor, plan, context)
    if anchor is None or anchor.point is None:
        return problem or missing(plan.anchor.text)
    for entity in pair:
        if entity.point is None:
            return missing(context.phrases.say("no_position", name=entity.shown(plan.language)))
    far = {entity.id: metres(anchor.point, entity.point) for entity in pair if entity.point}
    winner, loser = sorted(pair, key=lambda e: far[e.id], reverse=plan.order.descending)
    phrases = context.phrases
    text = phrases.say(
        "compare_farther" if plan.order.descending else "compare_closer",
        winner=winner.shown(plan.language),
        loser=loser.shown(plan.language),
        anchor=anchor.shown(plan.language),
        value=phrases.distance(far[winner.id]),
        other=phrases.distance(far[loser.id]),
    )
    draft = Draft(short=winner.name, columns=["id", "name", "distance_m"], ordered=True)
    draft.rows = [[e.id, e.name, round(far[e.id])] for e in (winner, loser)]
    facts = [e.fact(f) for e in (anchor, winner, loser) for f in ("lat", "lon")]
    draft.say(text, *facts, support="computed", computed=[far[winner.id], far[loser.id]])
    draft.points = [point(anchor, phrases, "anchor"), *(point(e, phrases) for e in pair)]
    return draft
