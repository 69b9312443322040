"""Parameters that several operations share, and what can be said against them before anything is made."""
