"""The simulated vendor's drawing board: real media for what no operation makes on this machine by itself."""
