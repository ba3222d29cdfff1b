"""Benchmarks: the floor, a peer and ours in turn, with medians and ratios; never part of the tests."""
