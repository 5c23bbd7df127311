"""Logs in the benchmark: statements to fill them with, others who do the same work, a line that is slow."""
