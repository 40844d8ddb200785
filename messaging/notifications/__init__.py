"""E-mail owed and sent: who is told what (enqueue), in which words (render_email), and its delivery."""
