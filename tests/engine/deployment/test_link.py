"""The network: closed percentiles against a simulation written step by step, and break-evens."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.deployment.break_even import (
    break_even,
    largest_payload_bytes,
    longest_distance_km,
    shortest_deadline_ms,
)
from explorer.engine.deployment.link import (
    AWAKE_SOURCE,
    FEATURES,
    LINKS,
    NOTHING,
    RADIO_SOURCE,
    THE_SOUND,
    LatencyDistribution,
    Link,
    local,
)
from explorer.engine.errors import ExplorerError

WIFI = Link("test", 10e6, 40e6, 15.0, 1000.0, 20.0, 0.01, timeout_ms=200.0, outage=0.002)


def simulate(link: Link, payload_bytes: int, remote_ms: float, count: int) -> np.ndarray:
    """Play every exchange packet by packet: the oracle, which knows nothing of distribution functions."""
    generator = np.random.default_rng(7)
    packets = math.ceil(payload_bytes / 1460) + 1
    fixed = payload_bytes * 8 / link.uplink_bit_per_s * 1e3 + 200 * 8 / link.downlink_bit_per_s * 1e3
    fixed += link.round_trip_ms + 2 * link.distance_km / 200 + remote_ms
    delays = np.empty(count)
    for i in range(count):
        if generator.random() < link.outage:
            delays[i] = math.inf
            continue
        waited, timer = 0.0, link.timeout_ms
        for _ in range(6):
            if not (generator.random(packets) < link.loss).any():
                break
            waited, timer = waited + timer, timer * 2
        else:
            waited = math.inf
        delays[i] = fixed + waited + generator.exponential(link.jitter_ms)
    return delays


@pytest.mark.parametrize("payload", [16, 3920, 32_000])
def test_percentiles_against_simulation(payload: int) -> None:
    delays = np.sort(simulate(WIFI, payload, 3.0, 40_000))
    found = WIFI.exchange(payload, 3.0)
    for share in (0.1, 0.5, 0.9, 0.99):
        # the probability at the simulated percentile must be the share, within 4 standard errors
        reached = found.within(float(delays[int(share * len(delays))]))
        assert reached == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / len(delays)))


def test_what_is_drawn_follows_the_same_distribution() -> None:
    found = WIFI.exchange(32_000, 3.0)
    drawn = found.sample(np.random.default_rng(1), 40_000)
    assert (drawn >= found.floor_ms).all()
    for share in (0.5, 0.95):
        assert (drawn <= found.quantile(share)).mean() == pytest.approx(share, abs=0.005)
    assert np.isinf(drawn).mean() == pytest.approx(found.no_answer, abs=0.001)


def test_the_floor_by_hand() -> None:
    # 32,000 bytes at 10 Mbit/s 25.6 ms, 200 bytes at 40 Mbit/s 0.04 ms, round trip 15, 2 x 1,000 km in fibre 10, 3
    assert WIFI.exchange(32_000, 3.0).floor_ms == pytest.approx(53.64)
    assert WIFI.propagation_ms() == pytest.approx(10.0)


def test_percentiles_of_pure_jitter_by_hand() -> None:
    found = LatencyDistribution(10.0, jitter_ms=20.0)
    assert found.p50_ms == pytest.approx(10 + 20 * math.log(2))
    assert found.p99_ms == pytest.approx(10 + 20 * math.log(100))


def test_a_device_by_itself_always_takes_the_same_time() -> None:
    found = local(43.2)
    assert found.p50_ms == pytest.approx(43.2)
    assert found.p99_ms == pytest.approx(43.2)
    assert found.within(43.19) == 0.0
    assert found.within(43.2) == 1.0
    assert (found.sample(np.random.default_rng(0), 5) == 43.2).all()


def test_an_outage_of_two_percent_leaves_no_p99() -> None:
    found = replace(WIFI, outage=0.02).exchange(16)
    assert math.isfinite(found.p50_ms)
    assert math.isinf(found.p99_ms)


def test_probabilities_add_up() -> None:
    found = WIFI.exchange(32_000)
    assert sum(found.weights) + found.no_answer == pytest.approx(1.0)
    assert found.within(math.inf) == pytest.approx(1 - found.no_answer)


def test_a_percentile_outside_is_refused() -> None:
    with pytest.raises(ExplorerError, match="percentile"):
        WIFI.exchange(1).quantile(1.0)


@pytest.mark.parametrize("wrong", [{"uplink_bit_per_s": 0.0}, {"loss": 1.0}, {"outage": 1.5}, {"jitter_ms": -1.0}])
def test_an_impossible_link_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ExplorerError, match="link test"):
        replace(WIFI, **wrong)  # type: ignore[arg-type]


def test_break_even_distance_meets_the_deadline_exactly() -> None:
    far = longest_distance_km(WIFI, 120.0, 32_000, 3.0, 0.5)
    assert far > 0
    assert replace(WIFI, distance_km=far).exchange(32_000, 3.0).p50_ms == pytest.approx(120.0)
    assert longest_distance_km(WIFI, 20.0, 32_000, 3.0, 0.5) == 0.0
    assert longest_distance_km(replace(WIFI, outage=0.9), 1e6, 16, 0.0, 0.5) == 0.0


def test_break_even_payload_meets_the_deadline_exactly() -> None:
    payload = largest_payload_bytes(WIFI, 120.0, 3.0, 0.5)
    assert WIFI.exchange(payload, 3.0).within(120.0) >= 0.5
    assert WIFI.exchange(payload + 1, 3.0).within(120.0) < 0.5
    assert largest_payload_bytes(WIFI, 20.0, 3.0, 0.5) == 0.0


def test_the_fastest_chip_answers_last_below_this_deadline() -> None:
    deadline = shortest_deadline_ms(WIFI, 32_000, 0.1, 0.99)
    assert deadline > 300  # a hundredth of the answers waits for a lost packet; a microcontroller needs 43 ms
    assert local(43.2).within(deadline) == 1.0


def test_where_the_cloud_stops_winning() -> None:
    # against an M0+ (475 ms) the cloud wins at the median, against an M7 (11 ms) not even with an empty message
    slow = break_even(WIFI, 32_000, 0.1, 474.6)
    assert slow.remote_wins
    assert slow.payload_bytes > 32_000
    assert slow.distance_km > WIFI.distance_km
    assert slow.sentence.startswith("faster elsewhere")
    fast = break_even(WIFI, 32_000, 0.1, 11.3)
    assert not fast.remote_wins
    assert (fast.payload_bytes, fast.distance_km) == (0.0, 0.0)
    assert fast.sentence.startswith("never faster")
    close = break_even(WIFI, 32_000, 0.1, 60.0)
    assert not close.remote_wins
    assert 0 < close.payload_bytes < 32_000
    assert close.distance_km < WIFI.distance_km
    # what is sent at the break-even takes just as long as computing here
    assert WIFI.exchange(close.payload_bytes, 0.1).p50_ms == pytest.approx(60.0, rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(1e3, 1e9), st.floats(0, 20_000), st.floats(0, 200), st.floats(0, 0.2), st.floats(0, 0.5),
    st.floats(0, 1e6), st.floats(0.01, 0.98),
)  # fmt: skip
def test_percentile_and_probability_are_inverse(
    rate: float, distance: float, jitter: float, loss: float, outage: float, payload: float, share: float
) -> None:
    found = Link("x", rate, rate, 10.0, distance, jitter, loss, outage=outage).exchange(payload)
    reached = found.quantile(share)
    if math.isinf(reached):
        assert share > 1 - found.no_answer
    else:
        assert found.within(reached * (1 + 1e-9) + 1e-6) >= share - 1e-9
        assert found.within(reached - 1e-3 * max(1.0, reached)) <= share + 1e-9


def test_what_leaves() -> None:
    assert NOTHING.bytes_per_day(1e6) == 0
    assert THE_SOUND.sound
    assert FEATURES.sound
    assert THE_SOUND.bytes_per_day(100) == 3_200_000


def test_the_radio_stays_awake_after_each_exchange_and_tails_overlap() -> None:
    lte = next(link for link in LINKS if link.name == "4G, data centre")
    # 100 a day, 11.9 s each: 1,190 of 86,400 s when none overlap
    assert lte.awake_share(100 / 86_400) == pytest.approx(1190 / 86_400, rel=0.01)
    assert lte.awake_share(100 / 86_400) < 1190 / 86_400
    assert lte.awake_share(0.0) == 0
    # random arrivals, each keeping it awake: simulated
    rng = np.random.default_rng(3)
    arrivals = np.sort(rng.uniform(0, 1e6, 50_000))  # one every 20 s
    awake_s = np.minimum(np.diff(arrivals), lte.awake_s).sum()
    assert lte.awake_share(0.05) == pytest.approx(awake_s / 1e6, rel=0.01)


def test_a_radio_below_zero_is_refused() -> None:
    with pytest.raises(ExplorerError, match="radio of the link 4G"):
        replace(LINKS[3], awake_s=-1.0)


def test_sending_costs_more_than_computing_here() -> None:
    # 32,000 bytes x 8 x 100 nJ = 25.6 mJ; the published inference on an M4F is 1.82 mJ
    wifi = next(link for link in LINKS if link.name == "Wi-Fi, same room")
    assert wifi.send_microjoules(32_000).value == pytest.approx(25_600)


def test_shipped_links_have_a_p99() -> None:
    for link in LINKS:
        assert math.isfinite(link.exchange(16).p99_ms), link.name
        assert link.source
        sources = {name: quantity.source for name, quantity in link.quantities().items()}
        assert sources["send_nanojoules_per_bit"] == RADIO_SOURCE
        assert sources["awake_w"] == sources["awake_s"] == AWAKE_SOURCE
        assert {sources[name] for name in sources if not name.startswith(("send", "awake"))} == {link.source}
