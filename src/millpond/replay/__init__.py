"""Real orders, pooled: from records to round files that are cleared, verified and reported."""
