"""The browser edge: a chat page for trying content and for the demo."""
