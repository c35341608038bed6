"""Public questions, of generated inputs of the same shape: what is wanted of them."""

import math

from suite.asked import difference, read

ROWS = {"clickbench": 1_000_000, "tpch": 3_000_000, "jsonbench": 2_000_000, "nexmark": 3_000_000}
TITLES = {
    "clickbench": "ClickBench: hits of a web analytics service",
    "tpch": "TPC-H: lineitem",
    "jsonbench": "JSONBench: events of a social network",
    "nexmark": "NEXMark: bids of an auction",
}
FASTER, FASTER_IN_THE_MEAN = 5, 8  # times, than each peer


def compare(question, contenders):
    """Says of each peer whether its answer is fanoutd's."""
    fanoutd, *peers = contenders if contenders and contenders[0].name == "fanoutd" else [None]
    for peer in peers:
        if fanoutd.ran and peer.ran:
            problem = difference(question, read(fanoutd.answer), read(peer.answer))
            peer.same = not problem
            peer.note = f"another answer: {problem}" if problem else ""


def ratios(answered, name):
    """How many times fanoutd's time a peer takes, question by question."""
    found = []
    for _, contenders in answered:
        by_name = {c.name: c for c in contenders}
        fanoutd, peer = by_name.get("fanoutd"), by_name.get(name)
        if fanoutd and fanoutd.ran and peer and peer.ran:
            found.append(peer.ratio_to(fanoutd))
    return found


def geometric_mean(answered, name):
    found = ratios(answered, name)
    return math.exp(sum(map(math.log, found)) / len(found)) if found else None


def goals(answered):
    """What, the figure, and what it should be at least."""
    names = dict.fromkeys(c.name for _, contenders in answered for c in contenders)
    for name in names:
        found = ratios(answered, name) if name != "fanoutd" else []
        if found:
            yield f"{name}'s time / fanoutd's, the least", min(found), FASTER
            mean = geometric_mean(answered, name)
            yield f"{name}'s time / fanoutd's, geometric mean", mean, FASTER_IN_THE_MEAN
