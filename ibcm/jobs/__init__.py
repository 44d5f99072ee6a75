"""Jobs: rows that say what work there is, whom it belongs to and how far it got."""
