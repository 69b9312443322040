"""What people see in a terminal. Progress and tables go to standard error; standard output is for results."""
