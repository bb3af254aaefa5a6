"""The price of a candidate's tokens."""

import pytest
from stage_making import GOOD, PLAIN, scored

from transfer_prompting.agents.search.token_price import TokenPrice


def test_each_doubling_costs_thrift() -> None:
    """A candidate loses `thrift` for each doubling of its tokens per answer against the cheapest."""
    price = TokenPrice(thrift=0.1, examples=10**9)
    price.add(scored(PLAIN.id, {"dev-1": 1, "dev-2": 2}, tokens=20))
    price.add(scored(GOOD.id, {"dev-1": 1}, tokens=80))
    assert (price.rate(PLAIN.id), price.rate(GOOD.id), price.paid) == (10, 80, 100)
    assert price.price(PLAIN.id) == 0.0
    assert price.price(GOOD.id) == pytest.approx(0.3)


def test_an_equal_request_is_paid_once() -> None:
    """What a program has asked before is free, also for another prompt; the rate counts it all the same."""
    price = TokenPrice(thrift=0.1, examples=10**9)
    first, second = (scored(one.id, {"dev-1": 1}, tokens=50) for one in (PLAIN, GOOD))
    price.add(first.model_copy(update={"requests": {"find": 30, "answer": 20}}))
    price.add(second.model_copy(update={"requests": {"find": 30, "other": 20}}))
    assert (price.paid, price.rate(GOOD.id)) == (70, 50)


def test_the_rate_is_over_all_answers() -> None:
    """Tokens per answer are the mean over all answers so far."""
    price = TokenPrice(thrift=0.1, examples=10**9)
    for tokens, examples in ((20, {"dev-1": 1}), (40, {"dev-2": 2, "dev-3": 3})):
        price.add(scored(GOOD.id, examples, tokens=tokens))
    assert price.rate(GOOD.id) == 20


def test_unknown_tokens_cost_nothing() -> None:
    """A candidate without answers, or with answers whose tokens are not counted, loses nothing."""
    price = TokenPrice(thrift=0.1, examples=10**9)
    price.add(scored(PLAIN.id, {"dev-1": 1}, tokens=0))
    price.add(scored(GOOD.id, {"dev-1": 1}, tokens=8))
    assert [price.price(id_) for id_ in (PLAIN.id, GOOD.id, "unknown")] == [0.0, 0.0, 0.0]
    assert price.rate("unknown") == 0.0


def test_what_few_examples_cannot_show_costs_nothing() -> None:
    """As much of the price is left out as one of all the examples weighs."""
    for examples, expected in ((8, 0.0), (20, 0.05), (100, 0.09)):
        price = TokenPrice(thrift=0.1, examples=examples)
        price.add(scored(PLAIN.id, {"dev-1": 1}, tokens=10))
        price.add(scored(GOOD.id, {"dev-1": 1}, tokens=20))
        assert price.price(GOOD.id) == pytest.approx(expected)
