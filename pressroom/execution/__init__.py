"""Run one node: reuse, adopt or buy, store, record, capture; the job journal and the records of runs."""
