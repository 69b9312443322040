"""What a person reads after a run: contact sheet and statement."""
