"""The subject without its background: candidate masks, the choice among them, the soft outline."""
