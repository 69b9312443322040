"""A vendor that is only simulated: it takes orders, charges for them, needs time, keeps its own books and can fail."""
