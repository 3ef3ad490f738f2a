"""Loading plugins and calling them under guard."""
