"""Who may act for an account: members with their roles, and tokens."""
