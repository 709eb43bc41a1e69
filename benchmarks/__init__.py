"""Measurements of what sniper promises; method and results stand in docs/benchmarks.md."""
