"""Plan -> evidence -> sentences that cite it. One module per family of questions."""
