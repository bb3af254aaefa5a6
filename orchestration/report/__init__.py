"""A run on one page: a self-contained HTML file that opens offline."""
