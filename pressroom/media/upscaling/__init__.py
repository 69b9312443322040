"""More pixels than there were: learned filters, or a network of the user's."""
