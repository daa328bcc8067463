"""What several looks together tell: plates at several scenes, plates that travel together. Pure, over columns."""
