"""Questions become plans: values that name things, filters and order, and say what they did not understand."""

from collections.abc import Callable
from typing import Any

import pytest

from graph.queries import Condition
from retrieval.catalogue import Catalogue
from retrieval.plan import Order, Plan
from retrieval.planning.planner import make_plan

Ask = Callable[..., Plan]


@pytest.fixture
def plan(catalogue: Catalogue) -> Ask:
    def ask(question: str, city: str | None = "suryanagar") -> Plan:
        return make_plan(question, catalogue, city=city)

    return ask


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who runs 14K?", "lookup"),
        ("Does Lotus Pantry serve Chinese food?", "check"),
        ("Tell me about Hiran Fort", "describe"),
        ("How many hospitals are there?", "count"),
        ("list cafes", "list"),
        ("Are there any pharmacies in Motigarh?", "exists"),
        ("cheapest restaurant", "superlative"),
        ("Nearest hospital to Kaveri Museum", "nearest"),
        ("schools within 1 km of Kaveri Museum", "within"),
        ("How far is Hiran Fort from Kaveri Museum?", "distance"),
        ("Which is cheaper, Peepal Leaf or Copper Ladle?", "compare"),
        ("Which routes pass through Planetarium?", "serving"),
        ("direct bus from Imli Gate to Mill Colony", "direct"),
        ("How many stops from Imli Gate to Mill Colony?", "stops_between"),
        ("List the stops of 14K", "route_stops"),
        ("How many stops does 14K have?", "stop_count"),
        ("first and last bus of 14K", "service_hours"),
        ("What comes after Sarovar Ghat on 7R?", "next_stop"),
        ("Does 14K stop at Kothi Bazaar?", "calls_at"),
        ("terminals of 14K", "terminals"),
        ("Who invested in Quillpay?", "funding"),
        ("What happens to the walnut halwa?", "text"),
        ("Distance from Atlantis Tower to Hiran Fort", "unclear"),
    ],
)
def test_each_kind_is_recognised(plan: Ask, question: str, kind: str) -> None:
    assert plan(question).kind == kind


@pytest.mark.parametrize(
    ("question", "field", "op", "value"),
    [
        ("restaurants under 400 rupees", "price_for_two", "<", 400),
        ("restaurants up to ₹500", "price_for_two", "<=", 500),
        ("५०० रुपये से कम के रेस्टोरेंट", "price_for_two", "<", 500),
        ("restaurants rated above 4.3", "rating", ">", 4.3),
        ("restaurants with at least 4 stars", "rating", ">=", 4),
        ("hospitals with more than 100 beds", "beds", ">", 100),
        ("hospitals in 453012", "postcode", "in", ["453012"]),
        ("Thai restaurants", "cuisine", "has", ["Thai"]),
        ("restaurants in Motigarh", "area", "any", ["Motigarh"]),
        ("मोतीगढ़ के रेस्टोरेंट", "area", "any", ["Motigarh"]),
        ("girls schools", "gender", "in", ["Girls"]),
    ],
)
def test_filters_become_conditions(plan: Ask, question: str, field: str, op: str, value: Any) -> None:
    (constraint,) = plan(question).constraints
    assert constraint.condition is not None
    assert (constraint.condition.field, constraint.condition.op, constraint.condition.value) == (field, op, value)


def test_a_range_is_two_conditions(plan: Ask) -> None:
    found = [constraint.condition for constraint in plan("restaurants between 300 and 1000 rupees").constraints]
    assert found == [Condition("price_for_two", ">=", 300), Condition("price_for_two", "<=", 1000)]


@pytest.mark.parametrize(
    ("question", "order", "k"),
    [
        ("cheapest restaurant", Order("price_for_two", False), 1),
        ("three cheapest restaurants", Order("price_for_two", False), 3),
        ("top 2 restaurants", Order("rating", True), 2),
        ("the hospital with the most beds", Order("beds", True), 1),
        ("सबसे महंगा रेस्टोरेंट", Order("price_for_two", True), 1),
        ("most populous area", Order("population", True), 1),
        ("oldest school", Order("founded", False), 1),
    ],
)
def test_superlatives_order_by_a_field(plan: Ask, question: str, order: Order, k: int) -> None:
    found = plan(question)
    assert (found.order, found.k) == (order, k)


@pytest.mark.parametrize(
    ("question", "metres"),
    [
        ("schools within 1 km of Kaveri Museum", 1000),
        ("schools within 750 metres of Kaveri Museum", 750),
        ("Kaveri Museum से 2 किमी के भीतर स्कूल", 2000),
        ("Kaveri Museum se 1.5 km ke andar school", 1500),
    ],
)
def test_distances_are_in_metres(plan: Ask, question: str, metres: float) -> None:
    found = plan(question)
    assert (found.kind, found.distance_m) == ("within", metres)
    assert found.anchor is not None
    assert found.anchor.text == "Kaveri Museum"


@pytest.mark.parametrize(
    ("question", "origin", "goal"),
    [
        ("direct bus from Imli Gate to Mill Colony", "Imli Gate", "Mill Colony"),
        ("direct bus to Mill Colony from Imli Gate", "Imli Gate", "Mill Colony"),
        ("Which bus goes from Mill Colony to Imli Gate without a change?", "Mill Colony", "Imli Gate"),
        ("Imli Gate se Mill Colony seedhi bus", "Imli Gate", "Mill Colony"),
        ("इमली गेट से Mill Colony कौन सी सीधी बस जाती है?", "इमली गेट", "Mill Colony"),
        ("Mill Colony जाने के लिए इमली गेट से सीधी बस", "इमली गेट", "Mill Colony"),
    ],
)
def test_origin_and_destination_follow_the_words(plan: Ask, question: str, origin: str, goal: str) -> None:
    assert [named.text for named in plan(question).subjects] == [origin, goal]


def test_a_city_in_the_question_goes_before_the_one_asked_with(plan: Ask) -> None:
    assert plan("restaurants in Chandrapuri").city == "chandrapuri"
    assert plan("चंद्रपुरी में रेस्टोरेंट").city == "chandrapuri"
    assert plan("restaurants").city == "suryanagar"
    assert plan("restaurants", None).city is None


def test_a_kind_includes_what_lies_below_it(plan: Ask) -> None:
    assert {"restaurant", "cafe", "bar"} <= set(plan("places to eat in Motigarh").categories)
    assert plan("cafes in Motigarh").categories == ("cafe",)


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("vegan restaurants in Motigarh", "vegan"),
        ("restaurants with parking", "parking"),
        ("Who is the chef of Copper Ladle?", "chef"),
        ("population of Motigarh in 1951", "1951"),
        ("population of Motigarh next year", "next year"),
        ("Is Tamarind Courtyard open now?", "open now"),
        ("cafes near Zorblatt Arena", "Zorblatt"),
    ],
)
def test_words_that_nothing_explains_are_told(plan: Ask, question: str, word: str) -> None:
    found = plan(question)
    assert word in found.not_understood or found.kind == "unclear"


def test_small_words_are_no_residue(plan: Ask) -> None:
    asked = "hello, could you please tell me what is the phone number of Tamarind Courtyard, thanks"
    assert plan(asked).not_understood == ()
    assert plan("मुझे कृपया सितारा ढाबा की रेटिंग बताइए").not_understood == ()


def test_a_name_of_several_keeps_them_all(plan: Ask, catalogue: Catalogue) -> None:
    (named,) = plan("phone number of Blue Kettle").subjects
    assert [catalogue.things[id_].area for id_ in named.ids] != []
    assert {catalogue.things[id_].area for id_ in named.ids} == {"Neelkanth Nagar", "Motigarh"}


def test_an_area_behind_the_name_chooses_among_them(plan: Ask, catalogue: Catalogue) -> None:
    for question in ("phone number of Blue Kettle in Motigarh", "Blue Kettle (Motigarh) phone"):
        (named,) = plan(question).subjects
        assert [catalogue.things[id_].area for id_ in named.ids] == ["Motigarh"]


def test_the_public_plan_shows_names_filters_and_unit(plan: Ask, catalogue: Catalogue) -> None:
    names = {id_: thing.name for id_, thing in catalogue.things.items()}
    shown = plan("how many Thai restaurants are there").public(names)
    assert shown["kind"] == "count"
    assert shown["unit"] == "count"
    assert {"field": "cuisine", "op": "=", "value": "Thai"} in shown["constraints"]
    assert {"field": "city", "op": "=", "value": "suryanagar"} in shown["constraints"]
    shown = plan("rating of Sitara Dhaba").public(names)
    assert shown["entities"][0]["names"] == ["Sitara Dhaba"]
    assert shown["unit"] == "stars"


def test_planning_is_pure(plan: Ask) -> None:
    assert plan("three cheapest restaurants in Motigarh") == plan("three cheapest restaurants in Motigarh")
