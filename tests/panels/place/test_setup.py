"""What the user chose survives a file, and nothing absurd gets in."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.deployment.duty import BATTERIES
from explorer.engine.deployment.link import LINKS
from explorer.engine.deployment.profile import TIERS
from explorer.engine.errors import ExplorerError
from explorer.panels.place import setup as limits
from explorer.panels.place.setup import Setup, from_json


def within(ends: tuple[float, float]) -> st.SearchStrategy[float]:
    return st.floats(*ends)


setups = st.builds(
    Setup,
    tiles=st.fixed_dictionaries({tier: st.text(max_size=5) for tier in TIERS}),
    best=st.booleans(),
    decisions_per_s=st.none() | within(limits.RATES),
    listening=within(limits.LISTENING),
    battery=st.sampled_from([battery.name for battery in BATTERIES]),
    cloud_link=st.sampled_from([link.name for link in LINKS]),
    edge_link=st.sampled_from([link.name for link in LINKS]),
    distance_km=st.none() | within(limits.DISTANCES_KM),
    requests_per_day=within(limits.REQUESTS),
    deadline_ms=within(limits.DEADLINES_MS),
    min_days=st.none() | within(limits.DAYS),
    max_power_mw=st.none() | within(limits.POWERS_MW),
    max_usd=st.none() | within(limits.COSTS_USD),
    sound_stays=st.booleans(),
    slow=st.sampled_from([1, 10]),
    hears=st.booleans(),
    chosen=st.sampled_from(TIERS),
)


@given(setups)
def test_every_setup_survives_a_file(setup: Setup) -> None:
    assert from_json(json.loads(json.dumps(setup.to_json()))) == setup


@given(setups)
def test_every_setup_is_a_scenario_and_constraints(setup: Setup) -> None:
    scenario, constraints = setup.scenario(50.0), setup.constraints(50.0)
    assert scenario.decisions_per_s == constraints.decisions_per_s
    assert scenario.decisions_per_s == (20.0 if setup.decisions_per_s is None else setup.decisions_per_s)
    cloud = scenario.links["cloud"]
    assert cloud is not None
    assert cloud.name == setup.cloud_link
    assert setup.distance_km is None or cloud.distance_km == setup.distance_km
    assert (constraints.max_power_w is None) == (setup.max_power_mw is None)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("deadline_ms", 0),
        ("deadline_ms", -1.0),
        ("deadline_ms", math.inf),
        ("deadline_ms", math.nan),
        ("deadline_ms", None),
        ("deadline_ms", "300"),
        ("deadline_ms", True),
        ("listening", 1.5),
        ("requests_per_day", 1e99),
        ("min_days", 0),
        ("battery", "a potato"),
        ("cloud_link", 7),
        ("slow", 3),
        ("slow", True),
        ("chosen", "moon"),
        ("best", 1),
        ("hears", "yes"),
        ("tiles", ["h100"]),
        ("tiles", {"cloud": 5}),
    ],
)
def test_what_does_not_fit_is_a_sentence_that_names_the_key(key: str, value: object) -> None:
    with pytest.raises(ExplorerError, match=key):
        from_json({key: value})


def test_unknown_keys_of_a_later_version_are_left_out() -> None:
    assert from_json({"colour": "red"}) == Setup()
