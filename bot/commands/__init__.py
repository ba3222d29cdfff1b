"""What the command line does, a file a command; nothing here is imported before its command is used."""
