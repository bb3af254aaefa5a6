"""Studies: tables of runs over targets, models, arms and seeds, and how they are carried out."""
