"""What a case is: its file, its tables, its parameters, and the numbers drawn for every world."""
