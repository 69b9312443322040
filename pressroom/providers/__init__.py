"""Where operations are bought or computed: one file per vendor, the local provider, the simulator."""
