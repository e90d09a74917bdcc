"""Money: what a million answers cost on a device that was bought and on a machine that is rented by the hour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from explorer.engine.deployment.duty import DAYS_PER_YEAR
from explorer.engine.deployment.energy import weakest_kind
from explorer.engine.deployment.profile import Price
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity

JOULES_PER_KWH, BYTES_PER_GB = 3.6e6, 1e9


ELECTRICITY = Quantity(0.12, "USD/kWh", Kind.CITED, "mlsysim 0.3.0 pricing, 2024-25")
TRANSFER = Quantity(0.09, "USD/GB", Kind.CITED, "mlsysim 0.3.0 pricing, 2024-25")
YEARS = Quantity(3.0, "years", Kind.ASSUMED, "how long a device serves")
UTILISATION = Quantity(0.3, "fraction", Kind.ASSUMED, "how full a rented machine is")


@dataclass(frozen=True, slots=True)
class Rates:
    """What everything else costs, in US dollars.

    Parameters
    ----------
    electricity
        USD per kWh.
    transfer
        USD per GB that crosses the network of the provider.
    years
        How long a bought device serves.
    utilisation
        Share of a rented hour that is filled with requests.
    """

    electricity: Quantity = ELECTRICITY
    transfer: Quantity = TRANSFER
    years: Quantity = YEARS
    utilisation: Quantity = UTILISATION


def rented_per_million(price: Price, latency_ms: Quantity, payload_bytes: float, rates: Rates) -> Quantity:
    """Return what a million answers cost on a machine rented by the hour and shared with others.

    USD/h * time per answer / utilisation + bytes * USD/GB, times a million.
    """
    if not price.per_hour:
        raise ExplorerError("A rented machine needs a price per hour: this one is bought.")

    def per_million(milliseconds: float) -> float:
        machine = price.amount.value / 3.6e6 * milliseconds / rates.utilisation.value
        return 1e6 * (machine + payload_bytes / BYTES_PER_GB * rates.transfer.value)

    return Quantity(
        per_million(latency_ms.value),
        "USD per million",
        weakest_kind(price.amount, latency_ms, rates.utilisation, rates.transfer),
        f"{price.amount.value:g} USD/h ({price.date}), {latency_ms.value:.3g} ms each, "
        f"{rates.utilisation.value:.0%} full; {payload_bytes:,.0f} bytes at {rates.transfer.value:g} USD/GB",
        low=None if latency_ms.low is None else per_million(latency_ms.low),
        high=None if latency_ms.high is None else per_million(latency_ms.high),
    )


def owned_per_million(price: Price, average_power_w: Quantity, requests_per_day: float, rates: Rates) -> Quantity:
    """Return what a million answers cost on a device that was bought and is always on.

    (price / lifetime + electricity of its average power) / requests, times a million: the fewer are asked, the
    dearer is each.
    """
    if price.per_hour:
        raise ExplorerError("A bought device needs a price to buy it: this one is rented by the hour.")
    if requests_per_day <= 0:
        raise ExplorerError("Cost per answer needs more than 0 requests a day.")
    bought = price.amount.value / (rates.years.value * DAYS_PER_YEAR)
    current = average_power_w.value * 86_400 / JOULES_PER_KWH * rates.electricity.value
    return Quantity(
        1e6 * (bought + current) / requests_per_day,
        "USD per million",
        weakest_kind(price.amount, average_power_w, rates.years, rates.electricity),
        f"{price.amount.value:g} USD ({price.date}) over {rates.years.value:g} years + {average_power_w.value:.3g} W "
        f"at {rates.electricity.value:g} USD/kWh, {requests_per_day:,.0f} a day",
    )


def break_even_requests_per_day(price: Price, average_power_w: Quantity, rented: Quantity, rates: Rates) -> Quantity:
    """Return how many answers a day make buying as cheap as renting; above it buying wins.

    Parameters
    ----------
    price, average_power_w
        Of the device that is bought.
    rented
        USD per million of the machine that is rented, from `rented_per_million`.
    rates
        Electricity and the years of service.
    """
    one_a_day = owned_per_million(price, average_power_w, 1.0, rates)
    value = math.inf if rented.value == 0 else one_a_day.value / rented.value
    return Quantity(value, "per day", weakest_kind(one_a_day, rented), f"{one_a_day.source} = {rented.source}")
