"""HTTP: what is asked and answered (`messages`), and the one module that speaks it (`client`)."""
