"""Questions from people: the page, the stored answers and the one service through which every way in asks."""
