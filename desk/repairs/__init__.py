"""Put right what went wrong: correct, redact, move a deadline, release an appeal."""
