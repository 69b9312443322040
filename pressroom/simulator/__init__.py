"""The vendors' APIs, played on this machine: real requests, real files, play money. For rehearsals and tests."""
