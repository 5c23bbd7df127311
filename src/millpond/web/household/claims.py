"""Claims as a household sees them."""
