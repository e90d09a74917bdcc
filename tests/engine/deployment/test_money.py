"""Prices per million answers, worked out by hand."""

from __future__ import annotations

import pytest

from explorer.engine.deployment.money import Rates, break_even_requests_per_day, owned_per_million, rented_per_million
from explorer.engine.deployment.profile import Price
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity

HOURLY = Price(Quantity(3.6, "USD/h", Kind.CITED, "test"), "2025-01-01")
BOUGHT = Price(Quantity(10.0, "USD", Kind.CITED, "test"), "2025-01-01")
LATENCY = Quantity(1.0, "ms", Kind.CITED, "test", low=0.5, high=2.0)
POWER = Quantity(1.0, "W", Kind.CITED, "test")


def test_renting_by_hand() -> None:
    # 3.6 USD/h = 1e-6 USD per ms; 30 % full: 3.33 USD per million; 32,000 bytes x 1e6 = 32 GB x 0.09 = 2.88 USD
    found = rented_per_million(HOURLY, LATENCY, 32_000, Rates())
    assert found.value == pytest.approx(1 / 0.3 + 2.88)
    assert found.low == pytest.approx(0.5 / 0.3 + 2.88)
    assert found.high == pytest.approx(2 / 0.3 + 2.88)
    assert "2025-01-01" in found.source


def test_owning_by_hand() -> None:
    # 10 USD over 1,095.75 days + 0.024 kWh a day x 0.12 USD, for a million a day
    found = owned_per_million(BOUGHT, POWER, 1e6, Rates())
    assert found.value == pytest.approx(10 / 1095.75 + 0.024 * 0.12)
    assert owned_per_million(BOUGHT, POWER, 1e3, Rates()).value == pytest.approx(1000 * found.value)


def test_at_the_break_even_both_cost_the_same() -> None:
    rented = rented_per_million(HOURLY, LATENCY, 32_000, Rates())
    requests = break_even_requests_per_day(BOUGHT, POWER, rented, Rates()).value
    assert owned_per_million(BOUGHT, POWER, requests, Rates()).value == pytest.approx(rented.value)
    free = Quantity(0.0, "USD per million", Kind.ASSUMED, "test")
    assert break_even_requests_per_day(BOUGHT, POWER, free, Rates()).value == float("inf")


def test_assumptions_are_not_lost() -> None:
    assert owned_per_million(BOUGHT, POWER, 1.0, Rates()).kind is Kind.ASSUMED  # the years of service are


def test_mixed_up_prices_are_refused() -> None:
    with pytest.raises(ExplorerError, match="per hour"):
        rented_per_million(BOUGHT, LATENCY, 0, Rates())
    with pytest.raises(ExplorerError, match="rented by the hour"):
        owned_per_million(HOURLY, POWER, 1.0, Rates())
    with pytest.raises(ExplorerError, match="more than 0"):
        owned_per_million(BOUGHT, POWER, 0.0, Rates())
