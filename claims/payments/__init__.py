"""What was granted and is paid, or isn't yet; payments that nobody claimed."""
