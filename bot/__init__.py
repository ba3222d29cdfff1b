"""The application: everything with a clock, a database or a process."""
