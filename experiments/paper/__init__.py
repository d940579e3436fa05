"""The report, and the generated tables of the documents."""
