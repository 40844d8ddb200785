"""Policy files in: checked as a whole, kept as versions."""
