"""How decisions went: counted by day, shown to sellers and to the desk's seniors."""
