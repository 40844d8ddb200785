"""E-mail owed and sent: who is told what (owing), in which words (rendering), and its delivery."""
