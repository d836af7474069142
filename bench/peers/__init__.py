"""What is measured beside this project, and how it gets onto a machine: pinned, and never among the project's own libraries."""
