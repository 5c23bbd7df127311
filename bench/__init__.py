"""Benchmarks: instances, peers and the run that writes `bench/RESULTS.md`. See `bench/README.md`."""
