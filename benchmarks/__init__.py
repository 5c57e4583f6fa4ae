"""Benchmarks: real servers, interleaved rounds, CPU per request, ratios. `make bench` runs them; README.md explains."""
