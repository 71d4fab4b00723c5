"""Benchmarks: every speed is a ratio of two sides measured in turn in one run. Start them by ``make bench``."""
