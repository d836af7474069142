"""A look inside the sandbox: what is there as plain data, as tables, and as one page with a drawing."""
