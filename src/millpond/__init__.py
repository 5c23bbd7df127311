"""Millpond: many small places pool their demand into production runs, at one price that does not depend on where you live."""

__version__ = "0.1.0"
