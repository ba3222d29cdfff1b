"""Rules of the dialogs: pure functions over content and state, without a clock or input and output."""
