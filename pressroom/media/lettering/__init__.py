"""Words on pictures: where they may stand, how they are stacked, and what makes them readable."""
